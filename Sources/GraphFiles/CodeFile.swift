package import Checkpoints
internal import FileFormats
package import ModelImport

/// A file that holds a network as code, with its tensors: a graph once the shapes of its inputs are known.
package struct CodeFile: Sendable {
  /// The path that was read.
  package let path: String
  /// The file format.
  package let format: CheckpointContents.Format
  /// The SHA-256 digest of the file, in hexadecimal.
  package let sha256: String
  private let code: NetworkCode

  /// Joins the parts.
  init(path: String, format: CheckpointContents.Format, sha256: String, code: NetworkCode) {
    self.path = path
    self.format = format
    self.sha256 = sha256
    self.code = code
  }

  /// Names of the data that a user feeds, in order.
  package var inputNames: [String] { code.inputNames }

  /// Parameters and buffers by the names of the state dict, as those of a checkpoint.
  package var contents: CheckpointContents {
    CheckpointContents(path: path, format: format, sha256: sha256, tensors: code.storedTensors)
  }

  /// Whether a file holds code of this kind; decided by its content.
  ///
  /// - Returns: false also for a file that cannot be read: the reader of checkpoints says why.
  package static func isCodeFile(_ path: String) -> Bool {
    guard let source = try? ByteSource(file: path) else { return false }
    return ScriptArchive.isScript(source)
  }

  /// Reads code and tensors; nothing is executed.
  ///
  /// - Throws: `CheckpointError` if the file is unreadable, damaged, or holds no network.
  /// - Complexity: One pass over the file for its digest, one for the tensors.
  package static func read(_ path: String) throws(CheckpointError) -> CodeFile {
    do throws(FileFormatError) {
      let source = try ByteSource(file: path)
      return CodeFile(
        path: path, format: .torchScript, sha256: try SHA256.hexDigest(ofFile: path),
        code: try TorchScriptReader.read(source))
    } catch {
      throw CheckpointError(path, error)
    }
  }

  /// The graph for inputs of given shapes.
  ///
  /// A network that takes only rows of numbers gets images row by row.
  ///
  /// - Parameter inputs: Data in the order of `inputNames`, samples first.
  /// - Returns: The graph, and what must be said of it: what was done to make the data fit, and a
  ///   network that is written for training.
  /// - Throws: `CheckpointError` naming module and line of source of what has no meaning for them.
  package func graph(
    inputs: [ProgramInput]
  ) throws(CheckpointError) -> (graph: GraphFile, remark: String?) {
    do throws(FileFormatError) {
      let graph = try graph(inputs: inputs, isFlattened: false)
      return (graph, Self.remark(on: graph))
    } catch {
      guard inputs.count == 1, inputs[0].shape.count > 2, inputs[0].element == .real,
        let flat = try? graph(inputs: inputs, isFlattened: true)
      else { throw CheckpointError(path, error) }
      let how = "it takes rows of numbers, so each sample is flattened first"
      return (flat, [how, Self.remark(on: flat)].compactMap(\.self).joined(separator: "; "))
    }
  }

  private static func remark(on graph: GraphFile) -> String? {
    graph.program.isInTrainingMode
      ? "its dropout or batch norms are written for training, whatever mode the network is in; numbers are "
        + "those of evaluation mode" : nil
  }

  private func graph(
    inputs: [ProgramInput], isFlattened: Bool
  ) throws(FileFormatError) -> GraphFile {
    GraphFile(
      path: path, format: format, sha256: sha256,
      contents: try code.contents(inputs: inputs, isFlattened: isFlattened, format: format.rawValue)
    )
  }
}
