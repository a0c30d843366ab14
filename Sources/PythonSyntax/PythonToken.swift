/// The smallest parts of a text in Python.
package struct PythonToken: Hashable, Sendable {
  /// What a token is.
  package enum Kind: Hashable, Sendable {
    /// An identifier or keyword.
    case name(String)
    /// A whole number.
    case integer(Int)
    /// A number with a fraction or exponent, or a whole one beyond 64 bits.
    case real(Double)
    /// A string, with its escapes resolved.
    case text(String)
    /// A string with expressions in braces, without its quotes.
    case template(String)
    /// An operator or delimiter, like `**=`.
    case symbol(String)
    /// The end of a logical line.
    case newline
    /// The start of a block.
    case indent
    /// The end of a block.
    case dedent
    /// The end of the text.
    case end
  }

  /// What it is.
  package let kind: Kind
  /// The line that it stands in, from 1 on.
  package let line: Int
}

/// A text that is not in the part of Python that is read, or is no Python.
package struct PythonSyntaxError: Error, Hashable, CustomStringConvertible {
  /// What is wrong.
  package let reason: String
  /// The line, from 1 on.
  package let line: Int

  /// Joins the parts.
  package init(_ reason: String, line: Int) {
    self.reason = reason
    self.line = line
  }

  /// One line.
  package var description: String { "line \(line): \(reason)" }
}
