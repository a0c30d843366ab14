internal import ComputationGraph
internal import NeuralNetworks

/// Makes a program one operator at a time, for inputs of known shapes, and says what each result is.
///
/// Who makes a program of code needs shapes on the way: code branches and loops on them. They come from
/// the rules that read the program afterwards, so there is one meaning of every operator.
package struct ProgramTracer {
  /// The program so far.
  package private(set) var program: GraphProgram
  private var reader: ProgramReader
  private var counts: [String: Int] = [:]

  /// Begins with inputs and tensors.
  ///
  /// - Parameters:
  ///   - inputs: Data, samples first.
  ///   - tensors: What a file stores; their first values name them.
  /// - Throws: `ImportError` for a shape that no memory holds.
  package init(inputs: [ProgramInput], tensors: [ProgramTensor]) throws(ImportError) {
    program = GraphProgram(
      dialect: .aten, inputs: inputs, tensors: tensors, nodes: [], outputs: [])
    do {
      var builder = ModelBuilder(graph: Graph(), mode: .inference)
      var values: [Value] = []
      for input in inputs {
        let shape = [1] + input.shape.dropFirst().map { $0 ?? 1 }
        try Extents.count(shape)
        values.append(builder.graph.input(input.name, Shape(shape), role: .batch))
      }
      reader = try ProgramReader(
        program, plan: ProgramPlan(program, output: 0), inputs: values, roles: [:], in: builder,
        batch: 1)
    } catch {
      throw ImportError((error as? Refusal)?.reason ?? "\(error)")
    }
  }

  /// Appends an operator.
  ///
  /// - Parameters:
  ///   - operation: Its name with its overload, like `aten.max.dim`.
  ///   - arguments: Operands and settings.
  ///   - resultCount: Number of its results; nil for one list of tensors.
  ///   - module: Path of the module that it belongs to.
  ///   - source: The line of source that calls it.
  /// - Returns: Names of the results. An operator that writes in place gives the name of its first
  ///   operand; results that no rule makes have empty names.
  /// - Throws: `ImportError` naming operator, module and line.
  package mutating func append(
    _ operation: String, _ arguments: [ProgramArgument], resultCount: Int?, module: String,
    source: String
  ) throws(ImportError) -> [String] {
    let title = operation.split(separator: ".").dropFirst().first.map(String.init) ?? operation
    var node = ProgramNode(
      operation: operation, arguments: arguments,
      outputs: (0..<(resultCount ?? 0)).map { _ in newName(title) }, module: module, source: source)
    let results: [LogicalTensor]
    do {
      results = try reader.append(node)
    } catch let error as ImportError {
      throw error
    } catch {
      let reason = (error as? Refusal)?.reason ?? "\(error)"
      throw ImportError(ProgramReader.description(of: node, reason))
    }
    if resultCount == nil {
      node.outputs = results.map { _ in newName(title) }
      for (name, result) in zip(node.outputs, results) { reader.bind(name, to: result) }
    }
    for index in node.outputs.indices where index >= results.count { node.outputs[index] = "" }
    program.nodes.append(node)
    let writesInPlace = title.hasSuffix("_") && !title.hasSuffix("__")
    if writesInPlace, case .value(let target)? = arguments.first?.value { return [target] }
    return node.outputs
  }

  /// Says which values are handed out.
  package mutating func finish(outputs: [String]) { program.outputs = outputs }

  /// Shape of a value for one sample; nil for a name of nothing.
  package func shape(of name: String) -> [Int]? { reader[name]?.shape }

  /// What the numbers of a value are; nil for a name of nothing.
  package func element(of name: String) -> ProgramElement? { reader[name]?.element }

  /// The numbers of a value in C order, where they depend on no data and no parameter.
  ///
  /// - Complexity: Linear in their number.
  package func numbers(of name: String) -> [Double]? { reader[name]?.host?.elements }

  private mutating func newName(_ title: String) -> String {
    let count = counts[title, default: 0]
    counts[title] = count + 1
    return count == 0 ? "%\(title)" : "%\(title)_\(count)"
  }
}

extension GraphProgram {
  /// Whether dropout draws or batch norms use the samples of a batch, as the program says it; it is read for
  /// evaluation all the same.
  package var isInTrainingMode: Bool { ProgramPlan(self, output: 0).isInTrainingMode(self) }
}
