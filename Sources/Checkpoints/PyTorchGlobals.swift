import FileFormats

/// The functions and classes that PyTorch checkpoints may name.
///
/// Three groups. What tensors are made of is read. Classes that training programs are known to
/// keep beside the weights (arguments, callbacks, paths, devices) are skipped with their contents,
/// unless they stand where a tensor belongs. Everything else refuses the whole file with an error
/// that names it: nothing is ever run, but a file that asks for `posix.system` is not to be
/// trusted in any part.
enum PyTorchGlobals {
  static let policy = PickleGlobalPolicy { global in
    if isRead(global) { return .allowed }
    if isDangerous(global.description) { return .refused }
    return isSkipped(global) ? .opaque : .refused
  }

  /// The functions that make a tensor from a storage or from another tensor.
  static let rebuildFunctions: Set<String> = [
    "_rebuild_tensor", "_rebuild_tensor_v2", "_rebuild_tensor_v3", "_rebuild_parameter",
    "_rebuild_parameter_with_state",
  ]

  /// The element type of a class such as `torch.FloatStorage`; raw bytes have none.
  static let storageTypes: [String: ScalarType] = [
    "HalfStorage": .float16, "BFloat16Storage": .bfloat16, "FloatStorage": .float32,
    "DoubleStorage": .float64, "ByteStorage": .uint8, "CharStorage": .int8,
    "ShortStorage": .int16, "IntStorage": .int32, "LongStorage": .int64, "BoolStorage": .bool,
  ]

  /// The element types by the names of `torch.dtype`.
  static let elementTypes: [String: ScalarType] = [
    "float16": .float16, "half": .float16, "bfloat16": .bfloat16, "float32": .float32,
    "float": .float32, "float64": .float64, "double": .float64, "uint8": .uint8, "int8": .int8,
    "uint16": .uint16, "int16": .int16, "short": .int16, "uint32": .uint32, "int32": .int32,
    "int": .int32, "uint64": .uint64, "int64": .int64, "long": .int64, "bool": .bool,
  ]

  private static func isRead(_ global: PickleGlobal) -> Bool {
    if NumPyGlobals.all.contains(global) { return true }
    switch global.module {
    case "torch._utils": return rebuildFunctions.contains(global.name)
    case "torch._tensor": return global.name == "_rebuild_from_type_v2"
    case "torch.storage":
      return global.name == "UntypedStorage" || storageTypes[global.name] != nil
    case "torch.cuda": return storageTypes[global.name] != nil
    case "torch.nn.parameter": return global.name == "Parameter" || global.name == "Buffer"
    case "torch":
      return storageTypes[global.name] != nil || elementTypes[global.name] != nil
        || global.name == "Tensor"
    default: return false
    }
  }

  /// Whether a global belongs to a module that runs programs, opens files or finds other globals.
  static func isDangerous(_ name: String) -> Bool {
    let packages: Set<Substring> = [
      "os", "posix", "nt", "posixpath", "sys", "subprocess", "commands", "shutil", "socket",
      "builtins", "__builtin__", "importlib", "runpy", "pty", "ctypes", "pickle", "_pickle",
      "cPickle", "marshal", "code", "codeop", "types", "operator", "functools", "asyncio",
      "multiprocessing", "webbrowser", "pip", "pdb", "bdb", "timeit", "tempfile", "io", "_io",
      "urllib", "http", "requests", "platform", "signal", "threading", "inspect", "linecache",
    ]
    return packages.contains(name.prefix { $0 != "." })
  }

  /// Whether a global is known to occur beside the weights and to say nothing about them.
  private static func isSkipped(_ global: PickleGlobal) -> Bool {
    let packages: Set<Substring> = [
      "pytorch_lightning", "lightning", "lightning_fabric", "lightning_utilities", "torchmetrics",
      "omegaconf", "pathlib", "datetime", "uuid", "yacs", "easydict", "addict", "ml_collections",
    ]
    if packages.contains(global.module.prefix { $0 != "." }) { return true }
    switch global.module {
    case "argparse": return global.name == "Namespace"
    case "collections": return global.name == "deque"
    case "torch": return ["Size", "device", "dtype", "Generator"].contains(global.name)
    case "torch._C": return ["dtype", "device"].contains(global.name)
    case "typing": return global.name == "Any"
    case "enum": return global.name == "Enum"
    case "copyreg", "copy_reg": return false
    default:
      // Whole modules, kept as hyperparameters (a loss) or as the file's root, and optimizers.
      let prefixes = ["torch.nn.modules.", "torch.optim.", "torchvision."]
      return prefixes.contains { global.module.hasPrefix($0) }
    }
  }
}
