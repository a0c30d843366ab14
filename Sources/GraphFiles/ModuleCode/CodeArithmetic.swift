internal import Foundation

/// Arithmetic of numbers as in Python, checked where Swift's would trap.
enum CodeArithmetic {
  /// `-a`, `+a`, `~a`.
  static func unary(_ operation: String, _ operand: CodeValue) throws -> CodeValue {
    if let value = operand.integer {
      switch operation {
      case "-": return .integer(try checked(Int(0).subtractingReportingOverflow(value)))
      case "~": return .integer(~value)
      default: return .integer(value)
      }
    }
    guard case .real(let value) = operand, operation != "~" else {
      throw CodeRefusal("the operator \(operation) of \(operand.kind)")
    }
    return .real(operation == "-" ? -value : value)
  }

  /// A binary operator on numbers.
  static func binary(
    _ operation: String, _ left: CodeValue, _ right: CodeValue
  ) throws -> CodeValue {
    if let a = left.integer, let b = right.integer {
      if let result = try integers(operation, a, b) { return result }
    }
    guard let a = left.number, let b = right.number else {
      throw CodeRefusal("the operator \(operation) of \(left.kind) and \(right.kind)")
    }
    switch operation {
    case "+": return .real(a + b)
    case "-": return .real(a - b)
    case "*": return .real(a * b)
    case "/":
      guard b != 0 else { throw CodeRefusal("a division by zero") }
      return .real(a / b)
    case "//":
      guard b != 0 else { throw CodeRefusal("a division by zero") }
      return .real((a / b).rounded(.down))
    case "%":
      guard b != 0 else { throw CodeRefusal("a division by zero") }
      return .real(a - b * (a / b).rounded(.down))
    case "**": return .real(pow(a, b))
    default: throw CodeRefusal("the operator \(operation) of numbers")
    }
  }

  /// A result that is whole; nil where it is a fraction.
  private static func integers(_ operation: String, _ a: Int, _ b: Int) throws -> CodeValue? {
    switch operation {
    case "+": return .integer(try checked(a.addingReportingOverflow(b)))
    case "-": return .integer(try checked(a.subtractingReportingOverflow(b)))
    case "*": return .integer(try checked(a.multipliedReportingOverflow(by: b)))
    case "//", "%":
      guard b != 0 else { throw CodeRefusal("a division by zero") }
      guard b != -1 else {
        return .integer(
          operation == "%" ? 0 : try checked(Int(0).subtractingReportingOverflow(a)))
      }
      let (quotient, rest) = a.quotientAndRemainder(dividingBy: b)
      let isBelow = rest != 0 && (rest < 0) != (b < 0)
      return .integer(
        operation == "%" ? (isBelow ? rest + b : rest) : isBelow ? quotient - 1 : quotient)
    case "**":
      guard b >= 0 else { return nil }
      var result = 1
      if a == 0 || a == 1 || b == 0 { return .integer(b == 0 ? 1 : a) }
      if a == -1 { return .integer(b % 2 == 0 ? 1 : -1) }
      guard b < 64 else { throw CodeRefusal("a power beyond 64 bits") }
      for _ in 0..<b { result = try checked(result.multipliedReportingOverflow(by: a)) }
      return .integer(result)
    case "&": return .integer(a & b)
    case "|": return .integer(a | b)
    case "^": return .integer(a ^ b)
    case "<<", ">>":
      guard (0..<63).contains(b) else { throw CodeRefusal("a shift by \(b)") }
      return .integer(operation == "<<" ? a << b : a >> b)
    default: return nil
    }
  }

  private static func checked(_ result: (partialValue: Int, overflow: Bool)) throws -> Int {
    guard !result.overflow else { throw CodeRefusal("a number beyond 64 bits") }
    return result.partialValue
  }

  /// `<`, `>`, `<=`, `>=` of numbers or texts.
  static func compare(
    _ operation: String, _ left: CodeValue, _ right: CodeValue
  ) throws -> CodeValue {
    if let a = left.integer, let b = right.integer { return .boolean(isOrdered(operation, a, b)) }
    if let a = left.number, let b = right.number { return .boolean(isOrdered(operation, a, b)) }
    if let a = left.text, let b = right.text { return .boolean(isOrdered(operation, a, b)) }
    throw CodeRefusal("compares \(left.kind) with \(right.kind)")
  }

  private static func isOrdered<Item: Comparable>(_ operation: String, _ a: Item, _ b: Item) -> Bool
  {
    switch operation {
    case "<": a < b
    case ">": a > b
    case "<=": a <= b
    default: a >= b
    }
  }

  /// A number rounded to a whole one.
  static func integer(_ number: Double) throws -> Int {
    guard let value = Int(exactly: number.rounded(.towardZero)) else {
      throw CodeRefusal("the number \(number) is no whole one")
    }
    return value
  }
}
