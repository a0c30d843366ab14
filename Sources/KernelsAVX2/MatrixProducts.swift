/// Register-blocked matrix products of the Winograd domain.
///
/// Every kernel computes `c[r][0..<16] (+)= Σₖ a[r, k] b[k][0..<16]` for a few rows `r` and one or two
/// panels of sixteen columns, holding the whole of `c` in registers. With 256-bit vectors, six rows
/// of one panel are twelve accumulators, which with two vectors of `b` and one broadcast of `a` fill
/// the sixteen registers; with 512-bit vectors twelve rows of two panels or sixteen of one fit the
/// thirty-two registers. All hide the latency of two FMA units.
///
/// An element's sum runs over `k` in one chain whatever the kernel that computes it, so a result
/// depends neither on how rows and panels are split nor on the width of the vectors.
enum MatrixProducts {
  typealias Lanes = SIMD16<Float>

  #if WIDE_VECTORS
    /// Panels of columns that are best computed together.
    static let panelsAtOnce = 2
  #else
    /// Panels of columns that are best computed together.
    static let panelsAtOnce = 1
  #endif

  /// The factors of a product and where it goes.
  struct Operands {
    /// Terms of a sum.
    let depth: Int
    /// Element `(r, k)` is at `r * rowStride + k * depthStride`; it is read one scalar at a time.
    let a: UnsafePointer<Float>
    let rowStride: Int
    let depthStride: Int
    /// `depth` contiguous vectors for each panel of columns.
    let b: UnsafePointer<Lanes>
    /// Vectors from one panel of `b` to the next.
    var nextRight = 0
    /// One vector for each row and panel.
    let c: UnsafeMutablePointer<Lanes>
    /// Vectors from one panel of `c` to the next.
    var nextResult = 0
    /// Whether the sums are added to `c` or replace it.
    let accumulates: Bool

    /// Computes a few rows.
    @inline(__always)
    fileprivate func multiply<Rows: RowSums>(_: Rows.Type, from row: Int) {
      var sums = Rows()
      var column = a + row &* rowStride
      var k = 0
      while k < depth {
        sums.add(column, rowStride, b + k, nextRight)
        column += depthStride
        k &+= 1
      }
      sums.store(c + row, nextResult, accumulates)
    }

    /// The same from the panel of columns number `panel` on.
    @inline(__always)
    fileprivate func panel(_ panel: Int) -> Self {
      Self(
        depth: depth, a: a, rowStride: rowStride, depthStride: depthStride,
        b: b + panel &* nextRight, nextRight: nextRight, c: c + panel &* nextResult,
        nextResult: nextResult, accumulates: accumulates)
    }
  }

  /// Computes `rows` rows of `panels` panels of columns.
  @inline(__always)
  static func multiply(rows: Int, panels: Int, _ operands: Operands) {
    var panel = 0
    #if WIDE_VECTORS
      while panel &+ 2 <= panels {
        pair(rows, operands.panel(panel))
        panel &+= 2
      }
    #endif
    while panel < panels {
      single(rows, operands.panel(panel))
      panel &+= 1
    }
  }

  #if WIDE_VECTORS
    @inline(__always)
    private static func pair(_ rows: Int, _ operands: Operands) {
      var row = 0
      // Sixteen remaining rows are cheaper as twice eight.
      while rows &- row >= 12 && rows &- row != 16 {
        operands.multiply(TwelveRows<OnePair>.self, from: row)
        row &+= 12
      }
      while row &+ 8 <= rows {
        operands.multiply(EightRows<OnePair>.self, from: row)
        row &+= 8
      }
      if row &+ 4 <= rows {
        operands.multiply(FourRows<OnePair>.self, from: row)
        row &+= 4
      }
      while row < rows {
        operands.multiply(OnePair.self, from: row)
        row &+= 1
      }
    }
  #endif

