/// A part of a report about one kind of run.
protocol ReportSection {
  /// Where links lead.
  var id: String { get }
  /// Heading.
  var title: String { get }
  /// Whether there is no such run.
  var isEmpty: Bool { get }
  /// What stands below the heading.
  func contents() throws -> [HTML]
}
