internal import Checkpoints
internal import FileFormats
internal import Foundation

/// Tensors of an exported program, described by name; their storages are read when they are asked for.
struct StoredViews {
  /// A tensor and, where the container says so, whether it is trained.
  struct Entry {
    let view: StridedView
    let requiresGradient: Bool?
  }

  /// What is read of a storage.
  typealias StorageSource = (String) throws(FileFormatError) -> ArraySlice<UInt8>

  private let entries: [String: Entry]
  /// Tensors in forms that are not read, with the reason.
  private let refused: [String: String]
  private let source: StorageSource

  /// Tensors in a dictionary that `torch.save` wrote into an entry of an archive; none if there is no
  /// such entry.
  init(torchSave name: String, of archive: ZipArchive) throws(FileFormatError) {
    refused = [:]
    guard let entry = archive.entry(named: name) else {
      entries = [:]
      source = { (storage) throws(FileFormatError) in throw Self.missing(storage) }
      return
    }
    let tensors = try TensorArchive(try archive.source(of: entry))
    entries = Dictionary(
      tensors.views.map { ($0.name, Entry(view: $0.view, requiresGradient: nil)) }
    ) { first, _ in first }
    source = { (storage) throws(FileFormatError) in try tensors.storage(storage) }
  }

  /// Tensors whose storages are files of one folder, described by a JSON file beside them.
  init(
    folder: String, configuration: String, of archive: ZipArchive
  ) throws(FileFormatError) {
    var entries: [String: Entry] = [:]
    var refused: [String: String] = [:]
    if archive.entry(named: folder + configuration) != nil {
      let json = try archive.contents(named: folder + configuration)
      let payloads = try decodeJSON(SerializedPayloads.self, from: json, name: configuration)
      for (name, payload) in payloads.config {
        do throws(FileFormatError) {
          entries[name] = try payload.entry(named: name)
        } catch {
          refused[name] = error.detail
        }
      }
    }
    self.entries = entries
    self.refused = refused
    source = { (storage) throws(FileFormatError) in
      try archive.contents(named: folder + storage)
    }
  }

  /// What is known of a tensor; nil if there is none of this name.
  ///
  /// - Throws: `FileFormatError` if it is stored in a form that is not read.
  subscript(name: String) -> Entry? {
    get throws(FileFormatError) {
      if let reason = refused[name] { throw exportedProgramError(.unsupported, reason) }
      return entries[name]
    }
  }

  /// The bytes of a storage.
  ///
  /// - Throws: `FileFormatError` if they are missing or damaged.
  func storage(_ name: String) throws(FileFormatError) -> ArraySlice<UInt8> {
    try source(name)
  }

  private static func missing(_ storage: String) -> FileFormatError {
    exportedProgramError(.malformed, "has no storage \(quoted(storage))")
  }
}

/// The JSON file that describes the storages of a folder.
private struct SerializedPayloads: Decodable {
  struct Payload: Decodable {
    let path: String
    let isPickled: Bool
    let tensor: SerializedTensorMeta?

    private enum CodingKeys: String, CodingKey {
      case path = "path_name"
      case isPickled = "use_pickle"
      case tensor = "tensor_meta"
    }

    init(from decoder: any Decoder) throws {
      let container = try decoder.container(keyedBy: CodingKeys.self)
      path = try container.decode(String.self, forKey: .path)
      isPickled = try container.decodeIfPresent(Bool.self, forKey: .isPickled) ?? false
      tensor = try container.decodeIfPresent(SerializedTensorMeta.self, forKey: .tensor)
    }

    func entry(named name: String) throws(FileFormatError) -> StoredViews.Entry {
      guard !isPickled, let tensor else {
        throw exportedProgramError(
          .unsupported, "tensor \(quoted(name)) is of a class of its own; save plain tensors")
      }
      guard let type = tensor.type.scalarType else {
        throw exportedProgramError(
          .unsupported,
          "tensor \(quoted(name)) has elements of type \(tensor.type.name), which is not read")
      }
      let shape = tensor.shape.compactMap { $0 }
      let strides = tensor.strides.compactMap { $0 }
      guard shape.count == tensor.shape.count, strides.count == tensor.strides.count,
        strides.count == shape.count, let offset = tensor.offset
      else {
        throw exportedProgramError(.malformed, "tensor \(quoted(name)) has no fixed shape")
      }
      return StoredViews.Entry(
        view: StridedView(
          storage: path, type: type, offset: offset, shape: shape, strides: strides),
        requiresGradient: tensor.requiresGradient)
    }
  }

  let config: [String: Payload]
}
