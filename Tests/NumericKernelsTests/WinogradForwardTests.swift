import NumericKernels
import TestSupport
import Testing

@testable import GraphRuntime

/// Bound of the relative L2 error of F(4x4, 3x3) on normal data: measured at most 1.2e-6 for up to
/// 512 channels.
private let tolerance = 2e-6

@Suite struct WinogradForwardTests {
  @Test(arguments: WinogradCase.all)
  func forwardMatchesDirectSum(_ shape: WinogradCase) {
    let run = ForwardRun(shape)
    run.execute()
    let error = shape.error(ofOutput: run.output) {
      shape.forward(run.input, run.weights, $0, $1, $2, $3)
    }
    #expect(error <= tolerance)
    #expect(run.isIntact)
  }

  @Test(arguments: WinogradCase.all)
  func inputGradientMatchesDirectSum(_ shape: WinogradCase) {
    var draws = Draws(11)
    let gradient = draws.normals(shape.outputCount)
    let weights = draws.normals(shape.outputs * shape.inputs * 9)
    let convolution = shape.convolution.transposed
    let transformed = AlignedFloats(convolution.weightCount)
    shape.prepare(
      convolution, .init(values: weights.pointer, outputs: shape.outputs, inputs: shape.inputs),
      to: transformed.pointer)
    let result = AlignedFloats(shape.inputCount, fill: .nan)
    let scratch = AlignedFloats(shape.scratchCount(convolution, images: shape.images), fill: .nan)
    shape.kernels.forward(
      convolution, images: shape.images,
      terms: [.init(input: gradient.pointer, weights: transformed.pointer)],
      output: result.pointer, epilogue: .init(), scratch: scratch.pointer)
    let error = shape.error(ofInput: result) {
      shape.inputGradient(gradient, weights, $0, $1, $2, $3)
    }
    #expect(error <= tolerance)
    #expect(transformed.isIntact && result.isIntact && scratch.isIntact)
  }

  @Test(arguments: WinogradCase.all)
  func epilogueIsAppliedToTheSums(_ shape: WinogradCase) {
    let plain = ForwardRun(shape)
    plain.execute()
    var draws = Draws(5)
    let bias = draws.normals(shape.outputs)
    let addend = draws.normals(shape.outputCount)
    let gate = draws.normals(shape.outputCount)
    for index in stride(from: 0, to: shape.outputCount, by: 3) { gate.pointer[index] = 0 }
    let pixels = shape.outputHeight * shape.outputWidth
    var full: [Float] = []
    var gated: [Float] = []
    for index in 0..<shape.outputCount {
      let block = index / (shape.block * pixels) % (shape.outputs / shape.block)
      let sum = plain.output.pointer[index]
      let shift = bias.pointer[shape.block * block + index % shape.block]
      full.append(max(sum + shift + addend.pointer[index], 0))
      gated.append(gate.pointer[index] > 0 ? sum : 0)
    }
    let fused = ForwardRun(shape)
    fused.execute(.init(bias: bias.pointer, addend: addend.pointer, rectifies: true))
    #expect(fused.output.array == full)
    fused.execute(.init(gate: gate.pointer))
    #expect(fused.output.array == gated)
    for index in 0..<shape.outputCount { fused.output.pointer[index] = addend.pointer[index] }
    fused.execute(
      .init(bias: bias.pointer, addend: UnsafePointer(fused.output.pointer), rectifies: true))
    #expect(fused.output.array == full)
  }

  @Test(arguments: WinogradCase.all)
  func imagesDoNotDependOnTheirBatch(_ shape: WinogradCase) {
    let together = ForwardRun(shape)
    together.execute()
    let convolution = shape.convolution
    let alone = AlignedFloats(shape.outputCount / shape.images)
    let scratch = AlignedFloats(shape.scratchCount(convolution, images: 1))
    for image in 0..<shape.images {
      shape.kernels.forward(
        convolution, images: 1,
        terms: [
          .init(
            input: together.input.pointer + image * (shape.inputCount / shape.images),
            weights: together.transformed.pointer)
        ],
        output: alone.pointer, epilogue: .init(), scratch: scratch.pointer)
      let start = image * alone.count
      #expect(alone.array == Array(together.output.array[start..<(start + alone.count)]))
    }
  }

