import FileFormats

/// The functions and classes that PyTorch checkpoints may name.
///
/// Nothing is ever run: what a file would call, and with what, is data. Any class may stand in a file,
/// and tensors and modules are read by what they are made of. But a file that asks for `posix.system`,
/// or for what finds such functions, is not to be trusted in any part: the error names it.
enum PyTorchGlobals {
  static let policy = PickleGlobalPolicy { isDangerous($0.description) ? .refused : .allowed }

  /// The element type of a class such as `torch.FloatStorage`; raw bytes have none.
  static let storageTypes: [String: ScalarType] = [
    "HalfStorage": .float16, "BFloat16Storage": .bfloat16, "FloatStorage": .float32,
    "DoubleStorage": .float64, "ByteStorage": .uint8, "CharStorage": .int8,
    "ShortStorage": .int16, "IntStorage": .int32, "LongStorage": .int64, "BoolStorage": .bool,
  ]

  /// Bytes of an element in storages of raw bytes, and of elements that are no plain numbers.
  static let otherStorageSizes = [
    "UntypedStorage": 1, "ComplexFloatStorage": 8, "ComplexDoubleStorage": 16, "QInt8Storage": 1,
    "QUInt8Storage": 1, "QInt32Storage": 4, "QUInt4x2Storage": 1, "QUInt2x4Storage": 1,
  ]

  /// The element types by the names of `torch.dtype`.
  static let elementTypes: [String: ScalarType] = [
    "float16": .float16, "half": .float16, "bfloat16": .bfloat16, "float32": .float32,
    "float": .float32, "float64": .float64, "double": .float64, "uint8": .uint8, "int8": .int8,
    "uint16": .uint16, "int16": .int16, "short": .int16, "uint32": .uint32, "int32": .int32,
    "int": .int32, "uint64": .uint64, "int64": .int64, "long": .int64, "bool": .bool,
  ]

  /// Packages that run programs, open files, or find other functions.
  private static let dangerousPackages: Set<Substring> = [
    "os", "posix", "nt", "posixpath", "ntpath", "sys", "subprocess", "commands", "shutil", "socket",
    "builtins", "__builtin__", "importlib", "runpy", "pty", "ctypes", "pickle", "_pickle",
    "cPickle", "marshal", "code", "codeop", "types", "operator", "_operator", "functools",
    "asyncio",
    "multiprocessing", "webbrowser", "pip", "pdb", "bdb", "timeit", "tempfile", "io", "_io",
    "urllib", "http", "requests", "platform", "signal", "threading", "_thread", "inspect",
    "linecache", "dill", "cloudpickle", "joblib", "site", "setuptools", "distutils", "venv",
    "ensurepip", "idlelib", "doctest", "unittest", "trace", "profile", "cProfile", "zipimport",
    "pkgutil", "shelve", "sqlite3", "ftplib", "smtplib", "telnetlib", "xmlrpc", "ssl", "mmap",
    "fcntl", "gc", "atexit", "glob", "fileinput", "aifc", "imaplib", "poplib", "nntplib", "cgi",
    "copyreg", "copy_reg", "fsspec", "test", "lib2to3", "numba", "cffi",
  ]

  /// Names of these packages that only describe values; `torch.relu` is a `getattr` in pickles.
  private static let harmlessNames: Set<String> = [
    "builtins.object", "builtins.int", "builtins.float", "builtins.str", "builtins.bool",
    "builtins.complex", "builtins.list", "builtins.tuple", "builtins.slice", "builtins.range",
    "builtins.getattr", "builtins.long", "builtins.unicode", "builtins.xrange", "functools.partial",
    "types.SimpleNamespace", "copyreg._reconstructor", "copy_reg._reconstructor",
    "operator.attrgetter", "operator.itemgetter",
  ]

  /// Functions and packages of PyTorch and NumPy that load or run other files.
  private static let dangerousPrefixes = [
    "torch.hub.", "torch.load", "torch.serialization.load", "torch.utils.cpp_extension.",
    "torch.utils.model_zoo.", "torch.utils.collect_env.", "torch.utils._config_module.",
    "torch.package.", "torch.jit.", "torch.ops.", "torch.multiprocessing.",
    "torch.distributed.rpc.",
    "torch._inductor.", "torch.os", "torch.sys", "numpy.load", "numpy.f2py.",
    "numpy.testing.", "numpy.distutils.", "pandas.io.", "pandas.read", "pandas.eval",
  ]

  /// Whether a global is one by which other picklers store the code of classes.
  static func isOfPickler(_ name: String) -> Bool {
    ["dill.", "cloudpickle.", "joblib."].contains(where: name.hasPrefix)
  }

  /// Whether a global belongs to what runs programs, opens files or finds other globals.
  static func isDangerous(_ name: String) -> Bool {
    let modern = name.hasPrefix("__builtin__.") ? "builtins" + name.dropFirst(11) : name
    if harmlessNames.contains(modern) { return false }
    if dangerousPackages.contains(name.prefix { $0 != "." }) { return true }
    return dangerousPrefixes.contains { name.hasPrefix($0) }
  }
}
