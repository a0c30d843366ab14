/// What went wrong while a file or a byte sequence was read or written.
///
/// The text is one line and names the file (where known), the format and the fault.
public struct FileFormatError: Error, Equatable, CustomStringConvertible {
  /// The kind of fault, for callers that react differently to different faults.
  public enum Reason: Equatable, Sendable {
    /// The operating system refused to open or read the file.
    case unreadable
    /// The operating system refused to create or write the file.
    case unwritable
    /// The data ends before something that it announces.
    case truncated
    /// The data contradicts its format.
    case malformed
    /// The data is valid but uses a feature that is not read here.
    case unsupported
    /// The data announces more than the limit allows.
    case tooLarge
    /// A pickle names a global that is not on the caller's list; the payload is its full name.
    case refusedGlobal(String)
  }

  /// The file concerned, if the bytes came from one.
  public var file: String?
  /// The format, as it is to be named in a message: "zip archive".
  public let format: String
  /// The kind of fault.
  public let reason: Reason
  /// What was wrong and where, without the file name.
  public let detail: String

  /// Creates an error; the text is kept on one line.
  package init(_ reason: Reason, format: String, _ detail: String, file: String? = nil) {
    self.reason = reason
    self.format = format
    self.detail = detail.onOneLine
    self.file = file
  }

  /// One line for the user.
  public var description: String {
    let text = "\(format): \(detail)"
    return file.map { "\($0): \(text)" } ?? text
  }

  /// The same error with the file named, unless one is named already.
  public func inFile(_ path: String) -> FileFormatError {
    var copy = self
    copy.file = file ?? path
    return copy
  }
}

/// A name that comes from a file, in quotes, on one line and of bounded length.
package func quoted(_ name: some StringProtocol) -> String {
  let limit = 120
  var text = ""
  for scalar in name.unicodeScalars.prefix(limit) {
    let isControl = scalar.value < 0x20 || (0x7F...0x9F).contains(scalar.value)
    let isSeparator = scalar.value == 0x2028 || scalar.value == 0x2029
    text += isControl || isSeparator ? "\\u{\(String(scalar.value, radix: 16))}" : String(scalar)
  }
  let isLonger = name.unicodeScalars.dropFirst(limit).first != nil
  return "'\(text)\(isLonger ? "..." : "")'"
}

extension String {
  /// The text with spaces for line breaks: names from files may hold some, and an error is one line.
  package var onOneLine: String {
    contains(where: \.isNewline) ? split(whereSeparator: \.isNewline).joined(separator: " ") : self
  }
}
