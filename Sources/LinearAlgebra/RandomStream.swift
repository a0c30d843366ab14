internal import Foundation

/// Named stream of random numbers, made from a seed, a label and an index.
///
/// Streams with different labels or indices are independent, so adding a draw in one place never
/// changes another. The generator is Philox4x32-10 (Salmon et al., "Parallel Random Numbers: As
/// Easy as 1, 2, 3", SC 2011): counter-based, so the state is the key and a position.
public struct RandomStream: Sendable, Hashable, Codable {
  private let key: UInt64
  private let nonce: UInt64
  private var block: UInt64 = 0
  /// Words of the last block; the last `unread` of them are still to be given out.
  private var words = SIMD4<UInt32>(repeating: 0)
  private var unread = 0

  /// Creates the stream `(seed, label, index)` at its start.
  public init(seed: UInt64, label: String, index: Int = 0) {
    // FNV-1a over the label, then the finaliser of SplitMix64 over each of the three parts.
    var hash: UInt64 = 0xcbf2_9ce4_8422_2325
    for byte in label.utf8 { hash = (hash ^ UInt64(byte)) &* 0x0000_0100_0000_01b3 }
    key = Self.mix(Self.mix(seed) ^ hash)
    nonce = Self.mix(key ^ UInt64(bitPattern: Int64(index)))
  }

  private static func mix(_ value: UInt64) -> UInt64 {
    var z = value &+ 0x9e37_79b9_7f4a_7c15
    z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
    z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
    return z ^ (z >> 31)
  }

  /// The four words of one block of Philox4x32-10.
  static func philox(counter: SIMD4<UInt32>, key: SIMD2<UInt32>) -> SIMD4<UInt32> {
    var c = counter
    var k = key
    for round in 0..<10 {
      if round > 0 { k = k &+ SIMD2(0x9E37_79B9, 0xBB67_AE85) }
      let first = UInt64(0xD251_1F53) &* UInt64(c[0])
      let second = UInt64(0xCD9E_8D57) &* UInt64(c[2])
      c = SIMD4(
        UInt32(truncatingIfNeeded: second >> 32) ^ c[1] ^ k[0],
        UInt32(truncatingIfNeeded: second),
        UInt32(truncatingIfNeeded: first >> 32) ^ c[3] ^ k[1],
        UInt32(truncatingIfNeeded: first))
    }
    return c
  }

  private mutating func nextWord() -> UInt32 {
    if unread <= 0 {
      words = Self.philox(
        counter: SIMD4(
          UInt32(truncatingIfNeeded: block), UInt32(truncatingIfNeeded: block >> 32),
          UInt32(truncatingIfNeeded: nonce), UInt32(truncatingIfNeeded: nonce >> 32)),
        key: SIMD2(UInt32(truncatingIfNeeded: key), UInt32(truncatingIfNeeded: key >> 32)))
      block &+= 1
      unread = 4
    }
    unread -= 1
    // A file may hold any number here; the mask keeps the index in range.
    return words[3 - (unread & 3)]
  }

  /// Uniform number in [0, 1) with 53 random bits.
  public mutating func uniform() -> Double {
    let high = UInt64(nextWord())
    let low = UInt64(nextWord())
    return Double((high << 21) | (low >> 11)) * 0x1p-53
  }

  /// Uniform integer in `0 ..< bound`, without bias (Lemire 2019).
  ///
  /// - Precondition: `bound` is positive and below 2^32.
  public mutating func integer(below bound: Int) -> Int {
    precondition(bound > 0 && bound <= Int(UInt32.max), "bound outside 1 ... 2^32 - 1")
    let range = UInt64(bound)
    var product = UInt64(nextWord()) &* range
    if product & 0xffff_ffff < range {
      let threshold = (0x1_0000_0000 &- range) % range
      while product & 0xffff_ffff < threshold { product = UInt64(nextWord()) &* range }
    }
    return Int(product >> 32)
  }

  /// Two independent standard normal numbers (Box and Muller 1958).
  public mutating func normalPair() -> (Double, Double) {
    let radius = (-2 * log(1 - uniform())).squareRoot()
    let angle = 2 * Double.pi * uniform()
    return (radius * cos(angle), radius * sin(angle))
  }

  /// One standard normal number; the second of the pair is not used.
  public mutating func normal() -> Double { normalPair().0 }

  /// Either sign with probability one half.
  public mutating func sign() -> Double { nextWord() & 1 == 0 ? 1 : -1 }

  /// Vector of independent standard normal numbers, in parallel where there is a pool; the numbers do
  /// not depend on it.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  public mutating func normalVector<Scalar: BLASScalar>(
    count: Int, as type: Scalar.Type = Scalar.self, pool: WorkerPool? = nil
  ) -> Vector<Scalar> {
    Vector(uninitialized: count) { target in
      var first = 0
      // A pair takes one block, so streams that begin at later blocks give the later pairs.
      if let pool, unread == 0, let base = target.baseAddress {
        let chunk = 1 << 15
        let chunks = count / chunk
        let start = self
        nonisolated(unsafe) let elements = base
        pool.run(count: chunks) { number, _ in
          var stream = start
          stream.block &+= UInt64(number * chunk / 2)
          stream.fill(UnsafeMutableBufferPointer(start: elements + number * chunk, count: chunk))
        }
        first = chunks * chunk
        block &+= UInt64(first / 2)
      }
      fill(UnsafeMutableBufferPointer(rebasing: target[first...]))
    }
  }

  @inline(__always)
  private mutating func fill<Scalar: BLASScalar>(_ target: UnsafeMutableBufferPointer<Scalar>) {
    var i = 0
    while i < target.count {
      let (a, b) = normalPair()
      target.initializeElement(at: i, to: Scalar(a))
      if i + 1 < target.count { target.initializeElement(at: i + 1, to: Scalar(b)) }
      i += 2
    }
  }

  /// Vector of independent signs, +1 or -1 with equal probability (Rademacher).
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  public mutating func signVector<Scalar: BLASScalar>(
    count: Int, as type: Scalar.Type = Scalar.self
  ) -> Vector<Scalar> {
    Vector(uninitialized: count) { target in
      for i in 0..<count { target.initializeElement(at: i, to: Scalar(sign())) }
    }
  }

  /// Vector of independent zeros, with probability `rate`, and numbers `1 / (1 - rate)`: of mean 1.
  ///
  /// - Precondition: The rate is in 0..<1.
  public mutating func dropoutVector(count: Int, rate: Double) -> Vector<Float> {
    precondition((0..<1).contains(rate), "a dropout rate of \(rate)")
    let limit = UInt64(rate * 0x1p32)
    let kept = Float(1 / (1 - rate))
    return Vector(uninitialized: count) { target in
      for i in 0..<count { target.initializeElement(at: i, to: nextWord() < limit ? 0 : kept) }
    }
  }

  /// Random order of `0 ..< count` (Fisher and Yates).
  public mutating func permutation(count: Int) -> [Int] {
    var order = Array(0..<count)
    var i = count - 1
    while i > 0 {
      order.swapAt(i, integer(below: i + 1))
      i -= 1
    }
    return order
  }
}
