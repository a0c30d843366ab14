package import Checkpoints
internal import FileFormats
package import ModelImport
internal import Settings

/// A file that holds a network as a graph of operators, with its tensors.
package struct GraphFile: Sendable {
  /// The path that was read.
  package let path: String
  /// The file format.
  package let format: CheckpointContents.Format
  /// The SHA-256 digest of the file, and of files beside it that hold its tensors, as if one followed the
  /// other; in hexadecimal.
  package let sha256: String
  /// What is computed.
  package let program: GraphProgram
  /// Parameters, frozen ones and buffers of the state dict by their first names, in the order of
  /// `program.tensors`.
  package let tensors: [StoredTensor]

  /// Parameters that an exporter made of several tensors of the model, so that derivatives by them are
  /// those of another parametrisation.
  package let foldedNames: [String]
  /// Those of `foldedNames` that the model has too, where they hold other numbers.
  package var changedNames: [String] { foldedNames.filter { !ONNXRoles.isMadeByExporter($0) } }
  /// Parameters that could as well be buffers: ONNX does not tell them apart.
  package let doubtfulNames: [String]

  /// The tensors as those of a checkpoint.
  package var contents: CheckpointContents {
    CheckpointContents(path: path, format: format, sha256: sha256, tensors: tensors)
  }

  /// Whether a file holds a graph; decided by its content.
  ///
  /// - Returns: false also for a file that cannot be read: the reader of checkpoints says why.
  package static func isGraphFile(_ path: String) -> Bool {
    guard let source = try? ByteSource(file: path) else { return false }
    return ExportedProgramArchive.isExportedProgram(source) || isONNX(source)
  }

  private static func isONNX(_ source: ByteSource) -> Bool {
    source.path.hasSuffix(".onnx") || ONNXRecognition.isModel(source)
  }

  /// Reads a graph and its tensors.
  ///
  /// - Parameters:
  ///   - path: The file.
  ///   - constants: Real tensors of an ONNX model that are buffers rather than parameters.
  /// - Returns: What the file holds.
  /// - Throws: `CheckpointError` if the file is unreadable, damaged, of another kind, or was written by
  ///   a version that is not read.
  /// - Complexity: One pass over the file for its digest, one for the tensors. Those of `.pt2` are copied
  ///   once; those inside an ONNX file, which is read whole, twice.
  package static func read(
    _ path: String, constants: Set<String> = []
  ) throws(CheckpointError) -> GraphFile {
    do throws(FileFormatError) {
      let source = try ByteSource(file: path)
      if ExportedProgramArchive.isExportedProgram(source) {
        guard constants.isEmpty else {
          throw exportedProgramError(
            .unsupported, "says itself what its buffers are; leave out \(.constants)")
        }
        return GraphFile(
          path: path, format: .exportedProgram, sha256: try SHA256.hexDigest(ofFile: path),
          contents: try ExportedProgramReader.read(source))
      }
      guard isONNX(source) else {
        throw FileFormatError(
          .unsupported, format: "graph", "is neither a .pt2 file of torch.export.save nor ONNX")
      }
      let (contents, sidecars) = try ONNXReader.read(
        try FileBytes.read(path), path: path, constants: constants)
      return GraphFile(
        path: path, format: .onnx, sha256: try SHA256.hexDigest(ofFiles: [path] + sidecars),
        contents: contents)
    } catch {
      throw CheckpointError(path, error)
    }
  }

  init(
    path: String, format: CheckpointContents.Format, sha256: String, contents: GraphContents
  ) {
    self.path = path
    self.format = format
    self.sha256 = sha256
    program = contents.program
    tensors = contents.tensors
    foldedNames = contents.foldedNames
    doubtfulNames = contents.doubtfulNames
  }
}

/// What the reader of one format finds.
struct GraphContents {
  /// What is computed.
  var program: GraphProgram
  /// Tensors of the state dict.
  var tensors: [StoredTensor]
  /// Parameters that an exporter made of others.
  var foldedNames: [String] = []
  /// Parameters that could be buffers.
  var doubtfulNames: [String] = []
}
