/// The order of names in which `conv10` comes behind `conv9`.
package enum NaturalOrder {
  /// Whether a name comes before another.
  package static func precedes(_ a: String, _ b: String) -> Bool {
    let (left, right) = (parts(a), parts(b))
    for (x, y) in zip(left, right) where x != y {
      switch (x, y) {
      case (.number(let m), .number(let n)): return m < n
      case (.text(let m), .text(let n)): return m < n
      case (.number, .text): return true
      case (.text, .number): return false
      }
    }
    return left.count < right.count
  }

  /// A run of digits, or what is between such runs.
  package enum Part: Equatable {
    /// Digits.
    case number(Int)
    /// Anything else.
    case text(String)
  }

  /// The parts of a name, in order.
  package static func parts(_ name: String) -> [Part] {
    var parts: [Part] = []
    var rest = name[...]
    while let first = rest.first {
      let isDigit = first.isASCII && first.isNumber
      let run = rest.prefix { ($0.isASCII && $0.isNumber) == isDigit }
      parts.append(isDigit ? .number(Int(run) ?? .max) : .text(String(run)))
      rest = rest.dropFirst(run.count)
    }
    return parts
  }
}
