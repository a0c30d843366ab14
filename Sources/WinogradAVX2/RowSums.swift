/// Sums of some rows of a matrix product, in registers.
protocol RowSums {
  typealias Lanes = SIMD16<Float>

  /// Number of rows.
  static var count: Int { get }

  /// Zero.
  init()

  /// Adds `a[r * stride] * b[block * next]` to row `r` of each block of columns.
  mutating func add(
    _ a: UnsafePointer<Float>, _ stride: Int, _ b: UnsafePointer<Lanes>, _ next: Int)

  /// Adds row `r` of each block to `c[r + block * next]` or stores it there.
  func store(_ c: UnsafeMutablePointer<Lanes>, _ next: Int, _ accumulates: Bool)
}

/// One row of one block.
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

/// One row of two blocks.
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
