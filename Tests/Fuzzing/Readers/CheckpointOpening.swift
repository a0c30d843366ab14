internal import Checkpoints
internal import ComputationGraph
internal import FileFormats
internal import Foundation
internal import GraphFiles
internal import ModelImport
internal import NeuralNetworks

/// What commands do with a path of a network, without data: every reader is asked in their order.
enum CheckpointOpening {
  /// Samples that networks are recognised for.
  private static let inputs: [Architecture.Input] = [
    .image(channels: 3, height: 32, width: 32), .features(5), .tokens(length: 5, vocabulary: 11),
  ]

  /// Inputs of transformers: tokens, with masks and types, and images.
  private static let transformersInputs: [TransformersInputs] =
    [["input_ids"], ["input_ids", "attention_mask", "token_type_ids"]].map { names in
      TransformersInputs(
        names.map { TransformersInputs.Input(name: $0, shape: [6], isInteger: true) },
        source: "data")
    } + [
      TransformersInputs(
        [TransformersInputs.Input(name: "images", shape: [3, 8, 8], isInteger: false)],
        source: "data")
    ]

  /// Opens a file or folder as far as data are not needed.
  static func open(_ path: String) throws {
    if CodeFile.isCodeFile(path) {
      let code = try CodeFile.read(path)
      precondition(
        code.contents.tensors.allSatisfy { $0.floats().count == $0.array.floats().count })
      return try follow(code)
    }
    if GraphFile.isGraphFile(path) {
      let graph = try GraphFile.read(path)
      _ = graph.warnings()
      _ = try graph.trainedModel(name: "graph")
      return
    }
    let contents = try CheckpointFile.read(path)
    for other in contents.otherParts.prefix(3) { _ = try? CheckpointFile.read(path, part: other) }
    _ = contents.recordedAccuracy
    if try TrainedModelMetadata(contents) != nil {
      _ = try TrainedModel.readDescribed(contents)
      return
    }
    if contents.isTransformersFolder {
      for inputs in transformersInputs.dropLast() {
        if (try? TrainedModel.transformers(contents, data: inputs)) != nil { return }
      }
      _ = try TrainedModel.transformers(contents, data: transformersInputs[2])
      return
    }
    if let code = try? contents.networkCode(), (try? follow(code)) != nil { return }
    _ = try? TrainedModel(contents, model: network)
  }

  /// Any network: what a file lacks of it is told.
  private static let network: Model = {
    do {
      return try LayerNetwork("conv(2,3) batchnorm relu flatten linear(10)", input: inputs[0])
        .recipe.model()
    } catch {
      preconditionFailure("\(error)")
    }
  }()

  /// Looks for the architecture of a file, which takes longer than reading it.
  static func recognize(_ path: String) throws {
    let contents = try CheckpointFile.read(path)
    for input in inputs {
      _ = try? TrainedModel.recognized(contents, name: nil, inputs: [input], outputCount: 10)
    }
    _ = try? TrainedModel.recognized(contents, name: "lenet", inputs: inputs, outputCount: 10)
    _ = try TrainedModel.recognized(contents, name: nil, inputs: inputs, outputCount: 10)
  }

  /// Follows code for samples of a few shapes, until one suits it.
  static func follow(_ code: CodeFile) throws {
    let shapes: [[Int?]] = [[1, 3], [1, 5], [1, 1, 4, 4]]
    for shape in shapes.dropLast() where (try? follow(code, shape)) != nil { return }
    try follow(code, shapes[2])
  }

  private static func follow(_ code: CodeFile, _ shape: [Int?]) throws {
    let inputs = code.inputNames.map { ProgramInput(name: $0, element: .real, shape: shape) }
    _ = try code.graph(inputs: inputs).graph.trainedModel(name: "code")
  }
}

/// Checkpoints of this toolkit.
enum TrainedSeed {
  /// The tensors of an architecture for small images, without a word of what they are.
  static func named(_ name: String) throws -> [UInt8] {
    let input = Architecture.Input.image(channels: 3, height: 32, width: 32)
    return try encoded(
      Model(Architecture.named(name, input: input, classCount: 2)), metadata: [:])
  }

  /// A layer list with its weights.
  static func layers() throws -> [UInt8] {
    let input = Architecture.Input.image(channels: 1, height: 4, width: 4)
    let model = try LayerNetwork("conv(2,3) batchnorm relu flatten linear(3)", input: input).recipe
      .model()
    let metadata = TrainedModelMetadata(
      recipe: model.recipe, dataPath: "digits", dataName: "digits", normalization: "none",
      training: "{}", epoch: 1, results: ["validation.accuracy": 0.5])
    return try encoded(model, metadata: metadata.dictionary)
  }

  private static func encoded(_ model: Model, metadata: [String: String]) throws -> [UInt8] {
    let segments =
      model.layout.segments.map { ($0.name, $0.shape.dimensions) }
      + model.bufferLayout.segments.map { ($0.name, $0.shape.dimensions) }
    let tensors = try segments.map { name, shape in
      // Short elements: the header is what matters.
      Safetensors.Tensor(
        name: name,
        array: try NumericArray(
          type: .float16, shape: shape,
          bytes: [UInt8](repeating: 0x30, count: 2 * shape.reduce(1, *)), format: "seed"))
    }
    return try Safetensors(tensors: tensors, metadata: metadata).encoded()
  }
}
