import FileFormats
import NeuralNetworks
internal import Settings

/// Reading checkpoints of any supported format, and writing safetensors.
package enum CheckpointFile {
  /// Reads the checkpoint at `path`; its kind is recognised by content, never by name.
  ///
  /// PyTorch files (zip and legacy) are parsed, never executed. The network may be the whole file, a
  /// state dict or a module inside a training state, or one of several; names lose what wrappers add. A
  /// folder is one of transformers, with `config.json` and weights.
  ///
  /// - Parameters:
  ///   - path: The file or folder.
  ///   - part: Which state dict or network to take, as `otherParts` and errors name them; nil for the
  ///     usual one.
  ///   - advice: What to do where no choice is the usual one.
  /// - Returns: The network with what the file says of it.
  /// - Throws: `CheckpointError` if the file is unreadable, damaged, of an unknown kind, names functions
  ///   that run programs, or holds no network, or none of the name.
  package static func read(
    _ path: String, part: String? = nil, advice: String = "choose one with \(.weights)"
  ) throws(CheckpointError) -> CheckpointContents {
    if TransformersFolder.isFolder(path) {
      guard part == nil else {
        throw CheckpointError(path, "is a folder, which holds one network; leave \(.weights) out")
      }
      return try TransformersFolder.read(path)
    }
    let bytes = try bytes(path)
    do throws(FileFormatError) {
      return try read(bytes, path: path, part: part, advice: advice)
    } catch {
      throw CheckpointError(path, error)
    }
  }

  /// Reads all tensors of the usual state dict of the file at `path`, under the names that they have there.
  ///
  /// - Throws: `CheckpointError` as above.
  static func readPlain(_ path: String) throws(CheckpointError) -> CheckpointContents {
    let bytes = try bytes(path)
    do throws(FileFormatError) {
      let (format, root, _) = try root(of: bytes)
      return CheckpointContents(
        path: path, format: format, sha256: SHA256.hexDigest(of: bytes),
        tensors: try CheckpointNetwork.tensors(ofUsualPartIn: root))
    } catch {
      throw CheckpointError(path, error)
    }
  }

  /// Reads a file of tensors that is no network, like images and labels: a dictionary, or a list, whose
  /// tensors are called `0`, `1` and so on.
  ///
  /// - Parameter path: The file.
  /// - Returns: The tensors of any type in the file's order, under these names.
  /// - Throws: `CheckpointError` if the file is unreadable, damaged, of an unknown kind, or names functions
  ///   that run programs.
  package static func readArrays(_ path: String) throws(CheckpointError) -> CheckpointContents {
    let bytes = try bytes(path)
    do throws(FileFormatError) {
      let (format, root, _) = try root(of: bytes)
      let named: [(name: String, value: CheckpointValue)] =
        switch root {
        case .dictionary(let entries): entries.map { ($0.key, $0.value) }
        case .list(let values): values.enumerated().map { ("\($0.offset)", $0.element) }
        default: []
        }
      return CheckpointContents(
        path: path, format: format, sha256: SHA256.hexDigest(of: bytes),
        tensors: named.compactMap { name, value in
          value.tensor.map { StoredTensor(name: name, array: $0) }
        })
    } catch {
      throw CheckpointError(path, error)
    }
  }

  private static func bytes(_ path: String) throws(CheckpointError) -> [UInt8] {
    do throws(FileFormatError) {
      return try FileBytes.read(path)
    } catch {
      let advice = "; give the path of a checkpoint, or work in the folder of a training"
      throw CheckpointError(path, CheckpointError(path, error).detail + advice)
    }
  }

  /// Reads the bytes of a checkpoint; `path` is only recorded.
  ///
  /// - Throws: `FileFormatError` as above.
  static func read(
    _ bytes: [UInt8], path: String, part: String? = nil, advice: String = ""
  ) throws(FileFormatError) -> CheckpointContents {
    let (format, root, sources) = try root(of: bytes)
    let digest = SHA256.hexDigest(of: bytes)
    if part == nil, let own = described(root) {
      return CheckpointContents(
        path: path, format: format, sha256: digest, tensors: own.tensors, metadata: own.metadata)
    }
    let network = try CheckpointNetwork(root, name: part, advice: advice)
    return CheckpointContents(
      path: path, format: format, sha256: digest, tensors: network.tensors,
      strippedPrefix: network.strippedPrefix, metadata: network.notes.texts,
      scalars: network.notes.scalars, module: network.module, sources: sources,
      remarks: network.remarks, otherParts: network.otherParts,
      normalization: network.normalization, originals: network.originals,
      passedOver: network.passedOver)
  }

  /// The tensors of a file of this toolkit, which says itself what they are; nil for other files.
  private static func described(
    _ root: CheckpointValue
  ) -> (tensors: [StoredTensor], metadata: [String: String])? {
    guard case .dictionary(let entries) = root else { return nil }
    var metadata: [String: String] = [:]
    var tensors: [StoredTensor] = []
    for entry in entries {
      switch entry.value {
      case .text(let text): metadata[entry.key] = text
      case .tensor(let array): tensors.append(StoredTensor(name: entry.key, array: array))
      default: return nil
      }
    }
    return TrainedModelMetadata.isPresent(in: metadata) ? (tensors, metadata) : nil
  }

  private static func root(
    of bytes: [UInt8]
  ) throws(FileFormatError) -> (
    format: CheckpointContents.Format, value: CheckpointValue, sources: [String: String]
  ) {
    if Safetensors.isSafetensors(bytes) {
      return (.safetensors, CheckpointValue(try Safetensors(bytes)), [:])
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
    if let foreign = ForeignFile(bytes) { throw foreign.error }
    if bytes.first == 0x80 || Pickle.isText(bytes) {
      let value = try Pickle.parse(bytes, globals: PyTorchGlobals.policy)
      let builder = CheckpointValueBuilder(fileSize: bytes.count) {
        (_) throws(FileFormatError) in
        throw FileFormatError(
          .unsupported, format: "pickle", "refers to tensor data that are not in the file")
      }
      return (.pickle, try builder.value(value), [:])
    }
    throw ForeignFile.unrecognized(bytes)
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
