/// Why an analysis cannot be done: what it is about, the cause, and which settings help.
public struct AnalysisError: Error, Equatable, CustomStringConvertible {
  /// What the error is about: a file, or a folder; nil where it is about settings alone.
  public let subject: String?
  /// What is wrong and what to do, in one line, which names settings as `Setting` says.
  public let cause: String

  /// Creates an error.
  public init(_ cause: String, subject: String? = nil) {
    self.subject = subject
    self.cause = cause
  }

  /// One line for the user.
  public var description: String { (subject.map { "\($0): " } ?? "") + cause }
}
