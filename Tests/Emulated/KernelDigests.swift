// Prints a digest of the bits that the numeric kernels give for fixed operands, a line for each case. The kernels
// add up in a fixed order, so that the lines are the same on every kind of CPU: Tests/aarch64 compares them.

import KernelsAVX2
import NumericKernels

/// Fixed numbers between -1 and 1 with all bits of the significand in use.
struct Numbers {
  private var state: UInt64 = 0x9E37_79B9_7F4A_7C15

  mutating func next() -> Float {
    state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
    return Float(Int32(truncatingIfNeeded: state >> 32)) * 0x1p-31
  }

  mutating func floats(_ count: Int) -> Floats {
    let result = Floats(count)
    for i in 0..<count { result.pointer[i] = next() }
    return result
  }
}

/// Floats aligned to 64 bytes, which live as long as the program.
struct Floats {
  let pointer: UnsafeMutablePointer<Float>
  let count: Int

  init(_ count: Int) {
    self.count = count
    pointer = UnsafeMutableRawPointer.allocate(byteCount: 4 * max(count, 1), alignment: 64)
      .bindMemory(to: Float.self, capacity: count)
    pointer.initialize(repeating: 0, count: count)
  }

  /// FNV-1a over the bits.
  var digest: UInt64 {
    var hash: UInt64 = 0xCBF2_9CE4_8422_2325
    for i in 0..<count { hash = (hash ^ UInt64(pointer[i].bitPattern)) &* 0x100_0000_01B3 }
    return hash
  }
}

@main struct KernelDigests {
  static let kernels = Kernels()

  static func main() {
    for (rows, columns, depth) in [
      (1, 1, 1), (5, 16, 3), (13, 17, 256), (12, 33, 257), (133, 48, 40), (300, 70, 300),
      (31, 65, 1030), (700, 15, 20),
    ] {
      products(MatrixProductShape(rows: rows, columns: columns, depth: depth))
    }
    for (inputs, outputs, height, width) in [
      (8, 8, 1, 1), (8, 16, 4, 4), (16, 8, 5, 4), (24, 16, 7, 5), (64, 24, 15, 16),
      (16, 16, 32, 32), (256, 256, 4, 4),
    ] {
      for sampling in [WinogradSampling.unit, .strided] {
        convolutions(
          WinogradConvolution(
            block: 8, inputChannels: inputs, outputChannels: outputs, height: height, width: width,
            sampling: sampling))
      }
    }
  }

  /// Both kinds of matrix products, with two terms and all that an epilogue does.
  static func products(_ shape: MatrixProductShape) {
    var numbers = Numbers()
    let lefts = [
      numbers.floats(shape.rows * shape.depth), numbers.floats(shape.rows * shape.depth),
    ]
    let rights = [
      numbers.floats(shape.depth * shape.columns), numbers.floats(shape.depth * shape.columns),
    ]
    let bias = numbers.floats(shape.columns)
    let addend = numbers.floats(shape.rows * shape.columns)
    let gate = numbers.floats(shape.rows * shape.columns)
    let result = Floats(shape.rows * shape.columns)
    func left(_ term: Int) -> MatrixOperand {
      .matrix(lefts[term].pointer, rows: shape.rows, columns: shape.depth, isTransposed: false)
    }
    func right(_ term: Int) -> MatrixOperand {
      .matrix(rights[term].pointer, rows: shape.depth, columns: shape.columns, isTransposed: true)
    }

    let packed = [Floats(shape.packedCount), Floats(shape.packedCount)]
    for term in 0..<2 { kernels.pack(right(term), shape, to: packed[term].pointer) }
    var scratch = Floats(kernels.packedProductScratchCount(shape))
    kernels.packedProduct(
      shape,
      terms: [
        (left: left(0), right: UnsafePointer(packed[0].pointer)),
        (left: left(1), right: UnsafePointer(packed[1].pointer)),
      ],
      output: result.pointer, outputStride: shape.columns,
      epilogue: ProductEpilogue(
        bias: UnsafePointer(bias.pointer), addend: UnsafePointer(addend.pointer), rectifies: true,
        gate: UnsafePointer(gate.pointer)),
      scratch: scratch.pointer)
    report("packed product", shape, result)

    scratch = Floats(kernels.productScratchCount(shape))
    for accumulates in [false, true] {
      kernels.product(
        shape, terms: [(left: left(0), right: right(0)), (left: left(1), right: right(1))],
        output: result.pointer, outputStride: shape.columns, accumulates: accumulates,
        scratch: scratch.pointer)
    }
    report("product", shape, result)
  }

  /// A convolution with an epilogue, its gradient by the input and that by the filters.
  static func convolutions(_ convolution: WinogradConvolution) {
    let images = 3
    var numbers = Numbers()
    let input = numbers.floats(images * convolution.inputChannels * convolution.inputPixels)
    let weights = numbers.floats(convolution.inputChannels * convolution.outputChannels * 9)
    let gradient = numbers.floats(images * convolution.outputChannels * convolution.outputPixels)
    let bias = numbers.floats(convolution.outputChannels)
    let addend = numbers.floats(gradient.count)
    let gate = numbers.floats(gradient.count)

    let output = Floats(gradient.count)
    run(
      convolution, images, input, weights, filters: convolution, output,
      ProductEpilogue(
        bias: UnsafePointer(bias.pointer), addend: UnsafePointer(addend.pointer), rectifies: true,
        gate: UnsafePointer(gate.pointer)))
    report("forward", convolution, output)

    let inputGradient = Floats(input.count)
    run(
      convolution.transposed, images, gradient, weights, filters: convolution, inputGradient,
      ProductEpilogue())
    report("input gradient", convolution, inputGradient)

    let filterGradient = Floats(convolution.filterGradientCount)
    let scratch = Floats(
      kernels.filterGradientScratchCount(convolution, images: images, terms: 1))
    for accumulates in [false, true] {
      kernels.filterGradient(
        convolution, images: images,
        terms: [.init(input: input.pointer, outputGradient: gradient.pointer)],
        into: filterGradient.pointer, accumulates: accumulates, scratch: scratch.pointer)
    }
    report("filter gradient", convolution, filterGradient)
  }

  private static func run(
    _ convolution: WinogradConvolution, _ images: Int, _ input: Floats, _ weights: Floats,
    filters: WinogradConvolution, _ output: Floats, _ epilogue: ProductEpilogue
  ) {
    let prepared = Floats(convolution.weightCount)
    kernels.prepare(
      .init(
        values: weights.pointer, outputs: filters.outputChannels, inputs: filters.inputChannels),
      for: convolution, to: prepared.pointer)
    let scratch = Floats(
      kernels.forwardScratchCount(convolution, images: images, terms: 1))
    kernels.forward(
      convolution, images: images,
      terms: [.init(input: input.pointer, weights: prepared.pointer)], output: output.pointer,
      epilogue: epilogue, scratch: scratch.pointer)
  }

  private static func report(_ name: String, _ shape: MatrixProductShape, _ result: Floats) {
    print("\(name) \(shape.rows) \(shape.columns) \(shape.depth): \(result.digest)")
  }

  private static func report(_ name: String, _ c: WinogradConvolution, _ result: Floats) {
    let stride = c.sampling == .unit ? 1 : 2
    print(
      "\(name) \(c.inputChannels) \(c.outputChannels) \(c.inputHeight) \(c.inputWidth) \(stride): "
        + "\(result.digest)")
  }
}