  @Test func termsAreAdded() {
    let shape = WinogradCase(inputs: 144, outputs: 24, height: 9, width: 7, images: 3)
    let first = ForwardRun(shape, seed: 1)
    let second = ForwardRun(shape, seed: 2)
    let convolution = shape.convolution
    let result = AlignedFloats(shape.outputCount, fill: .nan)
    let scratch = AlignedFloats(
      shape.scratchCount(convolution, images: shape.images, terms: 2), fill: .nan)
    shape.kernels.forward(
      convolution, images: shape.images, terms: [first.term, second.term], output: result.pointer,
      epilogue: .init(), scratch: scratch.pointer)
    let error = shape.error(ofOutput: result) {
      shape.forward(first.input, first.weights, $0, $1, $2, $3)
        + shape.forward(second.input, second.weights, $0, $1, $2, $3)
    }
    #expect(error <= tolerance)
    #expect(result.isIntact && scratch.isIntact)
  }

  @Test func choiceFollowsChannelsAndFillOfTiles() {
    func isFaster(_ channels: Int, _ side: Int) -> Bool {
      WinogradConvolution(
        block: 8, inputChannels: channels, outputChannels: 64, height: side, width: side
      ).isFasterThanDirect
    }
    #expect([32, 16, 8, 7, 4, 3].allSatisfy { isFaster(16, $0) })
    #expect(![5, 2, 1].contains { isFaster(64, $0) })
    #expect(!isFaster(8, 32))
    for (channels, height, expected) in [
      (64, 32, true), (64, 8, true), (64, 4, false), (32, 32, false),
    ] {
      let convolution = WinogradConvolution(
        block: 8, inputChannels: channels, outputChannels: 64, height: height, width: height,
        sampling: .strided)
      #expect(convolution.isFasterThanDirect == expected)
      #expect(convolution.transposed.isFasterThanDirect == expected)
    }
  }

  /// 136 channels are summed in two runs, 24 fill one and a half panels.
  @Test(arguments: [false, true], [1, 2])
  func tapsGiveTheSameBitsAsTransformedFilters(ofInputGradient: Bool, stride: Int) {
    let narrow = [(136, 24), (24, 136)].map {
      WinogradCase(inputs: $0, outputs: $1, height: 5, width: 9, images: 3, stride: stride)
    }
    for shape in narrow + (WinogradCase.blocks.contains(16) ? narrow.map(\.wide) : []) {
      let (inputs, outputs) = (shape.inputs, shape.outputs)
      let convolution = ofInputGradient ? shape.convolution.transposed : shape.convolution
      var draws = Draws(4)
      let input = draws.normals(ofInputGradient ? shape.outputCount : shape.inputCount)
      let filters = draws.normals(inputs * outputs * 9)
      let weights = WinogradConvolution.Weights(
        values: filters.pointer, outputs: outputs, inputs: inputs)
      let results = [false, true].map { storesTaps in
        var convolution = convolution
        convolution.storesTaps = storesTaps
        let prepared = AlignedFloats(convolution.weightCount, fill: .nan)
        shape.prepare(convolution, weights, to: prepared.pointer)
        let output = AlignedFloats(
          ofInputGradient ? shape.inputCount : shape.outputCount, fill: .nan)
        let scratch = AlignedFloats(
          shape.scratchCount(convolution, images: shape.images, terms: 2), fill: .nan)
        let term = WinogradConvolution.Term(input: input.pointer, weights: prepared.pointer)
        shape.kernels.forward(
          convolution, images: shape.images, terms: [term, term], output: output.pointer,
          epilogue: .init(), scratch: scratch.pointer)
        #expect(prepared.isIntact && output.isIntact && scratch.isIntact)
        return output.array
      }
      #expect(results[0] == results[1] && results[0].allSatisfy(\.isFinite))
    }
  }

