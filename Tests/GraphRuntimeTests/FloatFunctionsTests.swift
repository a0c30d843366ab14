import Foundation
import Testing

@testable import ComputationGraph
@testable import GraphRuntime

/// Vectorised functions are right to a unit in the last place over all numbers.
@Suite struct FloatFunctionsTests {
  struct Function: Sendable, CustomTestStringConvertible {
    let function: UnaryFunction
    /// Largest error in units in the last place; half a unit is the rounding itself.
    var bound = 0.51
    let exact: @Sendable (Double) -> Double
    var testDescription: String { "\(function)" }
  }

  static let functions = [
    Function(function: .exponential, bound: 1.1) { exp($0) },
    Function(function: .logarithm) { log($0) },
    Function(function: .tanh, bound: 1.4) { tanh($0) },
    Function(function: .sigmoid, bound: 2.1) {
      $0 < 0 ? exp($0) / (1 + exp($0)) : 1 / (1 + exp(-$0))
    },
    Function(function: .errorFunction, bound: 1.2) { erf($0) },
    Function(function: .softplus) { ($0 > 0 ? $0 : 0) + log1p(exp(-abs($0))) },
    Function(function: .sine) { sin($0) },
    Function(function: .cosine) { cos($0) },
    // The root is rounded too: half a unit of it can be a whole one of the quotient.
    Function(function: .power(-0.5), bound: 1.5) { 1 / $0.squareRoot() },
  ]

  /// Every 4001st number of both signs, which meets all exponents, and the special ones.
  static let numbers: [Float] = {
    let all = stride(from: UInt32(0), through: 0x7f80_0000, by: 4001).map { Float(bitPattern: $0) }
    let special: [Float] = [
      0, .leastNonzeroMagnitude, .leastNormalMagnitude, .greatestFiniteMagnitude, .infinity, .nan,
      1, Float(1).nextUp, Float(1).nextDown, 88.72284, 103.97208, 104, 3.9192059, 0x1p20,
      Float(0x1p20).nextUp, .pi / 2, .pi, 0x1.921fb6p20,
    ]
    return (all + special).flatMap { [$0, -$0] }
  }()

  private static func apply(_ function: UnaryFunction, to x: [Float]) -> [Float] {
    var y = [Float](repeating: 0, count: x.count)
    y.withUnsafeMutableBufferPointer { result in
      x.withUnsafeBufferPointer { source in
        guard let from = source.baseAddress, let to = result.baseAddress else { return }
        TileLoops.run(.unary(function), from, from, to, x.count)
      }
    }
    return y
  }

  @Test(arguments: functions)
  func `no number is off by more than the bound`(test: Function) {
    let y = Self.apply(test.function, to: Self.numbers)
    var largest = 0.0
    var wrong: [Float] = []
    for (x, found) in zip(Self.numbers, y) {
      let exact = test.exact(Double(x))
      if exact.isNaN || exact.isInfinite || abs(exact) > Double(Float.greatestFiniteMagnitude) {
        let rounded = Float(exact)
        if !(found == rounded || found.isNaN && rounded.isNaN) { wrong.append(x) }
        continue
      }
      let unit = Double(Float(exact).ulp)
      let error = abs(Double(found) - exact) / unit
      if error.isNaN || error > test.bound { wrong.append(x) }
      largest = max(largest, error)
    }
    #expect(wrong.isEmpty, "\(wrong.count) numbers, as \(wrong.prefix(5)); \(largest) units")
  }

  @Test(arguments: functions)
  func `a number has the same result in every place of a vector`(test: Function) {
    let numbers = Array(Self.numbers.suffix(64))
    let expected = Self.apply(test.function, to: numbers).map(\.bitPattern)
    for start in 1..<8 {
      let found = Self.apply(test.function, to: Array(numbers[start...]))
      #expect(found.map(\.bitPattern) == Array(expected[start...]))
    }
  }

  @Test func `exponentials in double precision are right to their last places`() {
    var largest = 0.0
    for start in stride(from: -708.0, to: 708, by: 0.37) {
      let x = SIMD8<Double>((0..<8).map { min(start + Double($0) * 0.0461, 708) })
      let y = DoubleFunctions.exponential(x)
      // The C library is right to 0.51 units.
      for lane in 0..<8 {
        largest = max(largest, abs(y[lane] - exp(x[lane])) / exp(x[lane]).ulp)
      }
    }
    #expect(largest <= 2)
    let special = DoubleFunctions.exponential([0, -0.0, -.infinity, .nan, -.nan, -1e300, -708, 1])
    #expect(special[0] == 1 && special[1] == 1 && special[2] < 1e-300 && special[5] < 1e-300)
    #expect(special[3].isNaN && special[4].isNaN)
  }
}
