package import Checkpoints
internal import FileFormats
package import ModelImport

/// A file that holds a network as a graph of operators, with its tensors.
package struct GraphFile: Sendable {
  /// The path that was read.
  package let path: String
  /// The file format.
  package let format: CheckpointContents.Format
  /// The SHA-256 digest of the file, in hexadecimal.
  package let sha256: String
  /// What is computed.
  package let program: GraphProgram
  /// Parameters, frozen ones and buffers of the state dict by their first names, in the order of
  /// `program.tensors`.
  package let tensors: [StoredTensor]

  /// The tensors as those of a checkpoint.
  package var contents: CheckpointContents {
    CheckpointContents(path: path, format: format, sha256: sha256, tensors: tensors)
  }

  /// Whether a file holds a graph; decided by its content.
  ///
  /// - Returns: false also for a file that cannot be read: the reader of checkpoints says why.
  package static func isGraphFile(_ path: String) -> Bool {
    guard let source = try? ByteSource(file: path) else { return false }
    return ExportedProgramArchive.isExportedProgram(source)
  }

  /// Reads a graph and its tensors.
  ///
  /// - Throws: `CheckpointError` if the file is unreadable, damaged, of another kind, or was written by
  ///   a version that is not read.
  /// - Complexity: One pass over the file for its digest, one for the tensors, which are copied once.
  package static func read(_ path: String) throws(CheckpointError) -> GraphFile {
    do throws(FileFormatError) {
      let source = try ByteSource(file: path)
      let contents = try ExportedProgramReader.read(source)
      return GraphFile(
        path: path, format: .exportedProgram, sha256: try SHA256.hexDigest(ofFile: path),
        program: contents.program, tensors: contents.tensors)
    } catch {
      throw CheckpointError(path, error)
    }
  }
}

/// What the reader of one format finds.
struct GraphContents {
  /// What is computed.
  var program: GraphProgram
  /// Tensors of the state dict.
  var tensors: [StoredTensor]
}
