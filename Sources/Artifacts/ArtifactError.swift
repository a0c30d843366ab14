public import FileFormats

/// Why a result file cannot be read, written or continued.
public enum ArtifactError: Error, Equatable, CustomStringConvertible {
  /// The file itself: unreadable, unwritable, or not of its format.
  case file(FileFormatError)
  /// The file's contents do not have the expected form; the second text says where and why.
  case malformed(path: String, String)
  /// A journal was made with other settings; the second text says which differ.
  case otherConfiguration(path: String, String)

  /// A result of a newer version, whose form this one does not know.
  case newerForm(path: String, schemaVersion: Int)

  /// One line for the user.
  public var description: String {
    switch self {
    case .file(let error): error.description
    case .malformed(let path, let detail): "\(path): \(detail)"
    case .otherConfiguration(let path, let difference):
      "\(path): belongs to a run with other settings (\(difference)); "
        + "choose another folder or remove this file"
    case .newerForm(let path, let version):
      "\(path): has schemaVersion \(version), which a newer version wrote (this one reads up to "
        + "\(Provenance.currentSchemaVersion)); update, or make the result again"
    }
  }
}
