import NumericKernels
import TestSupport
import Testing

@testable import GraphRuntime

/// Bound of the relative L2 error of F(3x3, 4x4) on normal data: measured at most 5e-7.
private let tolerance = 2e-6

@Suite struct WinogradFilterGradientTests {
  @Test(arguments: WinogradCase.all)
  func filterGradientMatchesDirectSum(_ shape: WinogradCase) {
    let run = GradientRun(shape)
    let gradient = run.execute([run.term], accumulates: false)
    let error = run.error(of: gradient) {
      shape.filterGradient(run.input, run.outputGradient, $0, $1, $2, $3)
    }
    #expect(error <= tolerance)
  }

  @Test func termsAndEarlierSumsAreAdded() {
    // 3 images of 9 tiles in two terms: more tiles than a group, so a group spans both terms.
    let shape = WinogradCase(inputs: 24, outputs: 40, height: 17, width: 15, images: 3)
    let first = GradientRun(shape, seed: 1)
    let second = GradientRun(shape, seed: 2)
    let gradient = first.execute([first.term, second.term], accumulates: false)
    let error = first.error(of: gradient) {
      shape.filterGradient(first.input, first.outputGradient, $0, $1, $2, $3)
        + shape.filterGradient(second.input, second.outputGradient, $0, $1, $2, $3)
    }
    #expect(error <= tolerance)

    let single = first.execute([first.term], accumulates: false)
    first.execute([first.term], accumulates: true, into: single)
    let doubled = first.error(of: single) {
      2 * shape.filterGradient(first.input, first.outputGradient, $0, $1, $2, $3)
    }
    #expect(doubled <= tolerance)
  }

  @Test func unpackingDropsPadding() {
    let shape = WinogradCase(inputs: 8, outputs: 16, height: 5, width: 5, images: 2)
    let run = GradientRun(shape)
    let gradient = run.execute([run.term], accumulates: false)
    let narrow = AlignedFloats(10 * 3 * 9, fill: .nan)
    shape.convolution.unpackFilterGradient(
      gradient.pointer, outputs: 10, inputs: 3, into: narrow.pointer)
    for o in 0..<10 {
      for rest in 0..<27 {
        let value = gradient.pointer[((o / 8) * 8 * 9 + rest) * 8 + o % 8]
        #expect(narrow.pointer[o * 27 + rest] == value)
      }
    }
    #expect(narrow.isIntact)
  }
}

/// A filter gradient with its operands.
private final class GradientRun {
  let shape: WinogradCase
  let input: AlignedFloats
  let outputGradient: AlignedFloats

  init(_ shape: WinogradCase, seed: Int = 1) {
    self.shape = shape
    var draws = Draws(seed)
    input = draws.normals(shape.inputCount)
    outputGradient = draws.normals(shape.outputCount)
  }

  var term: WinogradConvolution.GradientTerm {
    .init(input: input.pointer, outputGradient: outputGradient.pointer)
  }

  func execute(_ terms: [WinogradConvolution.GradientTerm], accumulates: Bool) -> AlignedFloats {
    let result = AlignedFloats(shape.convolution.filterGradientCount, fill: .nan)
    execute(terms, accumulates: accumulates, into: result)
    return result
  }

  func execute(
    _ terms: [WinogradConvolution.GradientTerm], accumulates: Bool, into result: AlignedFloats
  ) {
    let scratch = AlignedFloats(
      shape.kernels.filterGradientScratchCount(
        shape.convolution, images: shape.images, terms: terms.count),
      fill: .nan)
    shape.kernels.filterGradient(
      shape.convolution, images: shape.images, terms: terms, into: result.pointer,
      accumulates: accumulates,
      scratch: scratch.pointer)
    #expect(result.isIntact && scratch.isIntact)
  }

  /// Relative L2 error over at most 200 taps.
  func error(
    of blocked: AlignedFloats, expected: (_ o: Int, _ c: Int, _ i: Int, _ j: Int) -> Double
  ) -> Double {
    let gradient = AlignedFloats(shape.outputs * shape.inputs * 9, fill: .nan)
    shape.convolution.unpackFilterGradient(
      blocked.pointer, outputs: shape.outputs, inputs: shape.inputs, into: gradient.pointer)
    var draws = Draws(9)
    var error = 0.0
    var norm = 0.0
    for _ in 0..<200 {
      let index = draws.below(gradient.count)
      let channel = index / 9 % shape.inputs
      let value = expected(index / 9 / shape.inputs, channel, index % 9 / 3, index % 3)
      let difference = Double(gradient.pointer[index]) - value
      error += difference * difference
      norm += value * value
    }
    return (error / norm).squareRoot()
  }
}
