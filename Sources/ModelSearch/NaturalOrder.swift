/// The order of names in which `conv10` comes behind `conv9`.
enum NaturalOrder {
  static func precedes(_ a: String, _ b: String) -> Bool {
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

  private enum Part: Equatable {
    case number(Int)
    case text(String)
  }

  private static func parts(_ name: String) -> [Part] {
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
