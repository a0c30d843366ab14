import KernelsAVX2
import KernelsAVX512
import NumericKernels
import TestSupport
import Testing

@testable import GraphRuntime

/// Products of dense matrices against sums in `Double`, and the same bits in every implementation.
@Suite struct MatrixProductTests {
  /// All implementations that this CPU can run.
  static let implementations: [any MatrixProductKernels] =
    [KernelsAVX2.Kernels()] + (OneDNN.hasAVX512 ? [KernelsAVX512.Kernels()] : [])

  /// Sizes around those of micro-kernels, parts and slices.
  static let shapes: [MatrixProductShape] = [
    .init(rows: 1, columns: 1, depth: 1), .init(rows: 5, columns: 16, depth: 3),
    .init(rows: 13, columns: 17, depth: 256), .init(rows: 16, columns: 10, depth: 64),
    .init(rows: 12, columns: 33, depth: 257), .init(rows: 133, columns: 48, depth: 40),
    .init(rows: 300, columns: 70, depth: 300), .init(rows: 517, columns: 100, depth: 9),
    .init(rows: 31, columns: 65, depth: 1030), .init(rows: 700, columns: 15, depth: 20),
  ]

  /// Random factors of two terms and what an epilogue reads.
  private struct Operands {
    let shape: MatrixProductShape
    let lefts: [AlignedFloats]
    let rights: [AlignedFloats]
    let bias: AlignedFloats
    let addend: AlignedFloats
    let gate: AlignedFloats

    init(_ shape: MatrixProductShape, seed: Int) {
      var draws = Draws(seed)
      self.shape = shape
      lefts = (0..<2).map { _ in draws.normals(shape.rows * shape.depth) }
      rights = (0..<2).map { _ in draws.normals(shape.depth * shape.columns) }
      bias = draws.normals(shape.columns)
      addend = draws.normals(shape.rows * shape.columns)
      gate = draws.normals(shape.rows * shape.columns)
    }

    func left(_ term: Int, isTransposed: Bool) -> MatrixOperand {
      .matrix(
        lefts[term].pointer, rows: shape.rows, columns: shape.depth, isTransposed: isTransposed)
    }

    func right(_ term: Int, isTransposed: Bool) -> MatrixOperand {
      .matrix(
        rights[term].pointer, rows: shape.depth, columns: shape.columns,
        isTransposed: isTransposed)
    }

    /// The sum of the first products in `Double`, and the sum of the sizes of their terms.
    func sums(terms: Int, _ left: Bool, _ right: Bool) -> [(value: Double, size: Double)] {
      (0..<shape.rows * shape.columns).map { index in
        var (value, size) = (0.0, 0.0)
        for term in 0..<terms {
          let a = self.left(term, isTransposed: left)
          let b = self.right(term, isTransposed: right)
          let (i, j) = (index / shape.columns, index % shape.columns)
          for k in 0..<shape.depth {
            let product =
              Double(a.elements[i * a.rowStride + k * a.columnStride])
              * Double(b.elements[k * b.rowStride + j * b.columnStride])
            value += product
            size += abs(product)
          }
        }
        return (value, size)
      }
    }
  }

  /// A chain of n roundings is off by at most n half units of the sizes that are added.
  private static func bound(_ shape: MatrixProductShape, _ size: Double) -> Double {
    let roundings =
      min(shape.depth, depthSlice) + 2 * (shape.depth / depthSlice + 1) + 2
    return Double(roundings) * 0x1p-24 * size
  }

