import FileFormats

/// Makes tensors from the calls that PyTorch's pickles record.
struct TensorRebuilder {
  /// Finds the bytes of a storage; what it returns has the referenced length.
  typealias StorageSource = (StorageReference) throws(FileFormatError) -> ArraySlice<UInt8>

  /// The number of bytes that all tensors together may take.
  ///
  /// Tensors may share a storage or repeat its elements, so a small file can describe tensors
  /// of any size; those of real networks need little more than the file itself.
  let budget: Int
  private let storage: StorageSource

  init(fileSize: Int, storage: @escaping StorageSource) {
    budget = fileSize.multipliedReportingOverflow(by: 4).partialValue + (1 << 24)
    self.storage = storage
  }

  /// The tensor that a call stands for, or `nil` if it is no call that makes tensors.
  ///
  /// `budget`, the bytes still to be spent, is reduced by those of the tensor.
  func tensor(
    _ object: PickleObject, name: String, budget: inout Int
  ) throws(FileFormatError) -> NumericArray? {
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
        return try rebuilt(function, arguments, name, &budget)
      default:
        return try rebuilt(object.callable, object.arguments, name, &budget)
      }
    }
  }

  /// From (storage, offset, shape, strides, ...), with the element type at the seventh place
  /// where the storage has none.
  private func rebuilt(
    _ function: PickleGlobal, _ arguments: [PickleValue], _ name: String, _ budget: inout Int
  ) throws(FileFormatError) -> NumericArray? {
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
    try spend(shape, type, name, &budget)
    let elementSize = reference.type?.size ?? 1
    let bytes = try storage(reference)
    let part = bytes.dropFirst(reference.view.lowerBound * elementSize)
      .prefix(reference.view.count * elementSize)
    let (start, overflow) = offset.multipliedReportingOverflow(by: type.size)
    guard offset >= 0, !overflow, start <= part.count,
      let elements = gatherElements(
        part.dropFirst(start), shape: shape, strides: strides, size: type.size)
    else {
      throw FileFormatError(
        .malformed, format: label(name),
        "shape \(shape) with strides \(strides) at \(offset) reaches outside its storage")
    }
    return try NumericArray(type: type, shape: shape, bytes: elements, format: label(name))
  }

  private func spend(
    _ shape: [Int], _ type: ScalarType, _ name: String, _ budget: inout Int
  ) throws(FileFormatError) {
    let size = elementCount(shape)?.multipliedReportingOverflow(by: type.size)
    guard let size, !size.overflow, size.partialValue <= budget else {
      throw FileFormatError(
        .tooLarge, format: label(name),
        "shape \(shape) expands the file beyond \(self.budget) bytes in all")
    }
    budget -= size.partialValue
  }

  private func integers(_ value: PickleValue) -> [Int]? {
    guard let elements = value.elements, elements.count <= 64 else { return nil }
    let integers = elements.compactMap(\.integer)
    return integers.count == elements.count ? integers : nil
  }

  private func label(_ name: String) -> String { "checkpoint, tensor \(quoted(name))" }

  private func malformed(_ name: String) -> FileFormatError {
    FileFormatError(.malformed, format: label(name), "is described in an unknown form")
  }
}
