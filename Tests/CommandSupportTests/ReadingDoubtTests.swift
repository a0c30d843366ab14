import Analyses
import Checkpoints
import Datasets
import DigitsReference
import FileFormats
import Foundation
import NeuralNetworks
import Synchronization
import TestSupport
import Testing

/// What is said for and against networks that were measured.
@Suite struct ReadingDoubtTests {
  private struct Said {
    var remarks: [String] = []
    var warnings: [String] = []
  }

  /// What opening the tensors of a network says, as another program would have written them.
  private func said(
    _ kind: DigitsReference.Network, _ change: (StoredTensor) -> StoredTensor? = { $0 }
  ) throws -> Said {
    let path = try temporaryPath("foreign.safetensors")
    try CheckpointFile.write(
      DigitsReference(kind).trained.storedTensors.compactMap(change), metadata: [:], to: path)
    let said = Mutex(Said())
    _ = try OpenedModel(path, ModelConfiguration(data: "digits")) { event in
      said.withLock { said in
        switch event {
        case .remark(let text): said.remarks.append(text)
        case .warning(let text): said.warnings.append(text)
        default: break
        }
      }
    }
    return said.withLock { $0 }
  }

  @Test func networksOfKnownNamesAndFittingStatisticsNeedNoDoubt() throws {
    let said = try said(.resnet)
    #expect(said.warnings.isEmpty)
    #expect(!said.remarks.contains { $0.contains("confirm") })
  }

  /// Variances that are too large by half are log(1.5) / 2 = 0.20 deviations in every channel, beside those that there are.
  @Test func runningStatisticsOfOtherImagesAreAWarning() throws {
    let said = try said(.resnet) { tensor in
      guard tensor.name.hasSuffix("running_var") else { return tensor }
      return StoredTensor(
        name: tensor.name,
        array: NumericArray(tensor.floats().map { 1.5 * $0 }, shape: tensor.shape))
    }
    #expect(said.warnings.contains { $0.contains("running statistics are 0.2") }, "\(said)")
  }

  @Test func normsWithoutRunningStatisticsMayBeOtherNorms() throws {
    let said = try said(.resnet) { $0.name.contains("running_") ? nil : $0 }
    #expect(said.warnings.contains { $0.contains("group, layer or instance norms") })
  }

  @Test func matricesOfUnknownNamesHaveNothingToConfirmThem() throws {
    let said = try said(.mlp) {
      StoredTensor(name: $0.name.replacingOccurrences(of: "fc", with: "dense"), array: $0.array)
    }
    #expect(said.warnings.isEmpty)
    #expect(said.remarks.contains { $0.contains("nothing in the file can confirm") }, "\(said)")
  }

  /// A matrix of 32 x 32 inputs on images of 8 x 8.
  @Test func imagesOfAnotherSizeThatFitAreNamed() throws {
    func tensor(_ name: String, _ shape: [Int]) -> StoredTensor {
      let values = [Float](repeating: 0.01, count: shape.reduce(1, *))
      return StoredTensor(name: name, array: NumericArray(values, shape: shape))
    }
    let path = try temporaryPath("resized.safetensors")
    try CheckpointFile.write(
      [tensor("dense.weight", [10, 1024]), tensor("dense.bias", [10])], metadata: [:], to: path)
    let error = #expect(throws: CheckpointError.self) {
      try OpenedModel(path, ModelConfiguration(data: "digits"))
    }
    #expect(
      error?.description.contains(
        "fits images of 1x8x8, but one fits 32 x 32: check `data`, or give `resize` 32") == true,
      "\(error?.description ?? "")")
    var configuration = ModelConfiguration(data: "digits")
    configuration.view = try ImageView(resize: 32, crop: nil)
    configuration.normalization = "none"
    configuration.architecture = "flatten linear(10)"
    let opened = try OpenedModel(path, configuration)
    #expect(opened.trained.model.layout.count == 10250)
  }
}
