internal import FileFormats
internal import Foundation

/// The names in a folder, read once.
struct FolderListing {
  let path: String
  let names: Set<String>

  /// Lists a folder.
  ///
  /// - Throws: `DatasetError` if it cannot be read.
  init(_ path: String) throws(DatasetError) {
    self.path = path
    do {
      names = Set(try FileManager.default.contentsOfDirectory(atPath: path))
    } catch {
      throw DatasetError(
        .missing, path, "the folder cannot be listed; check its permissions")
    }
  }

  /// The path of an entry.
  func file(_ name: String) -> String {
    path.hasSuffix("/") ? path + name : path + "/" + name
  }

  /// The first of `candidates` that is in the folder, as a path.
  func first(of candidates: [String]) -> String? {
    candidates.first { names.contains($0) }.map(file)
  }

  /// Whether `path` is a folder; `nil` if there is nothing.
  static func isFolder(_ path: String) -> Bool? {
    var isFolder: ObjCBool = false
    guard unsafe FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) else {
      return nil
    }
    return isFolder.boolValue
  }
}

/// The first 16 bytes of a regular file; fewer, or none, where there are not as many.
func startOfFile(_ path: String) -> [UInt8] {
  // A named pipe would block until somebody writes to it.
  let target = URL(fileURLWithPath: path).resolvingSymlinksInPath().path
  guard
    let attributes = try? FileManager.default.attributesOfItem(atPath: target),
    attributes[.type] as? FileAttributeType == .typeRegular,
    let handle = FileHandle(forReadingAtPath: target)
  else { return [] }
  defer { try? handle.close() }
  return Array((try? handle.read(upToCount: 16)) ?? Data())
}

/// The last component of a path, without the ending.
func baseName(_ path: String) -> String {
  let name = path.split(separator: "/").last.map(String.init) ?? path
  guard let dot = name.lastIndex(of: "."), dot > name.startIndex else { return name }
  return String(name[..<dot])
}

/// The non-empty lines of a text file with class names, if there are exactly `count`.
func classNames(inFile path: String?, count: Int) -> [String]? {
  guard let path, let bytes = try? FileBytes.read(path) else { return nil }
  let lines = String(decoding: bytes, as: UTF8.self).split(whereSeparator: \.isNewline)
    .map { $0.trimmingCharacters(in: .whitespaces) }.filter { !$0.isEmpty }
  return lines.count == count ? lines : nil
}
