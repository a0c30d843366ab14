package import Foundation

/// Locates data that is too large for the repository.
package enum SharedData {
  /// A file or folder below the shared folder, or nil with a printed line where it is missing.
  ///
  /// The folder is `BASIN_SHARED` if that is set, otherwise `shared` beside the package.
  package static func url(_ path: String) -> URL? {
    let url = folder.appending(path: path)
    if FileManager.default.fileExists(atPath: url.path) { return url }
    print("skipped: \(url.path) is missing; set BASIN_SHARED to the folder of shared data")
    return nil
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
