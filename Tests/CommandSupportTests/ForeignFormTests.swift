import Analyses
import Checkpoints
import Datasets
import DigitsReference
import FileFormats
import LinearAlgebra
import NeuralNetworks
import TestSupport
import Testing

/// Networks in other forms, and images that are not those that a network takes.
@Suite struct ForeignFormTests {
  private func write(_ tensors: [StoredTensor]) throws -> String {
    let path = try temporaryPath("foreign.safetensors")
    try CheckpointFile.write(tensors, metadata: [:], to: path)
    return path
  }

  /// `x W1 + b1` and so on, as programs in plain NumPy keep them.
  @Test func numberedMatricesWithARowForEachInputAreLayers() throws {
    let trained = try DigitsReference(.mlp).trained
    let tensors = trained.storedTensors.enumerated().map { place, tensor in
      let layer = place / 2 + 1
      guard tensor.shape.count == 2 else {
        return StoredTensor(
          name: "b\(layer)", array: NumericArray(tensor.floats(), shape: [1] + tensor.shape))
      }
      let (rows, columns) = (tensor.shape[0], tensor.shape[1])
      let values = tensor.floats()
      let transposed = (0..<rows * columns).map { values[$0 % rows * columns + $0 / rows] }
      return StoredTensor(
        name: "W\(layer)", array: NumericArray(transposed, shape: [columns, rows]))
    }
    let opened = try OpenedModel(write(tensors), ModelConfiguration(data: "digits"))
    #expect(
      opened.trained.point.weights.elements.array == trained.point.weights.elements.array)
  }

  @Test func imagesWithOtherChannelsAreNamedWithTheWayOut() throws {
    let path = try write(DigitsReference(.resnet).trained.storedTensors)
    var configuration = ModelConfiguration(data: "digits")
    configuration.view = try ImageView(resize: nil, crop: nil, channels: 3)
    let error = #expect(throws: CheckpointError.self) { try OpenedModel(path, configuration) }
    #expect(
      error?.description.contains("takes 1 channel, but the images have 3; give `channels` 1")
        == true)
  }
}
