package import ComputationGraph
package import NeuralNetworks
internal import Settings

/// A model that somebody else defined and exported as a graph.
///
/// Equal programs with equal settings are equal models.
package struct ImportedModel: StoredModelDefinition {
  package static let kind = "program"

  /// The program that was exported.
  package var program: GraphProgram { storage.program }
  /// Which of its outputs is the model's.
  package let output: Int
  package let modelName: String
  package let inputs: [ModelInput]
  package let outputScale: OutputScale
  package let warnings: [String]
  package var readsNamedArrays: Bool { true }

  private let storage: Storage

  /// A program with what reading it once has shown.
  private final class Storage: Sendable {
    let program: GraphProgram
    let plan: ProgramPlan
    let roles: [Int: (role: ParameterRole, filterAxis: Int)]
    let hash: Int

    init(
      _ program: GraphProgram, _ plan: ProgramPlan,
      _ roles: [Int: (role: ParameterRole, filterAxis: Int)]
    ) {
      self.program = program
      self.plan = plan
      self.roles = roles
      hash = program.hashValue
    }
  }

  /// Reads a program once, for one sample, to see whether it can be read and what its parameters do.
  ///
  /// - Parameters:
  ///   - program: What a file says.
  ///   - name: Name for people.
  ///   - output: Which of its outputs is the model's.
  /// - Throws: `ImportError` naming the first operator that cannot be read, and why.
  package init(_ program: GraphProgram, name: String, output: Int = 0) throws(ImportError) {
    let plan = ProgramPlan(program, output: output)
    guard program.outputs.indices.contains(output) else {
      throw ImportError(
        "has \(program.outputs.count) output(s); choose one with \(.modelOutput), from 0 on")
    }
    try plan.checkOperators(program)
    try Self.checkTensors(program)
    try Self.checkInputs(program)
    let reading: Reading
    do {
      reading = try Self.read(
        program, plan, roles: [:], output: output, inputs: program.inputs.map(Self.plainInput),
        builder: nil)
    } catch let error as ImportError {
      throw error
    } catch let error as Refusal {
      throw ImportError(error.reason)
    } catch {
      throw ImportError("\(error)")
    }
    let uses = reading.uses
    inputs = zip(program.inputs, reading.inputs).map { input, value in
      let plain = Self.plainInput(input)
      guard input.element == .integer, let bound = uses.bounds[value] else { return plain }
      return ModelInput(plain.name, plain.shape, kind: .index(bound: bound))
    }
    self.output = output
    outputScale = reading.builder.graph.scale(of: reading.output)
    warnings =
      reading.hasRecurrenceOfOneStep
      ? [
        "a recurrence sees one step of each sample: if the file has the steps of a sequence as samples, "
          + "they do not follow one another here"
      ] : []
    modelName = name
    storage = Storage(program, plan, uses.roles)
  }

  private static func plainInput(_ input: ProgramInput) -> ModelInput {
    let shape = Shape(input.shape.dropFirst().map { $0 ?? 1 })
    // Whole numbers that choose no rows, like a mask, are numbers like any others.
    return ModelInput(input.name, shape)
  }

  private static func checkTensors(_ program: GraphProgram) throws(ImportError) {
    guard program.tensors.contains(where: { $0.kind == .parameter }) else {
      throw ImportError("has no parameters to take derivatives by")
    }
    var names: Set<String> = []
    for tensor in program.tensors {
      guard names.insert(tensor.name).inserted else {
        throw ImportError("two tensors have the name \(tensor.name)")
      }
      guard tensor.shape.allSatisfy({ (0...1 << 32).contains($0) }),
        tensor.shape.reduce(1.0, { $0 * Double($1) }) < 0x1p40
      else { throw ImportError("tensor \(tensor.name) has the shape \(tensor.shape)") }
    }
  }

  private static func checkInputs(_ program: GraphProgram) throws(ImportError) {
    guard !program.inputs.isEmpty else { throw ImportError("has no inputs") }
    for input in program.inputs {
      guard let first = input.shape.first else {
        throw ImportError(
          "input \(input.name) is a single number; export it as part of the model")
      }
      if let first, first != 1 {
        throw ImportError(
          "input \(input.name) has a fixed batch of \(first); export one sample: "
            + "torch.export.export(model, (x[:1],))")
      }
      if input.shape.dropFirst().contains(where: { $0 == nil }) {
        throw ImportError(
          "input \(input.name) has more axes of unknown extent than that of the samples; "
            + "export it with one size")
      }
      if input.shape.contains(where: { ($0 ?? 1) < 1 || ($0 ?? 1) > 1 << 28 }) {
        throw ImportError("input \(input.name) has the shape \(input.shape.map { $0 ?? 1 })")
      }
    }
  }

  package func build(
    _ inputs: [Value], in builder: inout ModelBuilder
  ) throws(ShapeError) -> [Value] {
    do {
      let reading = try Self.read(
        program, storage.plan, roles: storage.roles, output: output, inputs: self.inputs,
        values: inputs, builder: builder)
      builder = reading.builder
      return [reading.output]
    } catch let error as ShapeError {
      throw error
    } catch {
      throw ShapeError("import", "\(error)")
    }
  }

  private struct Reading {
    let builder: ModelBuilder
    let inputs: [Value]
    let output: Value
    let uses: ParameterUses
    let hasRecurrenceOfOneStep: Bool
  }

  private static func read(
    _ program: GraphProgram, _ plan: ProgramPlan,
    roles: [Int: (role: ParameterRole, filterAxis: Int)], output: Int, inputs: [ModelInput],
    values given: [Value]? = nil, builder: ModelBuilder?
  ) throws -> Reading {
    var values = given ?? []
    var builder = builder ?? ModelBuilder(graph: Graph(), mode: .inference)
    if given == nil {
      values = inputs.map {
        builder.graph.input($0.name, Shape([1] + $0.shape.dimensions), role: .batch)
      }
    }
    let batch = values.first.map { builder.graph.shape(of: $0)[0] } ?? 1
    var reader = try ProgramReader(
      program, plan: plan, inputs: values, roles: roles, in: builder, batch: batch)
    let result = try reader.run(output: output)
    return Reading(
      builder: reader.builder.builder, inputs: values, output: result, uses: reader.builder.uses,
      hasRecurrenceOfOneStep: reader.builder.hasRecurrenceOfOneStep)
  }

  // MARK: - In files

  private enum CodingKeys: String, CodingKey {
    case program, name, output
  }

  /// Reads a program, and checks that it can be read.
  ///
  /// - Throws: `DecodingError` saying what is wrong with the program.
  package init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    let program = try container.decode(GraphProgram.self, forKey: .program)
    do {
      try self.init(
        program, name: container.decode(String.self, forKey: .name),
        output: container.decode(Int.self, forKey: .output))
    } catch let error as ImportError {
      throw DecodingError.dataCorrupted(
        .init(codingPath: decoder.codingPath, debugDescription: error.description))
    }
  }

  /// Writes program, name and output.
  package func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(program, forKey: .program)
    try container.encode(modelName, forKey: .name)
    try container.encode(output, forKey: .output)
  }

  // MARK: - Identity

  package static func == (a: ImportedModel, b: ImportedModel) -> Bool {
    a.output == b.output && a.modelName == b.modelName
      && (a.storage === b.storage
        || a.storage.hash == b.storage.hash && a.program == b.program)
  }

  package func hash(into hasher: inout Hasher) {
    hasher.combine(storage.hash)
    hasher.combine(output)
  }
}
