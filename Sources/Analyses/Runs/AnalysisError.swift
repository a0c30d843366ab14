/// Why an analysis cannot be done: what it is about, the cause, and which settings help.
package struct AnalysisError: Error, Equatable, CustomStringConvertible {
  /// What the error is about: a file, or a folder; nil where it is about settings alone.
  package let subject: String?
  /// What is wrong and what to do, in one line.
  package let cause: Message

  /// Creates an error.
  package init(_ cause: Message, subject: String? = nil) {
    self.subject = subject
    self.cause = cause
  }

  /// One line for the user, with the names of the settings that he knows.
  package func text(naming name: (Setting) -> String) -> String {
    (subject.map { "\($0): " } ?? "") + cause.text(naming: name)
  }

  /// One line with the names of the configurations.
  package var description: String { text(naming: \.rawValue) }
}