  @inline(__always)
  private static func single(_ rows: Int, _ operands: Operands) {
    var row = 0
    #if WIDE_VECTORS
      while row &+ 16 <= rows {
        operands.multiply(SixteenRows<OneRow>.self, from: row)
        row &+= 16
      }
      if row &+ 8 <= rows {
        operands.multiply(EightRows<OneRow>.self, from: row)
        row &+= 8
      }
    #else
      // Seven and eight remaining rows are cheaper as four and the rest: a single row has too few
      // independent sums to keep the units busy.
      while rows &- row >= 9 || rows &- row == 6 {
        operands.multiply(SixRows<OneRow>.self, from: row)
        row &+= 6
      }
    #endif
    while row &+ 4 <= rows {
      operands.multiply(FourRows<OneRow>.self, from: row)
      row &+= 4
    }
    while row < rows {
      operands.multiply(OneRow.self, from: row)
      row &+= 1
    }
  }
}

// In the same file, for builds for debugging optimise each file for itself.

/// Sums of some rows of a matrix product, in registers.
protocol RowSums {
  typealias Lanes = SIMD16<Float>

  /// Number of rows.
  static var count: Int { get }

  /// Zero.
  init()

  /// Adds `a[r * stride] * b[panel * next]` to row `r` of each panel of columns.
  mutating func add(
    _ a: UnsafePointer<Float>, _ stride: Int, _ b: UnsafePointer<Lanes>, _ next: Int)

  /// Adds row `r` of each panel to `c[r + panel * next]` or stores it there.
  func store(_ c: UnsafeMutablePointer<Lanes>, _ next: Int, _ accumulates: Bool)
}

/// One row of one panel.
struct OneRow: RowSums {
  static var count: Int { 1 }
  private var sum = Lanes.zero

  @inline(__always)
  init() {}

  @inline(__always)
  mutating func add(_ a: UnsafePointer<Float>, _: Int, _ b: UnsafePointer<Lanes>, _: Int) {
    sum.addProduct(Lanes(repeating: a[0]), b[0])
  }

  @inline(__always)
  func store(_ c: UnsafeMutablePointer<Lanes>, _: Int, _ accumulates: Bool) {
    c[0] = accumulates ? c[0] + sum : sum
  }
}

/// One row of two panels.
struct OnePair: RowSums {
  static var count: Int { 1 }
  private var first = Lanes.zero
  private var second = Lanes.zero

  @inline(__always)
  init() {}

  @inline(__always)
  mutating func add(_ a: UnsafePointer<Float>, _: Int, _ b: UnsafePointer<Lanes>, _ next: Int) {
    let factor = Lanes(repeating: a[0])
    first.addProduct(factor, b[0])
    second.addProduct(factor, b[next])
  }

  @inline(__always)
  func store(_ c: UnsafeMutablePointer<Lanes>, _ next: Int, _ accumulates: Bool) {
    c[0] = accumulates ? c[0] + first : first
    c[next] = accumulates ? c[next] + second : second
  }
}

/// Rows of one kind followed by rows of another.
struct Rows<First: RowSums, Second: RowSums>: RowSums {
  static var count: Int { First.count &+ Second.count }
  private var first = First()
  private var second = Second()

  @inline(__always)
  init() {}

  @inline(__always)
  mutating func add(
    _ a: UnsafePointer<Float>, _ stride: Int, _ b: UnsafePointer<Lanes>, _ next: Int
  ) {
    first.add(a, stride, b, next)
    second.add(a + First.count &* stride, stride, b, next)
  }

  @inline(__always)
  func store(_ c: UnsafeMutablePointer<Lanes>, _ next: Int, _ accumulates: Bool) {
    first.store(c, next, accumulates)
    second.store(c + First.count, next, accumulates)
  }
}

typealias TwoRows<One: RowSums> = Rows<One, One>
typealias FourRows<One: RowSums> = Rows<TwoRows<One>, TwoRows<One>>
typealias SixRows<One: RowSums> = Rows<FourRows<One>, TwoRows<One>>
typealias EightRows<One: RowSums> = Rows<FourRows<One>, FourRows<One>>
typealias TwelveRows<One: RowSums> = Rows<EightRows<One>, FourRows<One>>
typealias SixteenRows<One: RowSums> = Rows<EightRows<One>, EightRows<One>>
