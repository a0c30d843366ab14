/// A program that cannot become a model, and why.
package struct ImportError: Error, Hashable, CustomStringConvertible {
  /// One line for the user.
  package let description: String

  /// Creates the error.
  package init(_ description: String) { self.description = description }
}

/// What an operator cannot do; the importer adds where it stands.
struct Refusal: Error {
  let reason: String
  init(_ reason: String) { self.reason = reason }
}
