import Checkpoints
import Datasets
import FileFormats
import NeuralNetworks
import Testing

@testable import ModelSearch

/// Which geometries are proposed, and how many are looked at for it.
@Suite struct GeometrySearchTests {
  private func skeleton(
    _ filters: [(outputs: Int, inputs: Int, kernel: Int)], head: (outputs: Int, inputs: Int)
  ) throws -> Skeleton {
    var tensors: [StoredTensor] = []
    func add(_ name: String, _ shape: [Int]) {
      tensors.append(
        StoredTensor(
          name: name,
          array: NumericArray([Float](repeating: 0, count: shape.reduce(1, *)), shape: shape)))
    }
    for (number, filter) in filters.enumerated() {
      add(
        "conv\(number + 1).weight", [filter.outputs, filter.inputs, filter.kernel, filter.kernel])
    }
    add("fc.weight", [head.outputs, head.inputs])
    let layers = try FoundLayer.layers(of: tensors).get()
    return try #require(
      SkeletonBuilder(layers, channels: filters[0].inputs, isOrdered: true).skeletons().first)
  }

  private func geometries(_ skeleton: Skeleton, _ extent: Int) -> [(
    geometry: Geometry, cost: Double
  )] {
    GeometrySearch(skeleton, height: extent, width: extent, hints: ModuleHints(nil)).geometries()
  }

  @Test func theUsualOnesComeFirstAndEachOnce() throws {
    let found = geometries(
      try skeleton([(6, 3, 5), (16, 6, 5)], head: (120, 400)), 32)
    #expect(zip(found, found.dropFirst()).allSatisfy { $0.cost <= $1.cost })
    #expect(Set(found.map(\.geometry)).count == found.count)
    let first = try #require(found.first).geometry
    #expect(first.steps.allSatisfy { $0.padding == [0, 0] && $0.stride == [1, 1] })
    #expect(first.windows == [.init(2), .init(2)])
    #expect(first.end == .flatten)
  }

  /// Every geometry gives the first matrix as many inputs as it has.
  @Test func allFitTheMatrix() throws {
    let skeleton = try skeleton([(4, 1, 3), (8, 4, 3), (8, 8, 1)], head: (10, 392))
    let found = geometries(skeleton, 28)
    #expect(!found.isEmpty)
    for (geometry, _) in found {
      let size = try #require(ImagePath(skeleton).measure(geometry, height: 28, width: 28))
      switch geometry.end {
      case .flatten: #expect(8 * size.height * size.width == 392)
      case .average(let parts): #expect(8 * parts * parts == 392)
      case .globalAverage, .globalMax: Issue.record("392 inputs are not 8 channels")
      }
    }
  }

  /// Five convolutions on images that may have a border: over a million geometries before equal choices were
  /// joined and the search ended with the usual ones.
  @Test func fiveConvolutionsAreEnumeratedInTime() throws {
    let skeleton = try skeleton(
      [(8, 1, 3), (8, 8, 3), (16, 8, 3), (16, 16, 3), (16, 16, 3)], head: (10, 144))
    let started = ContinuousClock.now
    #expect(geometries(skeleton, 28).count == 300)
    // Where nothing fits, all are looked at.
    let odd = try self.skeleton(
      [(8, 1, 3), (8, 8, 3), (16, 8, 3), (16, 16, 3), (16, 16, 3)], head: (10, 16 * 23 * 29))
    #expect(geometries(odd, 28).isEmpty)
    #expect(ContinuousClock.now - started < .seconds(10))
  }

  /// All-CNN: nine convolutions, of which the third and the sixth take the place of pooling.
  @Test func stepsInPlaceOfPoolingAreProposed() throws {
    let widths = [(8, 3), (8, 8), (8, 8), (16, 8), (16, 16), (16, 16), (16, 16)]
    let skeleton = try skeleton(
      widths.map { ($0.0, $0.1, 3) } + [(16, 16, 1), (10, 16, 1)], head: (10, 10))
    #expect(
      geometries(skeleton, 32).contains { geometry, _ in
        geometry.windows.allSatisfy { $0 == nil } && geometry.end == .globalAverage
          && geometry.steps.map { $0.stride[0] } == [1, 1, 2, 1, 1, 2, 1, 1, 1]
      })
  }

  /// A last convolution that takes all pixels that are left has neither border nor step.
  @Test func aLastConvolutionMayTakeWhatIsLeft() throws {
    let skeleton = try skeleton([(8, 3, 3), (16, 8, 3), (16, 16, 3), (10, 16, 4)], head: (10, 10))
    let same = Geometry.Step(stride: [2, 2], padding: [1, 1])
    let found = geometries(skeleton, 32).map(\.geometry)
    #expect(
      found.contains {
        $0.windows.allSatisfy { $0 == nil } && $0.end == .flatten
          && $0.steps == [same, same, same, .init(stride: [1, 1], padding: [0, 0])]
      })
  }

  /// Filters of the second and third convolution with taps two pixels apart, without borders.
  @Test func tapsMayLieApart() throws {
    let skeleton = try skeleton([(16, 1, 3), (24, 16, 3), (24, 24, 3)], head: (10, 24 * 81))
    let found = geometries(skeleton, 28)
    #expect(
      found.contains { geometry, _ in
        geometry.steps.map(\.dilation) == [1, 2, 2] && geometry.end == .flatten
          && geometry.steps.allSatisfy { $0.padding == [0, 0] && $0.stride == [1, 1] }
          && geometry.windows == [nil, nil, .init(2)]
      })
    let dilated = try #require(found.first { $0.geometry.steps.map(\.dilation) == [1, 2, 2] })
    let layers = Reading(
      skeleton: skeleton, geometry: dilated.geometry, geometryCost: 0, settings: ReadingSettings()
    ).readLayers().layers
    #expect(Layer.text(layers).contains("dilation=2"))
    // 28 - 2 - 4 - 4 = 18 pixels, of which pooling leaves 9.
    #expect(found.first?.geometry.steps.allSatisfy { $0.dilation == 1 } == true)
  }

  /// Patches that do not overlap, as of mixers.
  @Test func theFirstConvolutionMayBeOfPatches() throws {
    let skeleton = try skeleton([(8, 3, 4), (8, 8, 1)], head: (10, 8))
    let found = geometries(skeleton, 32).prefix(20).map(\.geometry)
    #expect(found.contains { $0.steps[0] == .init(stride: [4, 4], padding: [0, 0]) })
  }

  /// Parts that overlap because they cannot be equal, as PyTorch's adaptive pooling has them.
  @Test func meansOfUnevenPartsAreAnEnd() throws {
    let ends = Geometry.ends(inputs: 8 * 16, channels: 8, extents: [7, 7])
    #expect(ends.map(\.end) == [.average(4)])
  }

  /// LeNet-5 with two pixels of border on 28 x 28 is the same network as without on 32 x 32; with one pixel it is not.
  @Test(arguments: [(2, 32), (1, nil), (0, nil)])
  func aBorderMayStandForResizedImages(border: Int, side: Int?) throws {
    let skeleton = try skeleton([(6, 1, 5), (16, 6, 5)], head: (120, 400))
    let plain = Geometry.Step(stride: [1, 1], padding: [0, 0])
    var padded = plain
    padded.padding = [border, border]
    for geometry in [
      Geometry(border: border, steps: [plain, plain], windows: [nil, nil], end: .flatten),
      Geometry(border: 0, steps: [padded, plain], windows: [nil, nil], end: .flatten),
    ] {
      let reading = Reading(
        skeleton: skeleton, geometry: geometry, geometryCost: 0, settings: ReadingSettings())
      #expect(
        reading.resizedSide(of: ImageShape(channels: 1, height: 28, width: 28)) == side)
    }
  }

  /// A projection is computed for every pixel of what its block gives.
  @Test func workCountsShortcuts() throws {
    func unit(_ outputs: Int, _ inputs: Int, _ kernel: Int) throws -> Unit {
      let shape = [outputs, inputs, kernel, kernel]
      let zeros = [Float](repeating: 0, count: shape.reduce(1, *))
      let tensor = StoredTensor(name: "c.weight", array: NumericArray(zeros, shape: shape))
      return Unit(weight: try #require(FoundLayer.layers(of: [tensor]).get().first))
    }
    let body = [try unit(8, 4, 3), try unit(8, 8, 3)]
    func work(_ shortcut: Unit?) throws -> Int {
      let block = Skeleton.Block(body: body, shortcut: shortcut, inputs: 4)
      let skeleton = Skeleton(images: [.block(block)], head: [], channels: 4, cost: 0)
      let same = Geometry.Step(stride: [1, 1], padding: [1, 1])
      let half = Geometry.Step(stride: [2, 2], padding: [1, 1])
      let geometry = Geometry(border: 0, steps: [half, same], windows: [nil], end: .globalAverage)
      return try #require(geometry.work(skeleton, height: 8, width: 8))
    }
    let pixels = 16
    let plain = try work(nil)
    let projected = try work(unit(8, 4, 1))
    #expect(plain == (8 * 4 + 8 * 8) * 9 * pixels)
    #expect(projected - plain == 8 * 4 * pixels)
  }
}