  /// The weights of padding channels are zero, so whatever the padding holds does not count.
  @Test func paddingChannelsCountForNothing() {
    let shape = WinogradCase(inputs: 8, outputs: 16, height: 6, width: 6, images: 2)
    var draws = Draws(3)
    let input = draws.normals(shape.inputCount)
    let narrow = draws.normals(10 * 3 * 9)
    let wide = AlignedFloats(16 * 8 * 9)
    for o in 0..<10 {
      for index in 0..<27 { wide.pointer[o * 72 + index] = narrow.pointer[o * 27 + index] }
    }
    let convolution = shape.convolution
    let transformed = AlignedFloats(convolution.weightCount, fill: .nan)
    let expected = AlignedFloats(convolution.weightCount, fill: .nan)
    shape.prepare(
      convolution, .init(values: narrow.pointer, outputs: 10, inputs: 3), to: transformed.pointer)
    shape.prepare(
      convolution, .init(values: wide.pointer, outputs: 16, inputs: 8), to: expected.pointer)
    #expect(transformed.array == expected.array)
    let transposed = convolution.transposed
    let back = AlignedFloats(transposed.weightCount, fill: .nan)
    let expectedBack = AlignedFloats(transposed.weightCount, fill: .nan)
    shape.prepare(
      transposed, .init(values: narrow.pointer, outputs: 10, inputs: 3), to: back.pointer)
    shape.prepare(
      transposed, .init(values: wide.pointer, outputs: 16, inputs: 8), to: expectedBack.pointer)
    #expect(back.array == expectedBack.array)
    #expect(input.isIntact)
  }
}

/// The order of sums is the same for any width of vectors.
@Suite struct WinogradWidthTests {
  @Test(
    .enabled("this CPU has no 512-bit vectors") { WinogradCase.blocks.contains(16) },
    arguments: [1, 2])
  func `blocks of 8 and of 16 channels give the same bits`(stride: Int) {
    for (inputs, outputs, side) in [(16, 32, 9), (48, 16, 8), (144, 160, 5)] {
      var shape = WinogradCase(
        inputs: inputs, outputs: outputs, height: side, width: side + 1, images: 3, stride: stride)
      let results = [8, 16].map { block in
        shape.block = block
        let run = ForwardRun(shape)
        var draws = Draws(6)
        for n in 0..<shape.images {
          for c in 0..<inputs {
            for pixel in 0..<shape.height * shape.width {
              run.input.pointer[
                shape.inputOffset(n, c, pixel / shape.width, pixel % shape.width)] = draws.normal()
            }
          }
        }
        run.execute()
        return (0..<shape.outputCount).map { index in
          let pixels = shape.outputHeight * shape.outputWidth
          let pixel = index % pixels
          return run.output.pointer[
            shape.outputOffset(
              index / pixels / outputs, index / pixels % outputs, pixel / shape.outputWidth,
              pixel % shape.outputWidth)]
        }
      }
      #expect(results[0] == results[1])
    }
  }
}

/// One forward pass with its operands.
private final class ForwardRun {
  let shape: WinogradCase
  let input: AlignedFloats
  let weights: AlignedFloats
  let transformed: AlignedFloats
  let output: AlignedFloats
  let scratch: AlignedFloats

  init(_ shape: WinogradCase, seed: Int = 1) {
    self.shape = shape
    var draws = Draws(seed)
    let convolution = shape.convolution
    input = draws.normals(shape.inputCount)
    weights = draws.normals(shape.outputs * shape.inputs * 9)
    transformed = AlignedFloats(convolution.weightCount, fill: .nan)
    output = AlignedFloats(shape.outputCount, fill: .nan)
    scratch = AlignedFloats(shape.scratchCount(convolution, images: shape.images), fill: .nan)
    shape.prepare(
      convolution, .init(values: weights.pointer, outputs: shape.outputs, inputs: shape.inputs),
      to: transformed.pointer)
  }

  var term: WinogradConvolution.Term {
    .init(input: input.pointer, weights: transformed.pointer)
  }
  var isIntact: Bool { transformed.isIntact && output.isIntact && scratch.isIntact }

  func execute(_ epilogue: ProductEpilogue = .init()) {
    shape.kernels.forward(
      shape.convolution, images: shape.images, terms: [term], output: output.pointer,
      epilogue: epilogue,
      scratch: scratch.pointer)
  }
}
