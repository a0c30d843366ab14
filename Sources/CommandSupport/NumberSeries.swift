internal import Analyses
internal import ExperimentLogs

/// Named numbers as other programs keep them: a value under each name, errors in a group of their own.
enum NumberSeries {
  /// Names with values: `hessian/lambda1`, and `hessian-errors/lambda1` where there is a bound or standard error.
  static func values(_ numbers: [NamedNumber], group: String) -> [(String, Double)] {
    numbers.flatMap { number in
      [("\(group)/\(number.name)", number.measured.value)]
        + (number.measured.error.map { [("\(group)-errors/\(number.name)", $0)] } ?? [])
    }
  }

  /// The same as entries of an event file.
  static func entries(_ numbers: [NamedNumber], group: String, step: Int) -> [EventEntry] {
    values(numbers, group: group).map {
      EventEntry(tag: $0.0, step: step, content: .scalar($0.1))
    }
  }
}
