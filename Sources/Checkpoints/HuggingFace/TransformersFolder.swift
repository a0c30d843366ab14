import FileFormats
import Foundation

/// A folder as transformers' `save_pretrained` writes it: `config.json` and weights, in one file or
/// several.
enum TransformersFolder {
  /// Key of the metadata under which `config.json` is kept.
  static let configurationKey = "config.json"

  /// Files that hold all weights, the likelier first.
  private static let wholeNames = ["model.safetensors", "pytorch_model.bin"]
  /// Files that say which file holds which weight.
  private static let indexNames = ["model.safetensors.index.json", "pytorch_model.bin.index.json"]

  private struct Index: Decodable {
    let weights: [String: String]

    private enum CodingKeys: String, CodingKey {
      case weights = "weight_map"
    }
  }

  /// Whether there is a folder at a path.
  static func isFolder(_ path: String) -> Bool {
    var isFolder: ObjCBool = false
    return unsafe FileManager.default.fileExists(atPath: path, isDirectory: &isFolder)
      && isFolder.boolValue
  }

  /// Reads configuration and weights.
  ///
  /// The digest is that of the list of files with their own digests.
  ///
  /// - Throws: `CheckpointError` for a folder without them, networks that are not known, and files
  ///   that are damaged.
  static func read(_ folder: String) throws(CheckpointError) -> CheckpointContents {
    guard exists(folder, configurationKey) else {
      throw FolderWithoutNetwork.error(folder)
    }
    var digests: [String] = []
    func bytes(_ name: String) throws(CheckpointError) -> [UInt8] {
      let path = file(folder, name)
      do throws(FileFormatError) {
        let bytes = try FileBytes.read(path)
        digests.append("\(name) \(SHA256.hexDigest(of: bytes))\n")
        return bytes
      } catch {
        throw CheckpointError(path, error)
      }
    }
    let text = String(decoding: try bytes(configurationKey), as: UTF8.self)
    // Networks that are not known are told before their weights are read.
    _ = try TransformersConfiguration(text, path: folder)
    var normalization: String?
    if exists(folder, "preprocessor_config.json") {
      normalization = try PreprocessorConfiguration.normalization(
        bytes("preprocessor_config.json"), path: folder)
    }
    let (names, places) = try weightFiles(folder)
    var tensors: [StoredTensor] = []
    for name in names {
      let contents = try CheckpointFile.readPlain(file(folder, name))
      digests.append("\(name) \(contents.sha256)\n")
      let own = contents.tensors
      let present = Set(own.map(\.name))
      if let missing = places?.filter({ $0.value == name && !present.contains($0.key) }).keys.min()
      {
        throw CheckpointError(
          file(folder, name), tensor: missing,
          "is missing, though the index says it is there; "
            + "download the files again")
      }
      tensors += own
    }
    return CheckpointContents(
      path: folder, format: .transformers,
      sha256: SHA256.hexDigest(of: Array(digests.joined().utf8)), tensors: tensors,
      metadata: [configurationKey: text], normalization: normalization)
  }

  /// Names of the files with weights, and the file of each weight where there are several.
  private static func weightFiles(
    _ folder: String
  ) throws(CheckpointError) -> (names: [String], places: [String: String]?) {
    if let whole = wholeNames.first(where: { exists(folder, $0) }) { return ([whole], nil) }
    guard let index = indexNames.first(where: { exists(folder, $0) }) else {
      throw CheckpointError(
        folder,
        "has config.json but no weights; add \(wholeNames.joined(separator: " or ")), or "
          + "an index with its files")
    }
    let path = file(folder, index)
    let places: [String: String]
    do {
      places = try JSONDecoder().decode(Index.self, from: Data(FileBytes.read(path))).weights
    } catch let error as FileFormatError {
      throw CheckpointError(path, error)
    } catch {
      throw CheckpointError(path, "has no \"weight_map\" of names and files; download it again")
    }
    let names = Set(places.values).sorted()
    // An index must not lead out of its folder.
    if let strange = names.first(where: { $0.contains("/") || $0.isEmpty || $0 == ".." }) {
      throw CheckpointError(path, "names the file \(quoted(strange)), which is none of its folder")
    }
    guard !names.isEmpty else {
      throw CheckpointError(path, "names no weights; download it again")
    }
    let missing = names.filter { !exists(folder, $0) }
    guard missing.isEmpty else {
      throw CheckpointError(
        folder,
        "lacks \(missing.count) of the \(names.count) files of \(index) "
          + "(\(missing.prefix(3).joined(separator: ", "))); download them too")
    }
    return (names, places)
  }

  private static func file(_ folder: String, _ name: String) -> String {
    (folder as NSString).appendingPathComponent(name)
  }

  private static func exists(_ folder: String, _ name: String) -> Bool {
    FileManager.default.fileExists(atPath: file(folder, name))
  }
}

/// What `preprocessor_config.json` says of the normalisation of images.
enum PreprocessorConfiguration {
  private struct Contents: Decodable {
    let normalizes: Bool?
    let mean: [Double]?
    let deviation: [Double]?

    private enum CodingKeys: String, CodingKey {
      case normalizes = "do_normalize"
      case mean = "image_mean"
      case deviation = "image_std"
    }
  }

  /// The normalisation as `ChannelNormalization` reads it; nil where the file has none.
  ///
  /// - Throws: `CheckpointError` for a file that is no such JSON.
  static func normalization(_ bytes: [UInt8], path: String) throws(CheckpointError) -> String? {
    let contents: Contents
    do {
      contents = try JSONDecoder().decode(Contents.self, from: Data(bytes))
    } catch {
      throw CheckpointError(path, "preprocessor_config.json is damaged; download it again")
    }
    if contents.normalizes == false { return "none" }
    guard let mean = contents.mean, let deviation = contents.deviation else { return nil }
    func list(_ numbers: [Double]) -> String { numbers.map { "\($0)" }.joined(separator: ",") }
    return "mean=\(list(mean));std=\(list(deviation))"
  }
}
