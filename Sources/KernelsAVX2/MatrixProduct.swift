package import NumericKernels

/// Products of two matrices that are read once: gradients of weights, and whatever is small.
///
/// A part of the left factor is sorted first. Then a few panels of columns at a time, whose sums stay
/// in the second-level cache: of the right factor a slice of their columns is packed, and the left
/// factor streams past it.
extension Kernels {
  /// Rows of the left factor that lie side by side when it is sorted.
  private static let leftRows = 12
  /// Panels of sixteen columns that are computed together.
  private static let panelsOfPart = 4
  /// Rows of the right factor that are packed at once where it lies column by column.
  private static let rowsToTurn = 128
  /// Largest part of the left factor that is sorted at once, in whole slices of the depth.
  private static let largestPart = (rows: 516, depth: 4 * depthSlice)

  /// Rows of a sorted part and where the memory behind it begins.
  private func partSizes(_ shape: MatrixProductShape) -> (rows: Int, sumsOffset: Int) {
    let rows =
      (min(shape.rows, Self.largestPart.rows) + Self.leftRows - 1) / Self.leftRows * Self.leftRows
    return (rows, (rows * min(shape.depth, Self.largestPart.depth) + 15) / 16 * 16)
  }

  package func productScratchCount(_ shape: MatrixProductShape) -> Int {
    let (rows, sumsOffset) = partSizes(shape)
    return sumsOffset + Self.panelsOfPart * 16 * (rows + min(depthSlice, shape.depth))
  }

  package func pack(
    _ right: MatrixOperand, _ shape: MatrixProductShape,
    to destination: UnsafeMutablePointer<Float>
  ) {
    pack(
      right, columns: 0..<shape.columns, depth: 0..<shape.depth,
      to: UnsafeMutableRawPointer(destination).assumingMemoryBound(to: SIMD16<Float>.self))
  }

  package func product(
    _ shape: MatrixProductShape, terms: [(left: MatrixOperand, right: MatrixOperand)],
    output: UnsafeMutablePointer<Float>, outputStride: Int, accumulates: Bool,
    scratch: UnsafeMutablePointer<Float>
  ) {
    let (part, sumsOffset) = partSizes(shape)
    for (number, term) in terms.enumerated() {
      var row = 0
      while row < shape.rows {
        let rows = min(part, shape.rows &- row)
        var k = 0
        while k < shape.depth {
          let depth = min(Self.largestPart.depth, shape.depth &- k)
          productOfPart(
            MatrixProductShape(rows: rows, columns: shape.columns, depth: depth),
            left: term.left.from(row: row, column: k), right: term.right.from(row: k, column: 0),
            output: output + row &* outputStride, outputStride: outputStride,
            adds: accumulates || number > 0 || k > 0, scratch: scratch, part: part,
            sumsOffset: sumsOffset)
          k &+= depth
        }
        row &+= rows
      }
    }
  }

  private func productOfPart(
    _ shape: MatrixProductShape, left: MatrixOperand, right: MatrixOperand,
    output: UnsafeMutablePointer<Float>, outputStride: Int, adds: Bool,
    scratch: UnsafeMutablePointer<Float>, part: Int, sumsOffset: Int
  ) {
    let sums = UnsafeMutableRawPointer(scratch + sumsOffset)
      .assumingMemoryBound(to: SIMD16<Float>.self)
    let packed = sums + Self.panelsOfPart * part
    sortRows(left, shape, to: scratch)
    var panel = 0
    while panel < shape.panels {
      let panels = min(Self.panelsOfPart, shape.panels &- panel)
      var k = 0
      while k < shape.depth {
        let depth = min(depthSlice, shape.depth &- k)
        pack(
          right, columns: panel &* 16..<min((panel &+ panels) &* 16, shape.columns),
          depth: k..<k &+ depth, to: packed)
        multiply(
          scratch + k &* Self.leftRows, shape, depth: depth, right: packed, panels: panels,
          sums: sums, rows: part, accumulates: k > 0)
        k &+= depth
      }
      store(
        sums, rows: part, shape, from: panel, panels: panels, output: output,
        stride: outputStride, adds: adds)
      panel &+= panels
    }
  }

