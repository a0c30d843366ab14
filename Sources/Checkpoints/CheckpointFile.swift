import FileFormats
import NeuralNetworks

/// Reading checkpoints of any supported format, and writing safetensors.
package enum CheckpointFile {
  /// Reads the checkpoint at `path`; its kind is recognised by content, never by name.
  ///
  /// PyTorch files (zip and legacy) are parsed, never executed. The state dict may be the whole
  /// file or lie inside a training state, and names lose the prefixes of wrappers. A folder is one of
  /// transformers, with `config.json` and weights.
  ///
  /// - Throws: `CheckpointError` if the file is unreadable, damaged, of an unknown kind, names
  ///   anything but tensors, or holds no state dict.
  package static func read(_ path: String) throws(CheckpointError) -> CheckpointContents {
    if TransformersFolder.isFolder(path) { return try TransformersFolder.read(path) }
    let bytes: [UInt8]
    do throws(FileFormatError) {
      bytes = try FileBytes.read(path)
    } catch {
      let advice = "; give the path of a checkpoint, or work in the folder of a training"
      throw CheckpointError(path, CheckpointError(path, error).detail + advice)
    }
    do throws(FileFormatError) {
      return try read(bytes, path: path)
    } catch {
      throw CheckpointError(path, error)
    }
  }

  /// Reads the bytes of a checkpoint; `path` is only recorded.
  ///
  /// - Throws: `FileFormatError` as above.
  static func read(_ bytes: [UInt8], path: String) throws(FileFormatError) -> CheckpointContents {
    let (format, root, sources) = try root(of: bytes)
    let dictionary = StateDictionary(root)
    let digest = SHA256.hexDigest(of: bytes)
    let found = try dictionary.locate()
    let prefix = WrapperPrefix.shared(by: found.tensors.map(\.name))
    let tensors = found.tensors.map {
      StoredTensor(name: String($0.name.dropFirst(prefix.count)), array: $0.array)
    }
    return CheckpointContents(
      path: path, format: format, sha256: digest, tensors: tensors, strippedPrefix: prefix,
      metadata: found.metadata, scalars: found.scalars,
      module: found.module.map { $0[path: prefix] ?? $0 }, sources: sources)
  }

  private static func root(
    of bytes: [UInt8]
  ) throws(FileFormatError) -> (
    format: CheckpointContents.Format, value: CheckpointValue, sources: [String: String]
  ) {
    if Safetensors.isSafetensors(bytes) {
      let file = try Safetensors(bytes)
      return (.safetensors, CheckpointValue(file), [:])
    }
    if ZipArchive.isZip(bytes) {
      let archive = try ZipArchive(bytes)
      if archive.entries.allSatisfy({ $0.name.hasSuffix(".npy") }) {
        return (.npz, try CheckpointValue(try NPZFile(bytes)), [:])
      }
      return (.pyTorchZip, try PyTorchZip(archive, fileSize: bytes.count).root(), [:])
    }
    if PyTorchLegacy.isLegacy(bytes) {
      let (value, sources) = try PyTorchLegacy.root(bytes)
      return (.pyTorchLegacy, value, sources)
    }
    if bytes.first == 0x80 {
      let value = try Pickle.parse(bytes, globals: PyTorchGlobals.policy)
      let builder = CheckpointValueBuilder(fileSize: bytes.count) {
        (_) throws(FileFormatError) in
        throw FileFormatError(
          .unsupported, format: "pickle", "refers to tensor data that are not in the file")
      }
      return (.pickle, try builder.value(value), [:])
    }
    throw unrecognized(bytes)
  }

  private static func unrecognized(_ bytes: [UInt8]) -> FileFormatError {
    let format = "checkpoint"
    if bytes.isEmpty {
      return FileFormatError(.truncated, format: format, "the file is empty")
    }
    if bytes.count >= 262, bytes[257..<262].elementsEqual("ustar".utf8) {
      return FileFormatError(
        .unsupported, format: format,
        "is a tar file as written before PyTorch 0.1.10; load and save it with a newer PyTorch")
    }
    if bytes.starts(with: [0x89, 0x48, 0x44, 0x46]) {
      return FileFormatError(
        .unsupported, format: format, "is an HDF5 file; export the weights as safetensors")
    }
    let first = bytes.prefix(4).map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }
    return FileFormatError(
      .unsupported, format: format,
      "is neither PyTorch, safetensors nor npz (it starts with \(first.joined(separator: " ")))")
  }

  /// Writes tensors and metadata to `path` as safetensors, atomically.
  ///
  /// Equal input gives equal bytes.
  ///
  /// - Throws: `CheckpointError` if two tensors share a name or the file cannot be written.
  package static func write(
    _ tensors: [StoredTensor], metadata: [String: String], to path: String
  ) throws(CheckpointError) {
    let file = Safetensors(
      tensors: tensors.map { Safetensors.Tensor(name: $0.name, array: $0.array) },
      metadata: metadata)
    do throws(FileFormatError) {
      try AtomicFile.write(try file.encoded(), to: path)
    } catch {
      throw CheckpointError(path, error)
    }
  }
}
