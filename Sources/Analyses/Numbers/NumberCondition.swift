internal import Foundation

/// A comparison of a number of a result with a threshold: `lambda1 > 50`, `test/accuracy < 90 %`.
package struct NumberCondition: Equatable, Sendable, CustomStringConvertible {
  /// How a number is compared.
  package enum Comparison: String, CaseIterable, Sendable {
    case lessOrEqual = "<="
    case greaterOrEqual = ">="
    case less = "<"
    case greater = ">"
  }

  /// What is known of a comparison when numbers have errors.
  package enum Answer: Equatable, Sendable {
    case holds, excluded
    /// True for some of the numbers that the true one may be, false for others.
    case open
  }

  /// The number.
  package let name: NumberName
  /// How it is compared.
  package let comparison: Comparison
  /// What it is compared with.
  package let threshold: Double
  /// The condition as it was written.
  package let description: String

  /// Reads a condition on the numbers of a kind of result.
  ///
  /// - Throws: `AnalysisError` of one line for a text of another form, and for a name that no such result has.
  package init<Result: MeasuredResult>(
    parsing text: String, of result: Result.Type
  ) throws(AnalysisError) {
    let form = "write NAME, one of < <= > >=, and a number, like '\(Self.example(of: result))'"
    guard
      let (comparison, place) = Comparison.allCases.lazy.compactMap({ comparison in
        text.range(of: comparison.rawValue).map { (comparison, $0) }
      }).first
    else { throw AnalysisError("'\(text)' compares nothing; \(form)") }
    let name = text[..<place.lowerBound].trimmingCharacters(in: .whitespaces)
    var number = text[place.upperBound...].trimmingCharacters(in: .whitespaces)
    let isPercent = number.hasSuffix("%")
    if isPercent { number = number.dropLast().trimmingCharacters(in: .whitespaces) }
    guard let threshold = Double(number), threshold.isFinite else {
      throw AnalysisError("'\(number)' in '\(text)' is no number; \(form)")
    }
    guard let known = Result.numberName(name) else {
      throw AnalysisError(
        "'\(name)' in '\(text)' is no number of this result; there are \(Result.numberNames)")
    }
    self.name = known
    self.comparison = comparison
    self.threshold = isPercent ? threshold / 100 : threshold
    description = text.trimmingCharacters(in: .whitespaces)
  }

  private static func example<Result: MeasuredResult>(of result: Result.Type) -> String {
    let name = Result.numberTable.first?.syntax.split(separator: " ").first ?? "loss"
    return "\(name.split(separator: "]").last ?? name) > 1"
  }

  /// What is known of the comparison: it holds where it does for every number that the true one may be, and is
  /// excluded where it does for none.
  package func answer(for measured: MeasuredValue) -> Answer {
    let (low, high) = measured.range
    let (never, always): (Bool, Bool) =
      switch comparison {
      case .less: (low >= threshold, high < threshold)
      case .lessOrEqual: (low > threshold, high <= threshold)
      case .greater: (high <= threshold, low > threshold)
      case .greaterOrEqual: (high < threshold, low >= threshold)
      }
    return always ? .holds : never ? .excluded : .open
  }

  /// Why a run does not pass: the condition holds, or cannot be excluded.
  ///
  /// A check must not pass because an error is large or a number is missing: what cannot be excluded counts
  /// as if it held, and the text says so.
  ///
  /// - Parameter results: Title and numbers of each result. The condition is one on each of them.
  /// - Returns: One line; nil where the condition is excluded for all.
  package func objection(to results: [(title: String, numbers: [NamedNumber])]) -> String? {
    let found = results.flatMap { result in
      result.numbers.filter { name.stands(for: $0.name) }.map {
        (title: result.title, number: $0, answer: answer(for: $0.measured))
      }
    }
    guard !found.isEmpty else {
      return "\(description) cannot be excluded: the run has no \(name)"
    }
    let open = found.first { $0.answer == .holds } ?? found.first { $0.answer == .open }
    guard let open else { return nil }
    return "\(description) \(open.answer == .holds ? "holds" : "cannot be excluded"): "
      + "\(open.number.name) is \(open.number.measured.text) in \(open.title)"
  }
}
