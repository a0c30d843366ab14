package import NumericKernels

/// Products of two matrices that are read once: gradients of weights, and whatever is small.
///
/// A part of the left factor is copied first: row by row where that is how it lies, otherwise sorted so
/// that twelve rows lie side by side. Then a few panels of columns at a time, whose sums stay
/// in the second-level cache: of the right factor a slice of their columns is packed, and the left
/// factor streams past it.
extension Kernels {
  /// Rows of the left factor that lie side by side when it is sorted.
  private static let leftRows = 12
  /// Panels of sixteen columns that are computed together.
  private static let panelsOfPart = 4
  /// Largest part of the left factor that is sorted at once, in whole slices of the depth.
  private static let largestPart = (rows: 516, depth: 4 * depthSlice)

  /// Rows of a sorted part and where the memory behind it begins.
  private func partSizes(_ shape: MatrixProductShape) -> (rows: Int, sumsOffset: Int) {
    let rows =
      (min(shape.rows, Self.largestPart.rows) + Self.leftRows - 1) / Self.leftRows * Self.leftRows
    return (rows, rows * Self.leftStride(min(shape.depth, Self.largestPart.depth)))
  }

  /// Floats between copied rows: rows do not fall on the same sets of the first-level cache.
  private static func leftStride(_ depth: Int) -> Int { (depth + 15) / 16 * 16 + 16 }

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
    let isSorted = left.columnStride != 1
    let stride = Self.leftStride(shape.depth)
    if isSorted {
      sortRows(left, shape, to: scratch)
    } else {
      for row in 0..<shape.rows {
        (scratch + row &* stride).update(
          from: left.elements + row &* left.rowStride, count: shape.depth)
      }
    }
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
          isSorted
            ? MatrixOperand(
              elements: scratch + k &* Self.leftRows, rowStride: 1, columnStride: Self.leftRows)
            : MatrixOperand(elements: scratch + k, rowStride: stride, columnStride: 1),
          shape, depth: depth, right: packed, panels: panels,
          sums: sums, rows: part, accumulates: k > 0)
        k &+= depth
      }
      store(
        sums, rows: part, shape, from: panel, panels: panels, output: output,
        stride: outputStride, adds: adds)
      panel &+= panels
    }
  }

  /// Multiplies one slice of the copied left factor with some packed panels.
  private func multiply(
    _ left: MatrixOperand, _ shape: MatrixProductShape, depth: Int,
    right: UnsafePointer<SIMD16<Float>>, panels: Int, sums: UnsafeMutablePointer<SIMD16<Float>>,
    rows: Int, accumulates: Bool
  ) {
    var panel = 0
    while panel < panels {
      let count = min(MatrixProducts.panelsAtOnce, panels &- panel)
      // Twelve sorted rows lie behind one another with the whole depth.
      let distance = left.rowStride == 1 ? shape.depth : left.rowStride
      var row = 0
      while row < shape.rows {
        MatrixProducts.multiply(
          rows: min(Self.leftRows, shape.rows &- row), panels: count,
          .init(
            depth: depth, a: left.elements + row &* distance, rowStride: left.rowStride,
            depthStride: left.columnStride, b: right + panel &* depth, nextRight: depth,
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
      let whole16 = matrix.rowStride == 1 ? depth.count & ~15 : 0
      for panel in 0..<whole {
        let source =
          matrix.elements
          + (depth.lowerBound &* matrix.rowStride
            &+ (columns.lowerBound &+ panel &* 16) &* matrix.columnStride)
        let place = target + panel &* depth.count
        var k = 0
        while k < whole16 {
          Transposition.transpose(source + k, stride: matrix.columnStride, to: place + k)
          k &+= 16
        }
        while k < depth.count {
          var row = SIMD16<Float>.zero
          for lane in 0..<16 {
            row[lane] = source[k &* matrix.rowStride &+ lane &* matrix.columnStride]
          }
          place[k] = row
          k &+= 1
        }
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
