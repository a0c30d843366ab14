/// What cannot be computed, or read; each prints as one line.
public struct SpectrumError: Error, Equatable, CustomStringConvertible {
  /// One line for the user.
  public let description: String
}
