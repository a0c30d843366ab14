internal import FileFormats

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
    case torchScript = "TorchScript"
    case transformers = "transformers folder"
  }

  /// The path that was read.
  package let path: String
  package let format: Format
  /// The SHA-256 digest of the file, in hexadecimal.
  package let sha256: String
  /// The tensors of the network in the order of its state dict, under names without wrappers and common
  /// prefixes.
  ///
  /// Counters and tensors of losses are left out, and weights that the file holds as functions of other
  /// tensors are folded; `remarks` say so.
  package let tensors: [StoredTensor]
  /// The prefix that was removed from all names, such as `module.`.
  package let strippedPrefix: String
  /// Text kept beside the tensors: the metadata of safetensors, or strings in a training state.
  package let metadata: [String: String]
  /// Numbers kept beside the tensors, such as `epoch` or `best_prec1`; those of nested dictionaries as
  /// `args.lr`.
  package let scalars: [String: Double]
  /// The module that a file holds as a whole; nil for a state dict.
  ///
  /// Paths in it are those of the tensors: `module[path: "layer1.0"]` has `layer1.0.weight`.
  package let module: PickledModule?
  /// Texts of classes by their names, like `__main__.Net`: legacy files of whole modules hold them.
  package let sources: [String: String]
  /// What was chosen, passed over or folded, in plain words.
  package let remarks: [String]
  /// Names of the networks and state dicts in the file that were not taken, for `CheckpointFile.read`.
  package let otherParts: [String]
  /// Normalisation of images that the file keeps, as `ChannelNormalization` reads it.
  package let normalization: String?
  /// The tensors as the file has them, where `tensors` are others.
  let originals: [StoredTensor]
  /// Names among the originals of what is no part of the network.
  let passedOver: Set<String>

  /// Joins the parts.
  package init(
    path: String, format: Format, sha256: String, tensors: [StoredTensor],
    strippedPrefix: String = "", metadata: [String: String] = [:], scalars: [String: Double] = [:],
    module: PickledModule? = nil, sources: [String: String] = [:], remarks: [String] = [],
    otherParts: [String] = [], normalization: String? = nil, originals: [StoredTensor] = [],
    passedOver: Set<String> = []
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
    self.remarks = remarks
    self.otherParts = otherParts
    self.normalization = normalization
    self.originals = originals
    self.passedOver = passedOver
  }

  /// The tensor called `name`, if there is one.
  ///
  /// - Complexity: linear in the number of tensors.
  package subscript(name: String) -> StoredTensor? {
    tensors.first { $0.name == name }
  }

  /// The accuracy that the training program wrote beside the weights, if it did.
  package var recordedAccuracy: RecordedAccuracy? {
    RecordedAccuracy(scalars: scalars, texts: metadata)
  }

  /// The same with numbers of 32 bits, for whoever takes the tensors many times.
  package var inSinglePrecision: CheckpointContents {
    func converted(_ tensors: [StoredTensor]) -> [StoredTensor] {
      tensors.map { tensor in
        tensor.type == .float32
          ? tensor
          : StoredTensor(
            name: tensor.name, array: NumericArray(tensor.floats(), shape: tensor.shape))
      }
    }
    return CheckpointContents(
      path: path, format: format, sha256: sha256, tensors: converted(tensors),
      strippedPrefix: strippedPrefix, metadata: metadata, scalars: scalars, module: module,
      sources: sources, remarks: remarks, otherParts: otherParts, normalization: normalization,
      originals: converted(originals), passedOver: passedOver)
  }

  /// The same with the tensors as the file has them, if more of these names are among those.
  ///
  /// Graphs and descriptions know a network by its own names, wrappers and all; what is no part of the
  /// network stays out unless it is named.
  package func named(as names: Set<String>) -> CheckpointContents {
    func known(_ tensors: [StoredTensor]) -> Int { tensors.count { names.contains($0.name) } }
    guard !originals.isEmpty, known(originals) > known(tensors) else { return self }
    let wanted = originals.filter { names.contains($0.name) || !passedOver.contains($0.name) }
    return CheckpointContents(
      path: path, format: format, sha256: sha256, tensors: wanted, metadata: metadata,
      scalars: scalars, module: module, sources: sources, otherParts: otherParts,
      normalization: normalization)
  }
}
