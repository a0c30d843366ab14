package import Checkpoints
internal import FileFormats
internal import ModelImport
internal import PythonSyntax

/// A network that a file holds as code: its graph is known once the shapes of its inputs are.
///
/// The code branches and loops on shapes, so it is followed for given ones.
package struct NetworkCode: @unchecked Sendable {
  // The modules are read alone after they are made: each run has a copy of what it may change.
  private let network: CodeModule
  private let library: any CodeLibrary
  private let tensors: CodeTensors
  private let constants: [CodeValue]
  private let heap: (lists: [[CodeValue]], dictionaries: [CodeDictionary])

  /// Names of the data that a user feeds, in order.
  package let inputNames: [String]

  /// Joins the parts.
  ///
  /// - Throws: `CodeRefusal` for a network without `forward`, or one whose inputs are no tensors.
  init(
    _ network: CodeModule, library: any CodeLibrary, tensors: CodeTensors,
    constants: [CodeValue] = [],
    heap: (lists: [[CodeValue]], dictionaries: [CodeDictionary]) = ([], [])
  ) throws {
    self.network = network
    self.library = library
    self.tensors = tensors
    self.constants = constants
    self.heap = heap
    guard let type = network.type,
      let function = try type.lineage(in: library).lazy.compactMap({ $0.functions["forward"] })
        .first
    else {
      throw CodeRefusal("\(network.typeName): the file does not hold its forward")
    }
    inputNames = function.parameters.dropFirst().filter {
      $0.stars == 0 && $0.defaultValue == nil && !Self.isOptional($0.type)
    }.map(\.name)
    guard !inputNames.isEmpty else { throw CodeRefusal("its forward takes no data") }
    guard Set(inputNames).count == inputNames.count else {
      throw CodeRefusal("its forward has two arguments of one name")
    }
  }

  private static func isOptional(_ type: PythonExpression?) -> Bool {
    if case .element(.name("Optional"), _)? = type { true } else { false }
  }

  /// Tensors of the state dict in its order.
  package var storedTensors: [StoredTensor] { tensors.stored }

  /// The graph for inputs of given shapes.
  ///
  /// - Parameters:
  ///   - inputs: Data in the order of `inputNames`, samples first.
  ///   - isFlattened: Whether the first input is made a row of numbers before the network gets it.
  ///   - format: What errors call the file.
  /// - Returns: The graph with its tensors.
  /// - Throws: `FileFormatError` naming the module and the line of source that has no meaning here.
  func contents(
    inputs: [ProgramInput], isFlattened: Bool, format: String
  ) throws(FileFormatError) -> GraphContents {
    do {
      let tracer = try ProgramTracer(inputs: inputs, tensors: tensors.tensors)
      let interpreter = CodeInterpreter(library: library, tracer: tracer, constants: constants)
      interpreter.lists = heap.lists
      interpreter.dictionaries = heap.dictionaries
      var values = inputs.map { CodeValue.tensor($0.name) }
      if isFlattened, let first = values.first {
        values[0] = try interpreter.operate(
          "flatten", CodeArguments(positional: [first, .integer(1)]))
      }
      let result = try interpreter.forward(
        network.copy(),
        CodeArguments(named: zip(inputNames, values).map { ($0, $1) }))
      interpreter.tracer.finish(outputs: try interpreter.outputs(of: result, depth: 0))
      return GraphContents(program: interpreter.tracer.program, tensors: tensors.stored)
    } catch let error as CodeRefusal {
      throw FileFormatError(.unsupported, format: format, error.description)
    } catch let error as ImportError {
      throw FileFormatError(.unsupported, format: format, error.description)
    } catch let error as FileFormatError {
      throw error
    } catch {
      throw FileFormatError(.malformed, format: format, "\(error)")
    }
  }
}

extension CodeModule {
  /// A module that a run may change without changing this one; shared parts stay shared.
  func copy() -> CodeModule {
    var copies: [ObjectIdentifier: CodeModule] = [:]
    return copy(&copies)
  }

  private func copy(_ copies: inout [ObjectIdentifier: CodeModule]) -> CodeModule {
    if let known = copies[ObjectIdentifier(self)] { return known }
    let result = CodeModule(typeName: typeName, type: type, path: path)
    copies[ObjectIdentifier(self)] = result
    result.attributes = attributes.mapValues { value in
      if case .module(let module) = value { .module(module.copy(&copies)) } else { value }
    }
    result.children = children.map { ($0.name, $0.module.copy(&copies)) }
    return result
  }
}

extension CodeInterpreter {
  /// Names of the tensors that a network gives, in order; what is no tensor keeps its place.
  func outputs(of value: CodeValue, depth: Int) throws -> [String] {
    guard depth < 8 else { throw CodeRefusal("gives results nested more than 8 deep") }
    switch value {
    case .tensor(let name): return [name]
    case .tuple, .list:
      return try elements(of: value).flatMap { try outputs(of: $0, depth: depth + 1) }
    case .dictionary(let index):
      return try dictionaries[index].elements.flatMap { try outputs(of: $0, depth: depth + 1) }
    case .object:
      return try elements(of: value).flatMap { try outputs(of: $0, depth: depth + 1) }
    default: return [""]
    }
  }
}
