import FileFormats

/// Makes tensors from the calls that PyTorch's pickles record.
struct TensorRebuilder {
  /// Finds the bytes of a storage; what it returns has the referenced length.
  typealias StorageSource = (StorageReference) throws(FileFormatError) -> ArraySlice<UInt8>

  private let storage: StorageSource

  init(storage: @escaping StorageSource) {
    self.storage = storage
  }

  /// The tensor that a call stands for, or `nil` if it is no call that makes tensors.
  ///
  /// `budget` is reduced by the bytes of the tensor.
  func tensor(
    _ object: PickleObject, name: String, budget: inout TensorBudget
  ) throws(FileFormatError) -> NumericArray? {
    guard let (reference, view) = try Self.described(object, name: name) else { return nil }
    try budget.spend(view.shape, view.type, format: Self.label(name))
    let elementSize = reference.type?.size ?? 1
    let bytes = try storage(reference)
    let part = bytes.dropFirst(reference.view.lowerBound * elementSize)
      .prefix(reference.view.count * elementSize)
    return try view.array(in: part, format: Self.label(name))
  }

  /// Storage and place of the tensor that a call stands for, or `nil` if it is no call that makes
  /// tensors.
  ///
  /// The place counts from the start of the part of the storage that is meant.
  static func described(
    _ object: PickleObject, name: String
  ) throws(FileFormatError) -> (reference: StorageReference, view: StridedView)? {
    var object = object
    // Parameters and subclasses wrap another call; nesting is limited by the pickle parser.
    while true {
      switch (object.callable.module, object.callable.name) {
      case ("torch._utils", "_rebuild_parameter"),
        ("torch._utils", "_rebuild_parameter_with_state"):
        guard case .object(let inner)? = object.arguments.first else { throw malformed(name) }
        object = inner
      case ("torch._tensor", "_rebuild_from_type_v2"):
        // (function, type, arguments, state)
        guard object.arguments.count >= 3, case .global(let function) = object.arguments[0],
          let arguments = object.arguments[2].elements
        else { throw malformed(name) }
        return try described(function, arguments, name)
      default:
        return try described(object.callable, object.arguments, name)
      }
    }
  }

  /// From (storage, offset, shape, strides, ...), with the element type at the seventh place
  /// where the storage has none.
  private static func described(
    _ function: PickleGlobal, _ arguments: [PickleValue], _ name: String
  ) throws(FileFormatError) -> (reference: StorageReference, view: StridedView)? {
    guard function.module == "torch._utils", function.name.hasPrefix("_rebuild_tensor") else {
      return nil
    }
    guard arguments.count >= 4, case .persistent(let identifier) = arguments[0],
      let offset = arguments[1].integer, let shape = integers(arguments[2]),
      let strides = integers(arguments[3]), shape.count == strides.count
    else { throw malformed(name) }
    let reference = try StorageReference(identifier)
    let type: ScalarType
    if function.name == "_rebuild_tensor_v3" {
      guard arguments.count >= 7, case .global(let element) = arguments[6],
        let named = PyTorchGlobals.elementTypes[element.name]
      else { throw malformed(name) }
      type = named
    } else {
      guard let stored = reference.type else { throw malformed(name) }
      type = stored
    }
    let view = StridedView(
      storage: reference.key, type: type, offset: offset, shape: shape, strides: strides)
    return (reference, view)
  }

  private static func integers(_ value: PickleValue) -> [Int]? {
    guard let elements = value.elements, elements.count <= 64 else { return nil }
    let integers = elements.compactMap(\.integer)
    return integers.count == elements.count ? integers : nil
  }

  private static func label(_ name: String) -> String { "checkpoint, tensor \(quoted(name))" }

  private static func malformed(_ name: String) -> FileFormatError {
    FileFormatError(.malformed, format: label(name), "is described in an unknown form")
  }
}
