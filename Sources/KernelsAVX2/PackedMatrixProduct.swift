package import NumericKernels

/// Products of rows that are read once with matrices that were packed beforehand.
///
/// Some rows at a time, whose sums stay in the second-level cache: for each slice of the depth the
/// rows are copied side by side, and panels of columns of the packed factor stream past them.
extension Kernels: MatrixProductKernels {
  /// Rows that are computed together; a multiple of the micro-kernels' six and twelve rows.
  private static let rowsAtOnce = 132
  /// Floats between copied rows: not a multiple of a power of two, so that rows do not fall on the
  /// same sets of the first-level cache.
  private static let leftStride = depthSlice + 16

  /// Rows of each part of `rows`, near-equal.
  private static func rowsOfPart(_ rows: Int) -> Int {
    let parts = (rows + rowsAtOnce - 1) / rowsAtOnce
    guard parts > 1 else { return rows }
    return ((rows + parts - 1) / parts + 11) / 12 * 12
  }

  package func packedProductScratchCount(_ shape: MatrixProductShape) -> Int {
    // Parts of fewer rows may be larger: 120 rows are one, 160 are two of 84.
    min(shape.rows, Self.rowsAtOnce) * (Self.leftStride + shape.panels * 16)
  }

  package func packedProduct(
    _ shape: MatrixProductShape, terms: [(left: MatrixOperand, right: UnsafePointer<Float>)],
    output: UnsafeMutablePointer<Float>, outputStride: Int, epilogue: ProductEpilogue,
    scratch: UnsafeMutablePointer<Float>
  ) {
    let part = Self.rowsOfPart(shape.rows)
    let left = scratch
    let sums = UnsafeMutableRawPointer(scratch + part * Self.leftStride)
      .assumingMemoryBound(to: SIMD16<Float>.self)
    var first = 0
    while first < shape.rows {
      let rows = min(part, shape.rows &- first)
      var accumulates = false
      for term in terms {
        let right = UnsafeRawPointer(term.right).assumingMemoryBound(to: SIMD16<Float>.self)
        var k = 0
        while k < shape.depth {
          let depth = min(depthSlice, shape.depth &- k)
          copyRows(term.left, first, rows, k, depth, to: left)
          var panel = 0
          while panel < shape.panels {
            let panels = min(MatrixProducts.panelsAtOnce, shape.panels &- panel)
            MatrixProducts.multiply(
              rows: rows, panels: panels,
              .init(
                depth: depth, a: left, rowStride: Self.leftStride, depthStride: 1,
                b: right + (panel &* shape.depth &+ k), nextRight: shape.depth,
                c: sums + panel &* part, nextResult: part, accumulates: accumulates))
            panel &+= panels
          }
          k &+= depth
          accumulates = true
        }
      }
      finish(
        sums, part: part, rows: rows, columns: shape.columns,
        output: output + first &* outputStride, stride: outputStride,
        epilogue: ProductEpilogue(
          bias: epilogue.bias, addend: epilogue.addend.map { $0 + first &* outputStride },
          rectifies: epilogue.rectifies, gate: epilogue.gate.map { $0 + first &* outputStride }))
      first &+= rows
    }
  }

  /// Copies columns `k..<k + depth` of some rows side by side.
  private func copyRows(
    _ matrix: MatrixOperand, _ first: Int, _ rows: Int, _ k: Int, _ depth: Int,
    to target: UnsafeMutablePointer<Float>
  ) {
    for row in 0..<rows {
      let source =
        matrix.elements + ((first &+ row) &* matrix.rowStride &+ k &* matrix.columnStride)
      let place = target + row &* Self.leftStride
      if matrix.columnStride == 1 {
        place.update(from: source, count: depth)
      } else {
        for i in 0..<depth { place[i] = source[i &* matrix.columnStride] }
      }
    }
  }

  /// Writes sums `[panels][part][16]` to the output.
  private func finish(
    _ sums: UnsafePointer<SIMD16<Float>>, part: Int, rows: Int, columns: Int,
    output: UnsafeMutablePointer<Float>, stride: Int, epilogue: ProductEpilogue
  ) {
    let whole = columns / 16
    for row in 0..<rows {
      for panel in 0..<whole {
        let place = row &* stride &+ panel &* 16
        var value = sums[panel &* part &+ row]
        if let bias = epilogue.bias { value += Self.load(bias + panel &* 16) }
        if let addend = epilogue.addend { value += Self.load(addend + place) }
        // Not maximum, which would hide a NaN.
        if epilogue.rectifies { value.replace(with: 0, where: value .< 0) }
        if let gate = epilogue.gate {
          value = SIMD16<Float>.zero.replacing(with: value, where: Self.load(gate + place) .> 0)
        }
        UnsafeMutableRawPointer(output + place).storeBytes(of: value, as: SIMD16<Float>.self)
      }
      for column in whole &* 16..<columns {
        let place = row &* stride &+ column
        var value = sums[whole &* part &+ row][column &- whole &* 16]
        if let bias = epilogue.bias { value += bias[column] }
        if let addend = epilogue.addend { value += addend[place] }
        if epilogue.rectifies && value < 0 { value = 0 }
        if let gate = epilogue.gate, !(gate[place] > 0) { value = 0 }
        output[place] = value
      }
    }
  }

  @inline(__always)
  private static func load(_ pointer: UnsafePointer<Float>) -> SIMD16<Float> {
    UnsafeRawPointer(pointer).loadUnaligned(as: SIMD16<Float>.self)
  }
}
