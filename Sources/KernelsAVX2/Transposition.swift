/// Sixteen rows of sixteen floats become columns, in registers.
enum Transposition {
  typealias Lanes = SIMD16<Float>

  /// Row `r` is read from `source + r * stride` and column `c` written to `target + c * stride`; rows
  /// from `rows` on are zero.
  @inline(__always)
  static func transpose(
    _ source: UnsafePointer<Lanes>, rows: Int, stride: Int, to target: UnsafeMutablePointer<Lanes>
  ) {
    #if WIDE_VECTORS
      // Channels come in multiples of sixteen here.
      assert(rows == 16)
      var matrix = InlineArray<16, Lanes>(repeating: .zero)
      for row in 0..<16 { matrix[row] = source[row &* stride] }
      matrix = shuffled(shuffled(shuffled(shuffled(matrix))))
      for row in 0..<16 { target[row &* stride] = matrix[row] }
    #else
      let halves = UnsafeRawPointer(source).assumingMemoryBound(to: Half.self)
      let targets = UnsafeMutableRawPointer(target).assumingMemoryBound(to: Half.self)
      for lower in 0..<2 {
        for right in 0..<2 {
          let place = targets + (16 &* right &* stride &+ lower)
          quadrant(
            halves + (16 &* lower &* stride &+ right), rows: rows &- 8 &* lower,
            stride: 2 &* stride,
            to: place)
        }
      }
    #endif
  }

  /// Row `r` is read from `source + r * stride`, wherever that is, and column `c` written to `target[c]`.
  @inline(__always)
  static func transpose(
    _ source: UnsafePointer<Float>, stride: Int, to target: UnsafeMutablePointer<Lanes>
  ) {
    #if WIDE_VECTORS
      var matrix = InlineArray<16, Lanes>(repeating: .zero)
      for row in 0..<16 {
        matrix[row] = UnsafeRawPointer(source + row &* stride).loadUnaligned(as: Lanes.self)
      }
      matrix = shuffled(shuffled(shuffled(shuffled(matrix))))
      for row in 0..<16 { target[row] = matrix[row] }
    #else
      let halves = UnsafeMutableRawPointer(target).assumingMemoryBound(to: Half.self)
      for lower in 0..<2 {
        for right in 0..<2 {
          var matrix = InlineArray<8, Half>(repeating: .zero)
          for row in 0..<8 {
            matrix[row] = UnsafeRawPointer(
              source + ((8 &* lower &+ row) &* stride &+ 8 &* right)
            ).loadUnaligned(as: Half.self)
          }
          store(columnsOf: matrix, to: halves + (16 &* right &+ lower), stride: 2)
        }
      }
    #endif
  }

  #if WIDE_VECTORS
    /// A perfect shuffle of the rows: one bit of an element's column moves to its row, so that four
    /// of them transpose.
    @inline(__always)
    private static func shuffled(_ rows: InlineArray<16, Lanes>) -> InlineArray<16, Lanes> {
      var result = InlineArray<16, Lanes>(repeating: .zero)
      for row in 0..<8 {
        let (first, second) = (rows[row], rows[row &+ 8])
        result[2 &* row] = zip(first.lowHalf, second.lowHalf)
        result[2 &* row &+ 1] = zip(first.highHalf, second.highHalf)
      }
      return result
    }

    @inline(__always)
    private static func zip(_ even: SIMD8<Float>, _ odd: SIMD8<Float>) -> Lanes {
      var result = Lanes()
      result.evenHalf = even
      result.oddHalf = odd
      return result
    }
  #else
    typealias Half = SIMD8<Float>

    /// The same for eight rows of eight floats.
    ///
    /// Registers of 256 bits shuffle within their halves: first 4x4 matrices, then the halves.
    @inline(__always)
    private static func quadrant(
      _ source: UnsafePointer<Half>, rows: Int, stride: Int, to target: UnsafeMutablePointer<Half>
    ) {
      var matrix = InlineArray<8, Half>(repeating: .zero)
      if rows >= 8 {
        for row in 0..<8 { matrix[row] = source[row &* stride] }
      } else {
        for row in 0..<max(rows, 0) { matrix[row] = source[row &* stride] }
      }
      store(columnsOf: matrix, to: target, stride: stride)
    }

    @inline(__always)
    private static func store(
      columnsOf matrix: InlineArray<8, Half>, to target: UnsafeMutablePointer<Half>, stride: Int
    ) {
      let upper = columns(matrix[0], matrix[1], matrix[2], matrix[3])
      let lower = columns(matrix[4], matrix[5], matrix[6], matrix[7])
      for column in 0..<4 {
        target[column &* stride] = Half(
          lowHalf: upper[column].lowHalf, highHalf: lower[column].lowHalf)
        target[(column &+ 4) &* stride] = Half(
          lowHalf: upper[column].highHalf, highHalf: lower[column].highHalf)
      }
    }

    /// Columns `c` and `c + 4` of four rows.
    @inline(__always)
    private static func columns(
      _ a: Half, _ b: Half, _ c: Half, _ d: Half
    ) -> InlineArray<4, Half> {
      let (ab0, ab2) = (pairs(a, b, 0), pairs(a, b, 2))
      let (cd0, cd2) = (pairs(c, d, 0), pairs(c, d, 2))
      return [fours(ab0, cd0, 0), fours(ab0, cd0, 2), fours(ab2, cd2, 0), fours(ab2, cd2, 2)]
    }

    @inline(__always)
    private static func pairs(_ a: Half, _ b: Half, _ i: Int) -> Half {
      Half(a[i], b[i], a[i &+ 1], b[i &+ 1], a[i &+ 4], b[i &+ 4], a[i &+ 5], b[i &+ 5])
    }

    @inline(__always)
    private static func fours(_ a: Half, _ b: Half, _ i: Int) -> Half {
      Half(a[i], a[i &+ 1], b[i], b[i &+ 1], a[i &+ 4], a[i &+ 5], b[i &+ 4], b[i &+ 5])
    }
  #endif
}