  @Test(arguments: shapes, [false, true])
  func `products with packed factors and all that follows`(
    shape: MatrixProductShape, isTransposed: Bool
  ) {
    let o = Operands(shape, seed: shape.rows + shape.depth)
    var first: [Float]?
    for kernels in Self.implementations {
      let packed = (0..<2).map { term in
        let target = AlignedFloats(shape.packedCount, fill: .nan)
        kernels.pack(o.right(term, isTransposed: isTransposed), shape, to: target.pointer)
        #expect(target.isIntact)
        return target
      }
      let scratch = AlignedFloats(kernels.packedProductScratchCount(shape), fill: .nan)
      // The addend is where the result goes.
      let result = AlignedFloats(shape.rows * shape.columns)
      result.pointer.update(from: o.addend.pointer, count: result.count)
      kernels.packedProduct(
        shape,
        terms: (0..<2).map {
          (left: o.left($0, isTransposed: false), right: UnsafePointer(packed[$0].pointer))
        }, output: result.pointer, outputStride: shape.columns,
        epilogue: .init(
          bias: UnsafePointer(o.bias.pointer), addend: UnsafePointer(result.pointer),
          rectifies: true, gate: UnsafePointer(o.gate.pointer)),
        scratch: scratch.pointer)
      withExtendedLifetime(packed) {}
      #expect(result.isIntact && scratch.isIntact)
      for (index, sum) in o.sums(terms: 2, false, isTransposed).enumerated() {
        let bias = Double(o.bias.pointer[index % shape.columns])
        let addend = Double(o.addend.pointer[index])
        let value = max(sum.value + bias + addend, 0)
        let expected = o.gate.pointer[index] > 0 ? value : 0
        let size = sum.size + abs(bias) + abs(addend)
        #expect(abs(Double(result.pointer[index]) - expected) <= Self.bound(shape, size))
      }
      if let first { #expect(result.array == first) }
      first = result.array
    }
  }

  @Test(arguments: shapes, [(false, false), (true, false), (false, true), (true, true)])
  func `products of two matrices in any orientation, stored or added`(
    shape: MatrixProductShape, transposed: (left: Bool, right: Bool)
  ) {
    let o = Operands(shape, seed: shape.columns)
    var first: [Float]?
    for kernels in Self.implementations {
      let scratch = AlignedFloats(kernels.productScratchCount(shape), fill: .nan)
      let result = AlignedFloats(shape.rows * shape.columns, fill: .nan)
      func terms(_ count: Int) -> [(left: MatrixOperand, right: MatrixOperand)] {
        (0..<count).map {
          (
            left: o.left($0, isTransposed: transposed.left),
            right: o.right($0, isTransposed: transposed.right)
          )
        }
      }
      for (count, accumulates) in [(1, false), (1, true), (2, false)] {
        kernels.product(
          shape, terms: terms(count), output: result.pointer, outputStride: shape.columns,
          accumulates: accumulates, scratch: scratch.pointer)
        #expect(result.isIntact && scratch.isIntact)
        let factor = accumulates ? 2.0 : 1
        for (index, sum) in o.sums(terms: count, transposed.left, transposed.right).enumerated() {
          #expect(
            abs(Double(result.pointer[index]) - factor * sum.value)
              <= factor * Self.bound(shape, sum.size))
        }
      }
      if let first { #expect(result.array == first) }
      first = result.array
    }
  }

  @Test func `a row has the same bits whatever stands beside it`() {
    let shape = MatrixProductShape(rows: 300, columns: 40, depth: 300)
    let o = Operands(shape, seed: 3)
    for kernels in Self.implementations {
      let packed = AlignedFloats(shape.packedCount)
      kernels.pack(o.right(0, isTransposed: false), shape, to: packed.pointer)
      func rows(_ range: Range<Int>) -> [Float] {
        let part = MatrixProductShape(rows: range.count, columns: 40, depth: 300)
        let result = AlignedFloats(part.rows * 40)
        let scratch = AlignedFloats(kernels.packedProductScratchCount(part))
        kernels.packedProduct(
          part,
          terms: [
            (
              left: o.left(0, isTransposed: false).from(row: range.lowerBound, column: 0),
              right: UnsafePointer(packed.pointer)
            )
          ], output: result.pointer, outputStride: 40, epilogue: .init(), scratch: scratch.pointer)
        return result.array
      }
      #expect(rows(0..<300) == rows(0..<1) + rows(1..<18) + rows(18..<300))
    }
  }

  @Test func `what is not finite stays so, and does not spread to other rows and columns`() {
    let shape = MatrixProductShape(rows: 20, columns: 20, depth: 30)
    let o = Operands(shape, seed: 4)
    o.lefts[0].pointer[7 * 30 + 3] = .nan
    o.rights[0].pointer[11] = .infinity
    for kernels in Self.implementations {
      let packed = AlignedFloats(shape.packedCount)
      kernels.pack(o.right(0, isTransposed: false), shape, to: packed.pointer)
      let result = AlignedFloats(400)
      let scratch = AlignedFloats(kernels.packedProductScratchCount(shape))
      kernels.packedProduct(
        shape, terms: [(o.left(0, isTransposed: false), UnsafePointer(packed.pointer))],
        output: result.pointer, outputStride: 20, epilogue: .init(rectifies: true),
        scratch: scratch.pointer)
      for index in 0..<400 {
        let (row, column) = (index / 20, index % 20)
        let value = result.pointer[index]
        if row == 7 {
          #expect(value.isNaN)
        } else if column != 11 {
          #expect(value.isFinite)
        } else {
          #expect(value == (o.lefts[0].pointer[row * 30] > 0 ? .infinity : 0))
        }
      }
    }
  }

  /// Chunks of samples share scratch memory that was made for the largest of them.
  @Test func `scratch for some rows suffices for fewer`() {
    for kernels in Self.implementations {
      let counts = (1...600).map {
        kernels.packedProductScratchCount(MatrixProductShape(rows: $0, columns: 40, depth: 30))
      }
      #expect(zip(counts, counts.dropFirst()).allSatisfy { $0 <= $1 })
    }
  }
}
