/// Settings that cannot be used, or a training that cannot go on.
public struct TrainingError: Error, Equatable, CustomStringConvertible {
  /// One line for the user.
  public let description: String

  /// Creates an error.
  public init(_ description: String) { self.description = description }
}
