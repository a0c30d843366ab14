internal import FileFormats
internal import Foundation

/// The names in a folder, on disk or unpacked from an archive.
struct FolderListing {
  /// The folder, or the archive with the folder in it.
  let path: String
  let names: Set<String>
  /// The files of a folder in an archive; nil on disk.
  private let contents: [String: ByteSource]?

  /// Lists a folder.
  ///
  /// - Throws: `DatasetError` if it cannot be read.
  init(_ path: String) throws(DatasetError) {
    self.path = path
    contents = nil
    do {
      names = Set(try FileManager.default.contentsOfDirectory(atPath: path))
    } catch {
      throw DatasetError(
        .missing, path, "the folder cannot be listed; check its permissions")
    }
  }

  /// A folder of an archive whose files are in memory.
  init(_ path: String, contents: [String: ByteSource]) {
    self.path = path
    names = Set(contents.keys)
    self.contents = contents
  }

  /// Whether the files can be opened by their paths.
  var isOnDisk: Bool { contents == nil }

  /// The names in the order of their code points, as Python sorts them.
  var sortedNames: [String] {
    names.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
  }

  /// The same without hidden files and what macOS leaves behind.
  var visibleNames: [String] {
    sortedNames.filter { !$0.hasPrefix(".") && $0 != "__MACOSX" }
  }

  /// The visible folders in it.
  var folders: [String] { visibleNames.filter { Self.isFolder(file($0)) == true } }

  /// The path of an entry.
  func file(_ name: String) -> String {
    path.hasSuffix("/") ? path + name : path + "/" + name
  }

  /// The contents of a file.
  ///
  /// - Throws: `DatasetError` if it cannot be opened.
  func source(_ name: String) throws(DatasetError) -> ByteSource {
    if let source = contents?[name] { return source }
    return try reading(file(name)) { () throws(FileFormatError) in
      try ByteSource(file: file(name))
    }
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

/// The first bytes of a regular file; fewer, or none, where there are not as many.
func startOfFile(_ path: String, count: Int = 16) -> [UInt8] {
  // A named pipe would block until somebody writes to it.
  let target = URL(fileURLWithPath: path).resolvingSymlinksInPath().path
  guard
    let attributes = try? FileManager.default.attributesOfItem(atPath: target),
    attributes[.type] as? FileAttributeType == .typeRegular,
    let handle = FileHandle(forReadingAtPath: target)
  else { return [] }
  defer { try? handle.close() }
  return Array((try? handle.read(upToCount: count)) ?? Data())
}

/// The last component of a path.
func lastComponent(_ path: String) -> String {
  URL(filePath: path).standardizedFileURL.lastPathComponent
}

/// The last component of a path, without the ending.
func baseName(_ path: String) -> String {
  let name = path.split(separator: "/").last.map(String.init) ?? path
  guard let dot = name.lastIndex(of: "."), dot > name.startIndex else { return name }
  return String(name[..<dot])
}

/// The non-empty lines of a text file with class names, if there are exactly `count`.
func classNames(in source: ByteSource?, count: Int) -> [String]? {
  guard let source, source.count < 1 << 20,
    let bytes = try? source.read(0..<source.count, format: "text")
  else { return nil }
  let lines = String(decoding: bytes, as: UTF8.self).split(whereSeparator: \.isNewline)
    .map { $0.trimmingCharacters(in: .whitespaces) }.filter { !$0.isEmpty }
  return lines.count == count ? lines : nil
}