  /// Multiplies one slice of the sorted left factor with some packed panels.
  private func multiply(
    _ left: UnsafePointer<Float>, _ shape: MatrixProductShape, depth: Int,
    right: UnsafePointer<SIMD16<Float>>, panels: Int, sums: UnsafeMutablePointer<SIMD16<Float>>,
    rows: Int, accumulates: Bool
  ) {
    var panel = 0
    while panel < panels {
      let count = min(MatrixProducts.panelsAtOnce, panels &- panel)
      var row = 0
      while row < shape.rows {
        MatrixProducts.multiply(
          rows: min(Self.leftRows, shape.rows &- row), panels: count,
          .init(
            depth: depth, a: left + row &* shape.depth, rowStride: 1,
            depthStride: Self.leftRows, b: right + panel &* depth, nextRight: depth,
            c: sums + (panel &* rows &+ row), nextResult: rows, accumulates: accumulates))
        row &+= Self.leftRows
      }
      panel &+= count
    }
  }

  /// Writes a left factor as `[panels of twelve rows][depth][12]`.
  private func sortRows(
    _ matrix: MatrixOperand, _ shape: MatrixProductShape, to target: UnsafeMutablePointer<Float>
  ) {
    var row = 0
    while row < shape.rows {
      let count = min(Self.leftRows, shape.rows &- row)
      let source = matrix.elements + row &* matrix.rowStride
      let place = target + row &* shape.depth
      if matrix.rowStride == 1 && count == Self.leftRows {
        for k in 0..<shape.depth {
          let from = UnsafeRawPointer(source + k &* matrix.columnStride)
          let to = UnsafeMutableRawPointer(place + k &* Self.leftRows)
          to.storeBytes(of: from.loadUnaligned(as: SIMD8<Float>.self), as: SIMD8<Float>.self)
          to.storeBytes(
            of: from.loadUnaligned(fromByteOffset: 32, as: SIMD4<Float>.self),
            toByteOffset: 32, as: SIMD4<Float>.self)
        }
      } else {
        for i in 0..<count {
          for k in 0..<shape.depth {
            place[k &* Self.leftRows &+ i] =
              source[i &* matrix.rowStride &+ k &* matrix.columnStride]
          }
        }
      }
      row &+= count
    }
  }

  /// Packs some columns and rows of a right factor as `[panels][depth][16]`.
  private func pack(
    _ matrix: MatrixOperand, columns: Range<Int>, depth: Range<Int>,
    to target: UnsafeMutablePointer<SIMD16<Float>>
  ) {
    let whole = columns.count / 16
    if matrix.columnStride == 1 {
      for k in depth {
        let source = matrix.elements + (k &* matrix.rowStride &+ columns.lowerBound)
        let place = target + (k &- depth.lowerBound)
        for panel in 0..<whole {
          place[panel &* depth.count] =
            UnsafeRawPointer(source + panel &* 16).loadUnaligned(as: SIMD16<Float>.self)
        }
      }
    } else {
      // Some rows at a time, whose packed form stays in the first-level cache.
      var k = 0
      while k < depth.count {
        let rows = min(Self.rowsToTurn, depth.count &- k)
        for panel in 0..<whole {
          for lane in 0..<16 {
            let source =
              matrix.elements
              + ((depth.lowerBound &+ k) &* matrix.rowStride
                &+ (columns.lowerBound &+ panel &* 16 &+ lane) &* matrix.columnStride)
            let place =
              UnsafeMutableRawPointer(target + (panel &* depth.count &+ k))
              .assumingMemoryBound(to: Float.self) + lane
            for i in 0..<rows { place[i &* 16] = source[i &* matrix.rowStride] }
          }
        }
        k &+= rows
      }
    }
    guard whole &* 16 < columns.count else { return }
    for k in 0..<depth.count {
      var row = SIMD16<Float>.zero
      for lane in 0..<columns.count &- whole &* 16 {
        row[lane] =
          matrix.elements[
            (depth.lowerBound &+ k) &* matrix.rowStride
              &+ (columns.lowerBound &+ whole &* 16 &+ lane) &* matrix.columnStride]
      }
      target[whole &* depth.count &+ k] = row
    }
  }

  /// Writes or adds sums `[panels][rows][16]` to the output.
  private func store(
    _ sums: UnsafePointer<SIMD16<Float>>, rows: Int, _ shape: MatrixProductShape, from first: Int,
    panels: Int, output: UnsafeMutablePointer<Float>, stride: Int, adds: Bool
  ) {
    for row in 0..<shape.rows {
      for panel in 0..<panels {
        let column = (first &+ panel) &* 16
        let value = sums[panel &* rows &+ row]
        let place = output + (row &* stride &+ column)
        if column &+ 16 <= shape.columns {
          let raw = UnsafeMutableRawPointer(place)
          raw.storeBytes(
            of: adds ? raw.loadUnaligned(as: SIMD16<Float>.self) + value : value,
            as: SIMD16<Float>.self)
        } else {
          for lane in 0..<shape.columns &- column {
            place[lane] = adds ? place[lane] + value[lane] : value[lane]
          }
        }
      }
    }
  }
}
