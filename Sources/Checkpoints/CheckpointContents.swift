/// What a checkpoint file holds, before it is matched with an architecture.
package struct CheckpointContents: Sendable {
  /// The file formats that are told apart.
  package enum Format: String, Sendable {
    case pyTorchZip = "PyTorch zip"
    case pyTorchLegacy = "PyTorch legacy pickle"
    case pickle = "Python pickle"
    case safetensors = "safetensors"
    case npz = "NumPy npz"
    case exportedProgram = "PyTorch exported program"
    case onnx = "ONNX"
    case transformers = "transformers folder"
  }

  /// The path that was read.
  package let path: String
  package let format: Format
  /// The SHA-256 digest of the file, in hexadecimal.
  package let sha256: String
  /// The tensors of the state dict in its order, with common prefixes removed.
  package let tensors: [StoredTensor]
  /// The prefix that was removed from all names, such as `module.`.
  package let strippedPrefix: String
  /// Text kept beside the tensors: the metadata of safetensors, or strings in a training state.
  package let metadata: [String: String]
  /// Numbers kept beside the tensors, such as `epoch` or `best_prec1`.
  package let scalars: [String: Double]
  /// The module that a file holds as a whole; nil for a state dict.
  ///
  /// Paths in it are those of the tensors: `module[path: "layer1.0"]` has `layer1.0.weight`.
  package let module: PickledModule?
  /// Texts of classes by their names, like `__main__.Net`: legacy files of whole modules hold them.
  package let sources: [String: String]

  /// Joins the parts.
  package init(
    path: String, format: Format, sha256: String, tensors: [StoredTensor],
    strippedPrefix: String = "", metadata: [String: String] = [:], scalars: [String: Double] = [:],
    module: PickledModule? = nil, sources: [String: String] = [:]
  ) {
    self.path = path
    self.format = format
    self.sha256 = sha256
    self.tensors = tensors
    self.strippedPrefix = strippedPrefix
    self.metadata = metadata
    self.scalars = scalars
    self.module = module
    self.sources = sources
  }

  /// The tensor called `name`, if there is one.
  ///
  /// - Complexity: linear in the number of tensors.
  package subscript(name: String) -> StoredTensor? {
    tensors.first { $0.name == name }
  }
}
