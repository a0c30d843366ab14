import Checkpoints
import FileFormats
import NeuralNetworks
import Testing

@testable import ModelSearch

/// What names, order and shapes of tensors say of the layers.
@Suite struct SkeletonTests {
  /// Tensors of layers given as name and shape of the weight; vectors follow from the kind.
  private func tensors(_ layers: [(String, [Int])], sorted: Bool = false) -> [StoredTensor] {
    var result: [StoredTensor] = []
    for (name, shape) in layers {
      let names =
        shape.count == 1 ? ["weight", "bias", "running_mean", "running_var"] : ["weight", "bias"]
      for role in names {
        let own = role == "weight" ? shape : [shape[0]]
        let count = own.reduce(1, *)
        result.append(
          StoredTensor(
            name: "\(name).\(role)",
            array: NumericArray([Float](repeating: 0.5, count: count), shape: own)))
      }
    }
    return sorted ? result.sorted { $0.name < $1.name } : result
  }

  private func skeletons(
    _ layers: [(String, [Int])], channels: Int, isOrdered: Bool = true
  ) throws -> [Skeleton] {
    let found = try FoundLayer.layers(of: tensors(layers, sorted: !isOrdered)).get()
    return SkeletonBuilder(found, channels: channels, isOrdered: isOrdered).skeletons()
  }

  private func text(_ skeleton: Skeleton, _ height: Int) throws -> String {
    let geometry = try #require(
      GeometrySearch(skeleton, height: height, width: height, hints: ModuleHints(nil)).geometries()
        .first)
    let reading = Reading(
      skeleton: skeleton, geometry: geometry.geometry, geometryCost: geometry.cost,
      settings: ReadingSettings())
    return Layer.text(reading.readLayers().layers)
  }

  @Test func aPlainNetworkIsReadInItsOrder() throws {
    let found = try skeletons(
      [
        ("conv1", [20, 1, 5, 5]), ("conv2", [50, 20, 5, 5]), ("fc1", [500, 800]),
        ("fc2", [10, 500]),
      ], channels: 1)
    #expect(
      try text(#require(found.first), 28)
        == "conv(20,5) relu maxpool(2) conv(50,5) relu maxpool(2) flatten linear(500) relu linear(10)"
    )
  }

  /// Sorted files put biases before weights, batch norms before convolutions and heads before features.
  @Test func sortedNamesAreBroughtIntoOrder() throws {
    let found = try skeletons(
      [
        ("bn1", [8]), ("bn2", [16]), ("classifier", [10, 16]), ("conv1", [8, 3, 3, 3]),
        ("conv2", [16, 8, 3, 3]),
      ], channels: 3, isOrdered: false)
    let layers = try text(#require(found.first), 32)
    #expect(layers.hasPrefix("conv(8,3,padding=1) batchnorm relu"))
    #expect(layers.hasSuffix("conv(16,3,padding=1) batchnorm relu globalaverage linear(10)"))
  }

  /// Sorted by name, a norm may stand behind a matrix that is not its own.
  @Test func normsThatAlternateByChanceFindTheirConvolution() throws {
    let found = try skeletons(
      [("a_conv", [8, 1, 3, 3]), ("b_linear", [10, 128]), ("c_norm", [8])], channels: 1,
      isOrdered: false)
    #expect(
      try text(#require(found.first), 8)
        == "conv(8,3,padding=1) batchnorm relu maxpool(2) flatten linear(10)")
  }

  @Test func blocksAreFoundByNamesAndShortcutsByShape() throws {
    let found = try skeletons(
      [
        ("stem", [8, 3, 3, 3]), ("layer1.0.conv1", [16, 8, 3, 3]), ("layer1.0.bn1", [16]),
        ("layer1.0.conv2", [16, 16, 3, 3]), ("layer1.0.bn2", [16]),
        ("layer1.0.conv3", [16, 8, 1, 1]),
        ("fc", [10, 16]),
      ], channels: 3)
    let block = found.lazy.flatMap(\.images).compactMap { item -> Skeleton.Block? in
      if case .block(let block) = item { block } else { nil }
    }.first
    #expect(block?.shortcut?.weight.path == "layer1.0.conv3")
    #expect(block?.body.map(\.weight.path) == ["layer1.0.conv1", "layer1.0.conv2"])
  }

  @Test func normsBeforeConvolutionsAreSeenByTheirChannels() throws {
    let found = try skeletons(
      [
        ("conv1", [8, 3, 3, 3]), ("layer1.0.bn1", [8]), ("layer1.0.conv1", [16, 8, 3, 3]),
        ("layer1.0.bn2", [16]), ("layer1.0.conv2", [16, 16, 3, 3]),
        ("layer1.0.shortcut.0", [16, 8, 1, 1]), ("bn", [16]), ("linear", [10, 16]),
      ], channels: 3)
    let layers = try text(#require(found.first), 32)
    #expect(
      layers.hasPrefix(
        "conv(8,3,padding=1) batchnorm relu residual(conv(16,3,padding=1) batchnorm relu "
          + "conv(16,3,padding=1) | conv(16,1)) batchnorm relu"), "\(layers)")
  }

  /// Layers of equal shapes take tensors in the order of the file, or of the numbers where it is sorted.
  @Test(arguments: [CheckpointContents.Format.safetensors, .pyTorchZip])
  func layersOfAListTakeTensorsInOrder(format: CheckpointContents.Format) throws {
    let names = [("c10", [4, 4, 3, 3]), ("c9", [4, 4, 3, 3]), ("fc", [10, 4])]
    let contents = CheckpointContents(
      path: "file", format: format, sha256: "", tensors: tensors(names))
    let trained = try LayerAssignment.network(
      "conv(4,3,padding=1) relu conv(4,3,padding=1) globalaverage linear(10)",
      input: .image(channels: 4, height: 8, width: 8), contents: contents)
    let order = trained.model.layout.segments.map(\.name).filter { $0.hasSuffix("weight") }
    let isSorted = format == .safetensors
    #expect(
      order == (isSorted ? ["c9", "c10", "fc"] : ["c10", "c9", "fc"]).map { "\($0).weight" })
  }

  @Test func tensorsOfNoLayerAreNamed() {
    let odd = StoredTensor(
      name: "table.weight", array: NumericArray([Float](repeating: 0, count: 24), shape: [2, 3, 4]))
    guard case .failure(let error) = FoundLayer.layers(of: [odd]) else {
      Issue.record("three axes are no layer")
      return
    }
    #expect(error.description.contains("table.weight"))
  }

  @Test func numbersInNamesAreOrderedAsNumbers() {
    let names = ["conv10", "conv9", "conv1", "a.2.w", "a.10.w"]
    #expect(
      names.sorted { NaturalOrder.precedes($0, $1) } == [
        "a.2.w", "a.10.w", "conv1", "conv9", "conv10",
      ])
  }
}
