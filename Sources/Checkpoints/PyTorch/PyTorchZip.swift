import FileFormats

/// The zip format of `torch.save` since PyTorch 1.6.
///
/// The folder of the archive holds `data.pkl`, one file `data/KEY` for each storage, and
/// `byteorder`. Source: torch/serialization.py, `_save` and `_load`.
struct PyTorchZip {
  private let archive: ZipArchive
  private let folder: String
  private let fileSize: Int

  /// Recognises the archive's layout.
  init(_ archive: ZipArchive, fileSize: Int) throws(FileFormatError) {
    let name = "data.pkl"
    let pickle = archive.entries.first { $0.name == name || $0.name.hasSuffix("/" + name) }
    guard let pickle else { throw ForeignFile.zip(archive.entries.map(\.name)) }
    folder = String(pickle.name.dropLast(name.count))
    guard archive.entry(named: folder + "constants.pkl") == nil else {
      throw FileFormatError(
        .unsupported, format: "checkpoint",
        "is a TorchScript program; save model.state_dict() with torch.save instead")
    }
    self.archive = archive
    self.fileSize = fileSize
  }

  func root() throws(FileFormatError) -> CheckpointValue {
    let root = try pickle()
    // Checking the sum of a storage takes a pass over it, and many tensors may share one.
    var storages: [String: ArraySlice<UInt8>] = [:]
    let builder = CheckpointValueBuilder(fileSize: fileSize) {
      (reference) throws(FileFormatError) in
      if storages[reference.key] == nil {
        storages[reference.key] = try storage(reference.key)
      }
      let bytes = storages[reference.key] ?? []
      guard bytes.count >= reference.byteCount else {
        throw FileFormatError(
          .truncated, format: "checkpoint",
          "storage \(quoted(reference.key)) has \(bytes.count) bytes, not \(reference.byteCount)")
      }
      return bytes.prefix(reference.byteCount)
    }
    return try builder.value(root)
  }

  /// The tensors of a dictionary, described.
  func views() throws(FileFormatError) -> [(name: String, view: StridedView)] {
    guard case .dictionary(let pairs) = try pickle() else {
      throw FileFormatError(.unsupported, format: "checkpoint", "holds no dictionary of tensors")
    }
    var views: [(name: String, view: StridedView)] = []
    for pair in pairs {
      guard let name = pair.key.text, case .object(let object) = pair.value,
        let tensor = try TensorRebuilder.described(object, name: name)
      else { continue }
      views.append((name, tensor.view))
    }
    return views
  }

  /// The bytes of a storage.
  func storage(_ key: String) throws(FileFormatError) -> ArraySlice<UInt8> {
    try archive.contents(named: "\(folder)data/\(key)")
  }

  private func pickle() throws(FileFormatError) -> PickleValue {
    if archive.entry(named: folder + "byteorder") != nil {
      let order = try archive.contents(named: folder + "byteorder")
      guard order.elementsEqual("little".utf8) else {
        throw FileFormatError(
          .unsupported, format: "checkpoint",
          "its byte order is \(quoted(String(decoding: order, as: UTF8.self))), not 'little'")
      }
    }
    return try Pickle.parse(
      try archive.contents(named: folder + "data.pkl"), globals: PyTorchGlobals.policy)
  }
}
