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

  private func text(
    _ skeleton: Skeleton, _ height: Int, settings: ReadingSettings = ReadingSettings()
  ) throws -> String {
    let geometry = try #require(
      GeometrySearch(skeleton, height: height, width: height, hints: ModuleHints(nil)).geometries()
        .first)
    let reading = Reading(
      skeleton: skeleton, geometry: geometry.geometry, geometryCost: geometry.cost,
      settings: settings)
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

  /// Names that say nothing of modules leave residual blocks to shapes: bodies of two equal filters, and
  /// projections of one pixel behind or before them.
  @Test(arguments: [false, true])
  func blocksAreSeenByShapesWhereNamesSayNothing(projectsFirst: Bool) throws {
    var shapes = [[8, 3, 3, 3], [8, 8, 3, 3], [8, 8, 3, 3]]
    for (inputs, outputs) in [(8, 16), (16, 32)] {
      let body = [[outputs, inputs, 3, 3], [outputs, outputs, 3, 3]]
      let projection = [[outputs, inputs, 1, 1]]
      shapes += projectsFirst ? projection + body : body + projection
    }
    let layers = shapes.enumerated().map { ("p\($0.offset)", $0.element) } + [("q", [10, 32])]
    let found = try skeletons(layers, channels: 3)
    let block = try #require(found.first { $0.images.contains { $0.isBlock } })
    var pools = ReadingSettings()
    pools.poolsShortcuts = true
    #expect(
      try self.text(block, 32, settings: pools).contains(
        "conv(16,3,padding=1) | avgpool(2,ceil) conv(16,1))"))
    let text = try text(block, 32)
    #expect(
      text
        == "conv(8,3,padding=1) relu "
        + "residual(conv(8,3,padding=1) relu conv(8,3,padding=1) | identity) relu "
        + "residual(conv(16,3,stride=2,padding=1) relu conv(16,3,padding=1) | conv(16,1,stride=2)) relu "
        + "residual(conv(32,3,stride=2,padding=1) relu conv(32,3,padding=1) | conv(32,1,stride=2)) relu "
        + "globalaverage linear(10)")
  }

  /// A depthwise convolution without a norm and the one of single pixels behind it are one separable convolution.
  @Test func separableConvolutionsHaveNothingInBetween() throws {
    let found = try skeletons(
      [("a", [8, 3, 3, 3]), ("b", [8, 1, 3, 3]), ("c", [16, 8, 1, 1]), ("d", [10, 16])], channels: 3
    )
    let skeleton = try #require(found.first)
    #expect(skeleton.hasSeparable)
    let layers = try text(skeleton, 8)
    #expect(layers.contains("conv(8,3,padding=1,groups=8) conv(16,1) relu"), "\(layers)")
  }

  /// A norm in front of everything normalises the image; one of all features belongs to the matrix.
  @Test func normsOfInputsHaveNoFunctionBehindThem() throws {
    let found = try skeletons(
      [
        ("n", [3]), ("a", [8, 3, 3, 3]), ("b", [8, 8, 3, 3]), ("m", [128]), ("fc", [10, 128]),
      ], channels: 3)
    #expect(
      try text(#require(found.first), 16)
        == "batchnorm conv(8,3,padding=1) relu maxpool(2) conv(8,3,padding=1) relu maxpool(2) flatten "
        + "batchnorm linear(10)")
  }

  /// Of norms without tensors a file shows nothing: they stand behind every convolution but a last one that gives the classes.
  @Test func normsWithoutTensorsStandBehindConvolutions() throws {
    let filters = [("a", [8, 3, 3, 3]), ("b", [16, 8, 3, 3])]
    var settings = ReadingSettings()
    settings.hasPlainNorms = true
    func text(_ last: (String, [Int])) throws -> String {
      let skeleton = try #require(skeletons(filters + [last], channels: 3).first)
      #expect(skeleton.mayHavePlainNorms)
      return try self.text(skeleton, 8, settings: settings)
    }
    let start = "conv(8,3,padding=1) groupnorm(8,affine=no) relu"
    let matrix = try text(("fc", [10, 16]))
    #expect(matrix.hasPrefix(start), "\(matrix)")
    #expect(matrix.contains("conv(16,3,padding=1) groupnorm(16,affine=no) relu"), "\(matrix)")
    let maps = try text(("c", [10, 16, 1, 1]))
    #expect(maps.hasPrefix(start) && maps.hasSuffix("conv(10,1) maxpool(2) flatten"), "\(maps)")
    let normed = try #require(
      skeletons(filters + [("n", [16]), ("fc", [10, 16])], channels: 3).first)
    #expect(!normed.mayHavePlainNorms)
  }

  /// Slopes that are registered in front of their matrix, as `preluip1` of the centre loss.
  @Test func slopesInFrontOfTheirMatrixAreItsOwn() throws {
    func tensor(_ name: String, _ shape: [Int]) -> StoredTensor {
      let values = [Float](repeating: 0.5, count: shape.reduce(1, *))
      return StoredTensor(name: name, array: NumericArray(values, shape: shape))
    }
    let layers = try FoundLayer.layers(of: [
      tensor("conv.weight", [4, 1, 3, 3]), tensor("prelu1.weight", [1]),
      tensor("prelu2.weight", [1]), tensor("ip1.weight", [6, 64]), tensor("ip2.weight", [10, 6]),
    ]).get()
    let skeleton = try #require(
      SkeletonBuilder(layers, channels: 1, isOrdered: true).skeletons().first)
    #expect(
      try text(skeleton, 8)
        == "conv(4,3,padding=1,bias=no) prelu(1) maxpool(2) flatten linear(6,bias=no) prelu(1) "
        + "linear(10,bias=no)")
  }

  /// One PReLU that a program calls behind every layer is in the file once.
  @Test(arguments: [(1, "act"), (8, nil)])
  func theOnlySlopeOfSeveralLayersIsSuspect(count: Int, path: String?) throws {
    func tensor(_ name: String, _ shape: [Int]) -> StoredTensor {
      let values = [Float](repeating: 0.5, count: shape.reduce(1, *))
      return StoredTensor(name: name, array: NumericArray(values, shape: shape))
    }
    let tensors = [
      tensor("a.weight", [8, 1, 3, 3]), tensor("b.weight", [8, 8, 3, 3]),
      tensor("act.weight", [count]), tensor("fc.weight", [10, 8]),
    ]
    func slope(_ tensors: [StoredTensor]) throws -> String? {
      let layers = try FoundLayer.layers(of: tensors).get()
      return try #require(
        SkeletonBuilder(layers, channels: 1, isOrdered: true).skeletons().first
      ).loneSlope
    }
    #expect(try slope(tensors) == path)
    // Behind the only layer that has a function it is where it belongs.
    #expect(try slope([tensors[0], tensors[2], tensors[3]]) == nil)
  }

  /// Two convolutions that fit each other are no sign of a block.
  @Test func aFewPlainConvolutionsAreNoBlocks() throws {
    let found = try skeletons(
      [("a", [8, 3, 3, 3]), ("b", [8, 8, 3, 3]), ("c", [8, 8, 3, 3]), ("d", [10, 8])], channels: 3)
    #expect(!found.contains { $0.images.contains { $0.isBlock } })
  }

  /// Scales and shifts without running statistics may be those of group norms or, behind matrices, layer norms.
  @Test func normsWithoutStatisticsMayBeGroupOrLayerNorms() throws {
    func tensor(_ name: String, _ shape: [Int]) -> StoredTensor {
      StoredTensor(
        name: name,
        array: NumericArray([Float](repeating: 0.5, count: shape.reduce(1, *)), shape: shape))
    }
    let layers = try FoundLayer.layers(of: [
      tensor("a.weight", [12, 3, 3, 3]), tensor("n.weight", [12]), tensor("n.bias", [12]),
      tensor("b.weight", [6, 12]), tensor("m.weight", [6]), tensor("m.bias", [6]),
      tensor("c.weight", [10, 6]),
    ]).get()
    let skeleton = try #require(
      SkeletonBuilder(layers, channels: 3, isOrdered: true).skeletons().first)
    // The last ones are instance norms.
    #expect(skeleton.groupCounts == [4, 2, 1, .max])
    let geometry = try #require(
      GeometrySearch(skeleton, height: 8, width: 8, hints: ModuleHints(nil)).geometries().first)
    var settings = ReadingSettings()
    settings.groups = 4
    let text = Layer.text(
      Reading(
        skeleton: skeleton, geometry: geometry.geometry, geometryCost: 0, settings: settings
      ).readLayers().layers)
    #expect(text.contains("groupnorm(4)"))
    #expect(text.contains("linear(6,bias=no) layernorm"))
    #expect(settings.starts(of: skeleton, ModuleHints(nil)).contains { $0.groups == 2 })
  }

  /// Arrays without names get names by shapes and order, so that known networks are recognised in them.
  @Test func arraysWithoutNamesAreNamedByShapes() {
    func tensor(_ name: String, _ shape: [Int]) -> StoredTensor {
      StoredTensor(
        name: name,
        array: NumericArray([Float](repeating: 0.5, count: shape.reduce(1, *)), shape: shape))
    }
    let names = TensorRoles.names(of: [
      tensor("arr_0", [4, 3, 3, 3]), tensor("arr_1", [4]), tensor("arr_2", [4]),
      tensor("arr_3", [4]), tensor("arr_4", [4]), tensor("arr_10", [10]),
      tensor("arr_9", [10, 4]),
    ])
    #expect(
      names == [
        "arr_0": "arr_0.weight", "arr_1": "arr_1.weight", "arr_2": "arr_1.bias",
        "arr_3": "arr_1.running_mean", "arr_4": "arr_1.running_var", "arr_9": "arr_9.weight",
        "arr_10": "arr_9.bias",
      ])
    #expect(TensorRoles.names(of: [tensor("fc.weight", [10, 4])]).isEmpty)
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

extension Skeleton.Item {
  fileprivate var isBlock: Bool { if case .block = self { true } else { false } }
}
