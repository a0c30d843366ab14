import Foundation
import TestSupport

/// The committed references: figures by the names of networks, with what they were made of beside them.
enum ReferenceFile {
  /// Path of a file.
  static func path(_ name: String) -> String { folder.appending(path: name).path }

  /// The figures of a network in a JSON file.
  ///
  /// - Throws: The errors of a file that is damaged, or lacks the network.
  static func figures<Figures: Decodable>(of network: String, in file: String) throws -> Figures {
    let all = try JSONDecoder().decode(
      [String: Figures].self, from: Data(contentsOf: folder.appending(path: file)))
    guard let figures = all[network] else {
      throw SharedData.Missing(description: "\(file) lacks \(network)")
    }
    return figures
  }

  private static var folder: URL { SharedData.packageFolder.appending(path: "Tests/Reference") }
}
