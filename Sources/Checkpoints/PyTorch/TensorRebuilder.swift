import FileFormats

/// Makes tensors from the calls that PyTorch's pickles record.
struct TensorRebuilder {
  /// Finds the bytes of a storage; what it returns has the referenced length.
  typealias StorageSource = (StorageReference) throws(FileFormatError) -> ArraySlice<UInt8>

  /// Parameters, subclasses and devices wrap another call; few do so in turn.
  private static let maximumWrappers = 16

  /// Calls that make tensors which no network here has.
  private static let unreadableKinds = [
    "_rebuild_qtensor": "a quantised tensor",
    "_rebuild_sparse_tensor": "a sparse tensor",
    "_rebuild_sparse_csr_tensor": "a sparse tensor",
    "_rebuild_nested_tensor": "a nested tensor",
    "_rebuild_meta_tensor_no_storage": "a tensor without data (device meta)",
    "_rebuild_wrapper_subclass": "a tensor of a class of its own",
  ]

  /// A call that makes a tensor: what it is made of.
  private enum Call {
    case view(function: PickleGlobal, arguments: [PickleValue])
    /// The data are pickled as those of NumPy, as devices write them.
    case array(PickleValue)
    case unreadable(String)
  }

  private let storage: StorageSource
  private let embedded = EmbeddedStorages()

  init(storage: @escaping StorageSource) {
    self.storage = storage
  }

  /// The tensor that a call stands for, or `nil` if it is no call that makes tensors.
  ///
  /// `budget` is reduced by the bytes of the tensor.
  func tensor(
    _ object: PickleObject, name: String, budget: inout TensorBudget
  ) throws(FileFormatError) -> CheckpointValue? {
    let call = try Self.call(object, name)
    switch call {
    case nil: return nil
    case .unreadable(let kind): return .unreadableTensor(kind)
    case .array(let value):
      guard let array = try NumericArray(pickled: value) else { throw Self.malformed(name) }
      try budget.spend(array.shape, array.type, format: Self.label(name))
      return .tensor(array)
    case .view(let function, let arguments):
      let source = try embedded.storage(arguments.first ?? PickleValue.none)
      guard
        let (reference, view) = try Self.described(
          function, arguments, reference: source?.reference, name)
      else { return .unreadableTensor(Self.kind(arguments) ?? "a tensor of an unknown type") }
      try budget.spend(view.shape, view.type, format: Self.label(name))
      let elementSize = reference.elementSize
      let whole = if let source { source.bytes } else { try storage(reference) }
      let part = whole.dropFirst(reference.view.lowerBound * elementSize)
        .prefix(reference.view.count * elementSize)
      return .tensor(try view.array(in: part, format: Self.label(name)))
    }
  }

  /// Storage and place of the tensor that a call stands for, or `nil` if it is no call that makes
  /// tensors of numbers from storages.
  ///
  /// The place counts from the start of the part of the storage that is meant.
  static func described(
    _ object: PickleObject, name: String
  ) throws(FileFormatError) -> (reference: StorageReference, view: StridedView)? {
    guard case .view(let function, let arguments) = try call(object, name) else { return nil }
    return try described(function, arguments, reference: nil, name)
  }

  /// The innermost call behind those that wrap it.
  private static func call(_ object: PickleObject, _ name: String) throws(FileFormatError) -> Call?
  {
    var (function, arguments) = (object.callable, object.arguments)
    for _ in 0..<maximumWrappers {
      switch (function.module, function.name) {
      case ("torch._utils", "_rebuild_parameter"),
        ("torch._utils", "_rebuild_parameter_with_state"),
        ("torch._utils", "_rebuild_device_tensor_from_cpu_tensor"):
        guard case .object(let inner)? = arguments.first else { throw malformed(name) }
        (function, arguments) = (inner.callable, inner.arguments)
      case ("torch.nn.parameter", "Parameter"), ("torch.nn.parameter", "Buffer"),
        ("torch.autograd.variable", "Variable"):
        // As written before PyTorch 0.4.
        guard case .object(let inner)? = arguments.first else { return nil }
        (function, arguments) = (inner.callable, inner.arguments)
      case ("torch._tensor", "_rebuild_from_type_v2"), ("torch._tensor", "_rebuild_from_type"):
        // (function, type, arguments, state)
        guard arguments.count >= 3, case .global(let inner) = arguments[0],
          let values = arguments[2].elements
        else { throw malformed(name) }
        (function, arguments) = (inner, values)
      case ("torch._utils", "_rebuild_tensor"), ("torch._utils", "_rebuild_tensor_v2"),
        ("torch._utils", "_rebuild_tensor_v3"):
        return .view(function: function, arguments: arguments)
      case ("torch._utils", "_rebuild_device_tensor_from_numpy"),
        ("torch._utils", "_rebuild_xla_tensor"):
        guard let data = arguments.first else { throw malformed(name) }
        return .array(data)
      case ("torch._utils", let name) where name.hasPrefix("_rebuild"):
        return .unreadable(unreadableKinds[name] ?? "a tensor made by \(quoted(name))")
      default: return nil
      }
    }
    throw malformed(name)
  }

