import Analyses
import ArgumentParser
import Checkpoints
import CommandSupport
import Datasets
import DigitsReference
import FileFormats
import GraphRuntime
import LinearAlgebra
import NeuralNetworks
import Objectives
import TestSupport
import Testing

/// Checkpoints that hold more than one network, or more than a network.
@Suite struct CheckpointPartTests {
  private func open(_ path: String, _ arguments: String...) throws -> OpenedModel {
    try OpenedModel(
      path: path,
      options: ModelOptions.parse(["--data", "digits", "--samples", "8"] + arguments),
      isQuiet: true)
  }

  /// The tensors of a network under a prefix, all of them scaled.
  private func tensors(
    _ trained: TrainedModel, _ prefix: String, scaled scale: Float = 1
  ) -> [StoredTensor] {
    trained.storedTensors.map {
      StoredTensor(
        name: prefix + $0.name, array: NumericArray($0.floats().map { $0 * scale }, shape: $0.shape)
      )
    }
  }

  private func write(_ tensors: [StoredTensor]) throws -> String {
    let path = try temporaryPath("several.safetensors")
    try CheckpointFile.write(tensors, metadata: [:], to: path)
    return path
  }

  @Test func weightsChoosesOneOfSeveralNetworks() throws {
    let trained = try DigitsReference(.resnet).trained
    let path = try write(tensors(trained, "net.") + tensors(trained, "ema_net.", scaled: 2))
    let usual = try open(path, "--normalize", "none")
    #expect(usual.trained.point.weights.elements == trained.point.weights.elements)
    #expect(usual.settings["weights"] == nil)
    let average = try open(path, "--normalize", "none", "--weights", "ema_net")
    #expect(
      average.trained.point.weights.elements.array
        == trained.point.weights.elements.array.map { 2 * $0 })
    #expect(average.settings["weights"] == "ema_net")
    let error = #expect(throws: CheckpointError.self) {
      try self.open(path, "--weights", "teacher")
    }
    #expect(error?.description.contains("holds no 'teacher', but 'net', 'ema_net'") == true)
  }

  @Test func optionsOfGraphsAreStillRefused() throws {
    let path = try write(tensors(try DigitsReference(.resnet).trained, ""))
    let error = #expect(throws: AnalysisError.self) { try self.open(path, "--model-output", "1") }
    #expect(error?.description.contains("`modelOutput`") == true)
  }

  @Test func theStoredNormalisationIsUsedUnlessAnotherIsAsked() throws {
    let trained = try DigitsReference(.resnet).trained
    let path = try write(
      tensors(trained, "model.") + [
        StoredTensor(
          name: "normalize.mean", array: NumericArray([0.5 as Float], shape: [1, 1, 1])),
        StoredTensor(
          name: "normalize.std", array: NumericArray([0.25 as Float], shape: [1, 1, 1])),
      ])
    #expect(try open(path).data.normalization == "mean=0.5;std=0.25")
    #expect(try open(path, "--normalize", "none").data.normalization == "none")
  }
}
