import Analyses
import Datasets
import ArgumentParser
import Checkpoints
import CommandSupport
import DigitsReference
import FileFormats
import Foundation
import LinearAlgebra
import NeuralNetworks
import TestSupport
import Testing

/// Checkpoints of one training, of which only the last is looked at to find out what the network is.
@Suite struct OpenedTrajectoryTests {
  private func open(
    _ files: [String], graph: String? = nil, _ arguments: [String] = []
  ) throws -> OpenedTrajectory {
    try OpenedTrajectory(
      CheckpointSeries.find(files, order: .given, areOne: true), graph: graph,
      ModelOptions.parse(arguments).configuration(for: .train))
  }

  private func points(_ opened: OpenedTrajectory) throws -> [TrajectoryPath.Content] {
    try opened.paths[0].checkpoints.map { try $0.read() }
  }

  /// The weights of the reference, and others that nobody would recognise by their loss.
  private func variants(_ trained: TrainedModel) -> [TrainedModel] {
    var noise = RandomStream(seed: 4, label: "test")
    return (0..<3).map { index in
      var variant = trained
      guard index < 2 else { return variant }
      variant.point.weights.elements = noise.normalVector(
        count: trained.model.layout.count, as: Float.self)
      variant.point.buffers.elements.scale(by: Float(index + 1))
      return variant
    }
  }

  @Test(arguments: DigitsReference.Network.allCases)
  func checkpointsOfATrainingSayTheirEpochs(network: DigitsReference.Network) throws {
    let reference = try DigitsReference(network)
    let metadata = try TrainedModel.readDescribed(CheckpointFile.read(reference.path)).metadata
    try withTemporaryFolder { url in
      let variants = variants(reference.trained)
      let files = (0..<3).map { url.path + "/epoch-\($0).ckpt" }
      for (index, file) in files.enumerated() {
        var own = metadata
        own.epoch = 7 * index
        try variants[index].write(to: file, metadata: own)
      }
      let opened = try open(files, ["--samples", "8"])
      let contents = try points(opened)
      #expect(contents.map(\.epoch) == [0, 7, 14])
      #expect(contents.map(\.point) == variants.map(\.point))
      #expect(try contents.map(\.sha256) == files.map { try SHA256.hexDigest(ofFile: $0) })
      #expect(opened.centre.trained.point == variants[2].point)
    }
  }

  /// As another program writes them: other names, nothing said of network, data or normalisation.
  @Test(arguments: DigitsReference.Network.allCases)
  func checkpointsOfOtherProgramsAreReadAsTheLastOne(network: DigitsReference.Network) throws {
    let reference = try DigitsReference(network)
    try withTemporaryFolder { url in
      let variants = variants(reference.trained)
      let files = ["c.safetensors", "b.safetensors", "a.safetensors"].map { url.path + "/" + $0 }
      for (file, variant) in zip(files, variants) {
        try CheckpointFile.write(
          variant.storedTensors.map { StoredTensor(name: "stage_" + $0.name, array: $0.array) },
          metadata: [:], to: file)
      }
      let opened = try open(files, ["--data", "digits", "--samples", "64"])
      let contents = try points(opened)
      for (content, variant) in zip(contents, variants) {
        #expect(content.point.weights.elements == variant.point.weights.elements)
        #expect(content.point.buffers.elements == variant.point.buffers.elements)
        #expect(content.epoch == nil)
      }
    }
  }

  @Test func checkpointsOfOtherNetworksAreNamed() throws {
    let (mlp, resnet) = (try DigitsReference(.mlp), try DigitsReference(.resnet))
    let own = try open([resnet.path, mlp.path, mlp.path], ["--samples", "8"])
    let error = #expect(throws: CheckpointError.self) { try own.paths[0].checkpoints[0].read() }
    #expect(error?.description.hasPrefix(resnet.path) == true)
    #expect(error?.description.contains("give checkpoints of one network") == true)
    let whole = mlp.trained.storedTensors
    func refusal(_ tensors: [StoredTensor]) throws -> String {
      let file = try temporaryPath("foreign.safetensors")
      try CheckpointFile.write(tensors, metadata: [:], to: file)
      let opened = try open([file, mlp.path], ["--samples", "8"])
      let error = #expect(throws: CheckpointError.self) {
        try opened.paths[0].checkpoints[0].read()
      }
      return error?.description ?? ""
    }
    let missing = try refusal(Array(whole.dropLast()))
    #expect(missing.contains("is missing, but mlp-16 has it; give checkpoints of one network"))
    var tensors = whole
    tensors[0] = StoredTensor(
      name: whole[0].name, array: NumericArray([Float](repeating: 0, count: 4), shape: [2, 2]))
    let small = try refusal(tensors)
    #expect(small.contains("has shape [2, 2]"))
    tensors = whole
    tensors[1] = StoredTensor(
      name: whole[1].name,
      array: NumericArray(
        [Float](repeating: .infinity, count: whole[1].array.count), shape: whole[1].shape))
    let endless = try refusal(tensors)
    #expect(endless.contains("element 0 is inf; the training that wrote it diverged"))
  }

  @Test(arguments: [TransformersReference.Network.gpt2, .llama, .qwen2, .bertMasked])
  func foldersOfTransformersAreReadAsTheFirstOne(network: TransformersReference.Network) throws {
    let reference = try TransformersReference(network)
    let opened = try open(
      [reference.model, reference.model, reference.model], ["--data", reference.data])
    for content in try points(opened) { #expect(content.point == opened.centre.trained.point) }
  }

  @Test(.enabled(if: SharedData.has("import/models"), SharedData.note))
  func aGraphTakesTheWeightsOfEveryCheckpoint() throws {
    for name in ["gpt", "vit", "mobile"] {
      let graph = try SharedData.url("import/models/\(name).pt2").path
      let data = try SharedData.url("import/models/\(name).npz").path
      let plain = try OpenedModel(
        path: graph, options: ModelOptions.parse(["--data", data]), isQuiet: true)
      try withTemporaryFolder { url in
        let variants = variants(plain.trained)
        let files = (0..<3).map { url.path + "/\($0).safetensors" }
        for (file, variant) in zip(files, variants) {
          try CheckpointFile.write(variant.storedTensors, metadata: [:], to: file)
        }
        let opened = try open(files, graph: graph, ["--data", data])
        #expect(try points(opened).map(\.point) == variants.map(\.point))
        #expect(try points(opened).map(\.sha256) == files.map { try SHA256.hexDigest(ofFile: $0) })
        #expect(throws: AnalysisError.self) {
          try open(files, graph: graph, ["--data", data, "--weights", "x"])
        }
        // Graphs themselves hold weights too.
        let graphs = try open([graph, graph, graph], ["--data", data])
        for content in try points(graphs) { #expect(content.point == plain.trained.point) }
      }
    }
  }
}
