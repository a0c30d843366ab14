/// How a convolution's tiles lie in its images.
package enum WinogradSampling: Sendable, Hashable {
  /// Stride 1: input and output have the same pixels.
  case unit
  /// Stride 2: the tiles are cut from the output, the input has twice the rows and columns.
  case strided
  /// The gradient by the input of a convolution with stride 2: the output is the finer image.
  case transposed
}

/// The pixels of an image that one of the stride-1 convolutions reads or writes which a convolution
/// with stride 2 consists of, and the taps that this one has.
///
/// With the planes `x₀[i] = x[2i]` and `x₁[i] = x[2i + 1]` of even and odd rows,
///
///     y[i] = Σᵣ x[2i + r - 1] w[r] = (x₀[i] w[1]) + (x₁[i - 1] w[0] + x₁[i] w[2])
///
/// so each plane is convolved with stride 1 by filters whose other taps are zero, and likewise for
/// columns: four phases. In the transformed domain a filter without its first tap is zero at the
/// point 0 and one without its last tap at infinity, so that of the 36 positions 25, 20, 20 and 16
/// remain: 81 multiplications for 16 outputs, where the direct sum has 144.
package struct WinogradPhase: Sendable, Hashable {
  /// Distance of neighbouring rows and columns in the image: 1 or 2.
  package let step: Int
  /// First row.
  package let row: Int
  /// First column.
  package let column: Int
  /// Taps along the rows of a column of the filter.
  package let rowTaps: WinogradTaps
  /// Taps along a row of the filter.
  package let columnTaps: WinogradTaps

  /// All pixels of the image.
  package static let whole = Self(step: 1, row: 0, column: 0, rowTaps: .all, columnTaps: .all)
  /// All pixels, for a filter that is rotated by 180 degrees.
  package static let wholeRotated = Self(
    step: 1, row: 0, column: 0, rowTaps: .allReversed, columnTaps: .allReversed)
  /// Odd and even rows and columns of what is convolved with stride 2.
  package static let strided = phases(odd: .leading, even: .middle)
  /// Odd and even rows and columns of its gradient.
  package static let transposed = phases(odd: .trailing, even: .middle)

  private static func phases(odd: WinogradTaps, even: WinogradTaps) -> [Self] {
    [(1, 1), (1, 0), (0, 1), (0, 0)].map { row, column in
      Self(
        step: 2, row: row, column: column, rowTaps: row == 1 ? odd : even,
        columnTaps: column == 1 ? odd : even)
    }
  }

  /// Rows or columns of the phase in an image with `extent` of them.
  package func count(from first: Int, of extent: Int) -> Int {
    step == 1 ? extent : (extent &- first &+ 1) / 2
  }

  /// Whether filters of the phase may differ from zero at a position of the transformed domain.
  package func uses(_ position: Int) -> Bool {
    rowTaps.points.contains(position / 6) && columnTaps.points.contains(position % 6)
  }
}

/// Which taps of a column or row of a 3x3 filter a phase has, as the taps of a stride-1 filter.
package enum WinogradTaps: Sendable, Hashable {
  /// `(w₀, w₁, w₂)`
  case all
  /// `(w₂, w₁, w₀)`
  case allReversed
  /// `(w₀, w₂, 0)`
  case leading
  /// `(0, w₂, w₀)`, of the gradient by the input
  case trailing
  /// `(0, w₁, 0)`
  case middle

  /// The evaluation points where such a filter may differ from zero.
  @inline(__always)
  package var points: Range<Int> {
    switch self {
    case .all, .allReversed: 0..<6
    case .leading: 0..<5
    case .trailing: 1..<6
    case .middle: 1..<5
    }
  }

  /// Numbers of the filter's taps that are the three taps; that of a zero has no meaning.
  package var sources: (Int, Int, Int) {
    switch self {
    case .all: (0, 1, 2)
    case .allReversed: (2, 1, 0)
    case .leading: (0, 2, 0)
    case .trailing: (0, 2, 0)
    case .middle: (0, 1, 0)
    }
  }
}