  /// From (storage, offset, shape, strides, ...), with the element type at the seventh place
  /// where the storage has none.
  ///
  /// - Returns: nil for elements that are no plain numbers.
  private static func described(
    _ function: PickleGlobal, _ arguments: [PickleValue], reference: StorageReference?,
    _ name: String
  ) throws(FileFormatError) -> (reference: StorageReference, view: StridedView)? {
    guard arguments.count >= 4, let offset = arguments[1].integer,
      let shape = integers(arguments[2]), let strides = integers(arguments[3]),
      shape.count == strides.count
    else { throw malformed(name) }
    let source: StorageReference
    if let reference {
      source = reference
    } else if case .persistent(let identifier) = arguments[0] {
      source = try StorageReference(identifier)
    } else {
      throw malformed(name)
    }
    var type = source.type
    if function.name == "_rebuild_tensor_v3" {
      guard arguments.count >= 7, case .global(let element) = arguments[6],
        element.module == "torch"
      else { throw malformed(name) }
      type = PyTorchGlobals.elementTypes[element.name]
    } else if source.isBytes {
      throw malformed(name)
    }
    guard let type else { return nil }
    let view = StridedView(
      storage: source.key, type: type, offset: offset, shape: shape, strides: strides)
    return (source, view)
  }

  /// What elements a tensor has that are no plain numbers, by the names of its types.
  private static func kind(_ arguments: [PickleValue]) -> String? {
    var names = ""
    if case .persistent(let identifier)? = arguments.first,
      let reference = try? StorageReference(identifier)
    {
      names = reference.className
    }
    if arguments.count >= 7, case .global(let element) = arguments[6] { names += element.name }
    names = names.lowercased()
    if names.contains("complex") { return "a complex tensor" }
    if names.contains("float8") { return "a tensor of 8-bit floats" }
    return names.contains("qint") || names.contains("quint") ? "a quantised tensor" : nil
  }

  private static func integers(_ value: PickleValue) -> [Int]? {
    var value = value
    if case .object(let size) = value, size.callable == PickleGlobal("torch", "Size"),
      let extents = size.arguments.first
    {
      value = extents
    }
    guard let elements = value.elements, elements.count <= 64 else { return nil }
    let integers = elements.compactMap(\.integer)
    return integers.count == elements.count ? integers : nil
  }

  private static func label(_ name: String) -> String { "checkpoint, tensor \(quoted(name))" }

  private static func malformed(_ name: String) -> FileFormatError {
    FileFormatError(.malformed, format: label(name), "is described in an unknown form")
  }
}

/// Storages that a pickle holds as bytes: what `pickle.dump` makes of tensors.
///
/// Each is a file of `torch.save` of its own. Source: torch/storage.py, `__reduce__`.
private final class EmbeddedStorages {
  typealias Storage = (reference: StorageReference, bytes: ArraySlice<UInt8>)

  private var byObject: [ObjectIdentifier: Storage] = [:]

  /// The storage of a call, or nil for a value that is none.
  ///
  /// Tensors share storages, so each is read once.
  func storage(_ value: PickleValue) throws(FileFormatError) -> Storage? {
    guard case .object(let object) = value,
      object.callable == PickleGlobal("torch.storage", "_load_from_bytes"),
      case .bytes(let bytes)? = object.arguments.first
    else { return nil }
    if let known = byObject[ObjectIdentifier(object)] { return known }
    let storage = try PyTorchLegacy.storage(bytes)
    byObject[ObjectIdentifier(object)] = storage
    return storage
  }
}
