import Foundation
import Testing

@testable import LinearAlgebra

@Suite struct RandomStreamTests {
  /// The three rows `philox4x32 10` of `kat_vectors` in Random123 1.14.0.
  @Test func philoxMatchesThePublishedVectors() {
    #expect(
      RandomStream.philox(counter: SIMD4(repeating: 0), key: SIMD2(repeating: 0))
        == SIMD4(0x6627_e8d5, 0xe169_c58d, 0xbc57_ac4c, 0x9b00_dbd8))
    #expect(
      RandomStream.philox(counter: SIMD4(repeating: .max), key: SIMD2(repeating: .max))
        == SIMD4(0x408f_276d, 0x41c8_3b0e, 0xa20b_c7c6, 0x6d54_51fd))
    #expect(
      RandomStream.philox(
        counter: SIMD4(0x243f_6a88, 0x85a3_08d3, 0x1319_8a2e, 0x0370_7344),
        key: SIMD2(0xa409_3822, 0x299f_31d0))
        == SIMD4(0xd16c_fe09, 0x94fd_cceb, 0x5001_e420, 0x2412_6ea1))
  }

  @Test func theDrawsNeverChange() {
    var stream = RandomStream(seed: 1, label: "golden", index: 2)
    #expect(
      (0..<3).map { _ in stream.uniform().bitPattern } == [
        4_605_613_777_179_421_785, 4_606_885_151_679_230_089, 4_598_732_280_942_683_228,
      ])
    #expect((0..<5).map { _ in stream.integer(below: 1000) } == [235, 369, 834, 712, 558])
    #expect(stream.permutation(count: 6) == [0, 5, 4, 3, 2, 1])
    #expect(stream.signVector(count: 8, as: Float.self).array == [1, 1, -1, 1, 1, -1, 1, -1])
    // The C library's logarithm and cosine may differ in the last bit.
    let normal = stream.normalVector(count: 3, as: Double.self)
    let golden = [-1.9075762036823465, -0.7072940811137012, -0.9400950660537943]
    for (value, expected) in zip(normal.array, golden) { #expect(abs(value - expected) < 1e-15) }
  }

  @Test func labelsAndIndicesGiveDifferentStreams() {
    var seen = Set<UInt64>()
    for seed in 0..<4 {
      for label in ["a", "b", "ab", "ba", ""] {
        for index in -2..<8 {
          var stream = RandomStream(seed: UInt64(seed), label: label, index: index)
          seen.insert(stream.uniform().bitPattern)
        }
      }
    }
    #expect(seen.count == 4 * 5 * 10)
  }

  /// The correlation of two independent streams of n draws is N(0, 1/n).
  @Test func streamsAreUncorrelated() {
    let count = 20_000
    let vectors = (0..<6).map { index in
      var stream = RandomStream(seed: 9, label: "independence", index: index)
      return stream.normalVector(count: count, as: Double.self)
    }
    for i in 0..<vectors.count {
      for j in 0..<i {
        #expect(abs(vectors[i].dot(vectors[j])) / Double(count) < 5 / Double(count).squareRoot())
      }
    }
  }

  /// Each moment lies within five standard errors.
  @Test func normalAndUniformNumbersHaveTheirMoments() {
    let count = 100_000
    let n = Double(count)
    var stream = RandomStream(seed: 3, label: "moments")
    let normal = stream.normalVector(count: count, as: Double.self)
    #expect(abs(normal.sum / n) < 5 / n.squareRoot())
    #expect(abs(normal.dot(normal) / n - 1) < 5 * (2 / n).squareRoot())
    let fourth = normal.map { $0 * $0 }
    #expect(abs(fourth.dot(fourth) / n - 3) < 5 * (96 / n).squareRoot())
    let uniform = Vector<Double>((0..<count).map { _ in stream.uniform() })
    #expect(abs(uniform.sum / n - 0.5) < 5 * (1 / (12 * n)).squareRoot())
    #expect(uniform.array.allSatisfy { $0 >= 0 && $0 < 1 })
    let signs = stream.signVector(count: count, as: Double.self)
    #expect(abs(signs.sum / n) < 5 / n.squareRoot())
    #expect(signs.array.allSatisfy { abs($0) == 1 })
  }

  /// The chi-squared statistic of 7 cells has mean 6 and standard deviation sqrt(12).
  @Test func boundedIntegersAreUniform() {
    var stream = RandomStream(seed: 4, label: "integers")
    var cells = [Int](repeating: 0, count: 7)
    for _ in 0..<70_000 { cells[stream.integer(below: 7)] += 1 }
    let statistic = cells.reduce(0.0) { $0 + pow(Double($1) - 10_000, 2) / 10_000 }
    #expect(statistic < 6 + 5 * 12.0.squareRoot())
  }

  /// The chi-squared statistic of 24 cells has mean 23 and standard deviation sqrt(46).
  @Test func permutationsAreUniform() {
    var stream = RandomStream(seed: 8, label: "orders")
    var cells: [[Int]: Int] = [:]
    for _ in 0..<24_000 { cells[stream.permutation(count: 4), default: 0] += 1 }
    #expect(cells.count == 24)
    let statistic = cells.values.reduce(0.0) { $0 + pow(Double($1) - 1000, 2) / 1000 }
    #expect(statistic < 23 + 5 * 46.0.squareRoot())
  }

  @Test func permutationsHoldEveryNumberOnce() {
    var stream = RandomStream(seed: 5, label: "permutation")
    for count in [0, 1, 2, 17, 1000] {
      #expect(stream.permutation(count: count).sorted() == Array(0..<count))
    }
  }

  @Test func aDecodedStreamContinuesWhereItWas() throws {
    for drawn in 0..<9 {
      var stream = RandomStream(seed: 6, label: "resume")
      for _ in 0..<drawn { _ = stream.sign() }
      var copy = try JSONDecoder().decode(
        RandomStream.self, from: JSONEncoder().encode(stream))
      #expect((0..<20).map { _ in stream.uniform() } == (0..<20).map { _ in copy.uniform() })
    }
  }

  @Test func floatsAreTheRoundedDoubles() {
    var a = RandomStream(seed: 7, label: "types")
    var b = a
    #expect(
      a.normalVector(count: 33, as: Float.self).array
        == b.normalVector(count: 33, as: Double.self).array.map { Float($0) })
    #expect(a == b)
  }

  @Test(arguments: [1, 70_001, 131_072], [1, 3])
  func `vectors have the same numbers for any pool`(count: Int, threads: Int) {
    var (alone, shared) = (RandomStream(seed: 5, label: "a"), RandomStream(seed: 5, label: "a"))
    let expected: Vector<Float> = alone.normalVector(count: count)
    let found: Vector<Float> = shared.normalVector(
      count: count, pool: WorkerPool(threadCount: threads))
    #expect(found.array == expected.array)
    // The streams go on alike.
    #expect(alone.uniform() == shared.uniform() && alone.normal() == shared.normal())
    // A stream in the middle of a block gives what it gives alone.
    _ = (alone.sign(), shared.sign())
    #expect(
      alone.normalVector(count: count, as: Double.self).array
        == shared.normalVector(
          count: count, as: Double.self, pool: WorkerPool(threadCount: threads)
        ).array)
  }

  @Test(arguments: [0.0, 0.3, 0.5])
  func `dropout keeps the mean and drops its share`(rate: Double) {
    var stream = RandomStream(seed: 1, label: "dropout")
    let count = 100_000
    let mask = stream.dropoutVector(count: count, rate: rate)
    let kept = Float(1 / (1 - rate))
    #expect(mask.array.allSatisfy { $0 == 0 || $0 == kept })
    // Five standard deviations of a binomial count.
    let zeros = Double(mask.array.count { $0 == 0 })
    let spread = (Double(count) * rate * (1 - rate)).squareRoot()
    #expect(abs(zeros - rate * Double(count)) <= 5 * spread)
  }
}
