package import Foundation
package import Testing

/// Locates data that is too large for the repository.
///
/// Tests that need it carry `.enabled(if: SharedData.has(...), SharedData.note)`, so that a run says
/// which of them it skipped and why; the small reference in `Tests/Reference` is always there.
package enum SharedData {
  /// What a skipped test says.
  package static let note: Comment = "needs data that is not here; set BASIN_SHARED to their folder"

  /// A file or folder that a test asked for without `.enabled(if:)`.
  package struct Missing: Error, CustomStringConvertible {
    package let description: String

    package init(description: String) { self.description = description }
  }

  /// Whether files and folders below the shared folder are all there.
  package static func has(_ paths: String...) -> Bool {
    paths.allSatisfy { FileManager.default.fileExists(atPath: folder.appending(path: $0).path) }
  }

  /// A file or folder below the shared folder.
  ///
  /// The folder is `BASIN_SHARED` if that is set, otherwise `shared` beside the package.
  package static func url(_ path: String) throws -> URL {
    let url = folder.appending(path: path)
    guard FileManager.default.fileExists(atPath: url.path) else {
      throw Missing(description: "\(url.path) is missing; set BASIN_SHARED")
    }
    return url
  }

  private static var folder: URL {
    if let path = ProcessInfo.processInfo.environment["BASIN_SHARED"], !path.isEmpty {
      return URL(filePath: path, directoryHint: .isDirectory)
    }
    return packageFolder.deletingLastPathComponent().appending(path: "shared")
  }

  /// The folder that holds `Package.swift`.
  package static var packageFolder: URL {
    var folder = URL(filePath: #filePath).deletingLastPathComponent()
    while folder.path != "/",
      !FileManager.default.fileExists(atPath: folder.appending(path: "Package.swift").path)
    {
      folder.deleteLastPathComponent()
    }
    return folder
  }
}
