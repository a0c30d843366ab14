/// What cannot be computed, or read; each prints as one line.
package struct SpectrumError: Error, Equatable, CustomStringConvertible {
  /// One line for the user.
  package let description: String
}
