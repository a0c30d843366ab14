internal import FileFormats

/// What went wrong while a data set was opened, cut or normalised.
///
/// The text is one line: what it concerns (a file or a setting), the fault, and what to do.
public struct DatasetError: Error, Equatable, CustomStringConvertible {
  /// The kind of fault, for callers that react differently to different faults.
  public enum Reason: Equatable, Sendable {
    /// No file or folder there, or it cannot be read.
    case missing
    /// Nothing that is known as a data set.
    case unrecognised
    /// Several data sets in one folder.
    case ambiguous
    /// The data set has no such split.
    case noSuchSplit
    /// The data end before something that they announce.
    case truncated
    /// The data contradict their format.
    case malformed
    /// A label outside the classes.
    case label
    /// Extents that contradict each other or cannot be read as images.
    case shape
    /// No samples.
    case empty
    /// Samples asked for that do not exist.
    case range
    /// A setting that cannot be understood or does not fit the data.
    case setting
  }

  /// The kind of fault.
  public let reason: Reason
  /// The file, folder or setting concerned.
  public let subject: String
  /// The fault and what to do about it.
  public let detail: String

  /// Creates an error; control characters in `subject` are escaped so that the text is one line.
  package init(_ reason: Reason, _ subject: String, _ detail: String) {
    self.reason = reason
    self.subject = subject.contains(where: \.isNewline) ? quoted(subject) : subject
    self.detail = detail
  }

  /// One line for the user.
  public var description: String { "\(subject): \(detail)" }
}

extension DatasetError {
  /// The same fault as seen while a data set was read from `path`.
  init(_ error: FileFormatError, path: String) {
    let reason: Reason =
      switch error.reason {
      case .unreadable: .missing
      case .truncated: .truncated
      default: .malformed
      }
    self.init(reason, error.file ?? path, "\(error.format): \(error.detail)")
  }
}

/// Runs a reader of `FileFormats` and names `path` in its error.
func reading<Result>(
  _ path: String, _ body: () throws(FileFormatError) -> Result
) throws(DatasetError) -> Result {
  do throws(FileFormatError) {
    return try body()
  } catch {
    throw DatasetError(error, path: path)
  }
}
