/// Settings that cannot be used, or a training that cannot go on.
package struct TrainingError: Error, Equatable, CustomStringConvertible {
  /// One line for the user.
  package let description: String

  /// Creates an error.
  package init(_ description: String) { self.description = description }
}
