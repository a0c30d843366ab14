internal import Checkpoints
internal import FileFormats
internal import Foundation

/// The zip archive of `torch.export.save`, in the three layouts of schema 8.
///
/// PyTorch 2.6 and 2.7 write `serialized_exported_program.json` beside files of `torch.save`, 2.8 a folder
/// with `models/model.json` and `data/weights/model.pt`, later versions the bytes of every storage in a
/// file of its own. Sources: torch/export/\_\_init\_\_.py of 2.7, torch/export/pt2\_archive/\_package.py of
/// 2.8 and 2.15.
struct ExportedProgramArchive {
  private static let oldProgram = "serialized_exported_program.json"
  /// Graphs of 100,000 nodes have some 200 MB.
  private static let maximumDescription = 1 << 30

  /// The program as JSON.
  let json: ArraySlice<UInt8>
  /// Parameters and buffers of the state dict.
  let weights: StoredViews
  /// Constants, and buffers outside the state dict.
  let constants: StoredViews

  /// Whether the bytes are an archive that `torch.export.save` or a newer container of it wrote.
  static func isExportedProgram(_ source: ByteSource) -> Bool {
    guard source.count > 4, let start = try? source.read(0..<4, format: "file"),
      ZipArchive.isZip(Array(start)), let archive = try? ZipArchive(source)
    else { return false }
    return archive.entries.contains {
      $0.name == oldProgram || $0.name.hasSuffix("/archive_format")
        || $0.name.hasSuffix("/models/model.json")
    }
  }

  /// Opens an archive.
  ///
  /// - Throws: `FileFormatError` if it is damaged or of another layout.
  init(_ source: ByteSource) throws(FileFormatError) {
    let archive = try ZipArchive(source)
    if archive.entry(named: Self.oldProgram) != nil {
      json = try Self.description(Self.oldProgram, of: archive)
      weights = try StoredViews(torchSave: "serialized_state_dict.pt", of: archive)
      constants = try StoredViews(torchSave: "serialized_constants.pt", of: archive)
      return
    }
    let (folder, model) = try Self.model(of: archive)
    if archive.entry(named: folder + "byteorder") != nil {
      let order = try archive.contents(named: folder + "byteorder")
      guard order.elementsEqual("little".utf8) else {
        throw exportedProgramError(
          .unsupported,
          "its byte order is \(quoted(String(decoding: order, as: UTF8.self))), not 'little'")
      }
    }
    json = try Self.description("\(folder)models/\(model).json", of: archive)
    let weightFolder = folder + "data/weights/"
    let constantFolder = folder + "data/constants/"
    if archive.entry(named: "\(weightFolder)\(model)_weights_config.json") != nil {
      weights = try StoredViews(
        folder: weightFolder, configuration: "\(model)_weights_config.json", of: archive)
      constants = try StoredViews(
        folder: constantFolder, configuration: "\(model)_constants_config.json", of: archive)
    } else {
      weights = try StoredViews(torchSave: "\(weightFolder)\(model).pt", of: archive)
      constants = try StoredViews(torchSave: "\(constantFolder)\(model).pt", of: archive)
    }
  }

  private static func description(
    _ name: String, of archive: ZipArchive
  ) throws(FileFormatError) -> ArraySlice<UInt8> {
    if let entry = archive.entry(named: name), entry.size > maximumDescription {
      throw exportedProgramError(.tooLarge, "its graph has \(entry.size) bytes")
    }
    return try archive.contents(named: name)
  }

  /// Folder and name of the only model.
  private static func model(
    of archive: ZipArchive
  ) throws(FileFormatError) -> (folder: String, model: String) {
    let models = archive.entries.map(\.name).filter {
      $0.hasSuffix(".json") && ($0.contains("/models/") || $0.hasPrefix("models/"))
    }
    guard let path = models.first else {
      let isCompiled = archive.entries.contains { $0.name.contains("data/aotinductor/") }
      throw exportedProgramError(
        .unsupported,
        isCompiled
          ? "holds compiled code, not a graph; save torch.export.save(torch.export.export(...))"
          : "is no file of torch.export.save")
    }
    guard models.count == 1, let slash = path.range(of: "models/", options: .backwards) else {
      let names = models.prefix(3).map { quoted($0) }.joined(separator: ", ")
      throw exportedProgramError(
        .unsupported, "holds \(models.count) models (\(names)); save one by torch.export.save")
    }
    return (String(path[..<slash.lowerBound]), String(path[slash.upperBound...].dropLast(5)))
  }
}

/// An error of this format.
func exportedProgramError(
  _ reason: FileFormatError.Reason, _ detail: String
) -> FileFormatError {
  FileFormatError(reason, format: "exported program", detail)
}
