/// The names that pickled NumPy arrays and scalars use.
package enum NumPyGlobals {
  /// All of them, for both NumPy 1 and 2.
  package static let all: Set<PickleGlobal> = [
    PickleGlobal("numpy", "ndarray"),
    PickleGlobal("numpy", "dtype"),
    PickleGlobal("numpy.core.multiarray", "_reconstruct"),
    PickleGlobal("numpy._core.multiarray", "_reconstruct"),
    PickleGlobal("numpy.core.multiarray", "scalar"),
    PickleGlobal("numpy._core.multiarray", "scalar"),
    PickleGlobal("numpy.core.numeric", "_frombuffer"),
    PickleGlobal("numpy._core.numeric", "_frombuffer"),
  ]
}

extension NumericArray {
  /// Creates the array that a pickled NumPy array or scalar stands for.
  ///
  /// - Returns: `nil` if `value` is something else.
  /// - Throws: `FileFormatError` if it is damaged or of an element type not read here.
  package init?(pickled value: PickleValue) throws(FileFormatError) {
    guard case .object(let object) = value, NumPyGlobals.all.contains(object.callable) else {
      return nil
    }
    switch object.callable.name {
    case "_reconstruct": try self.init(state: object.state?.elements ?? [])
    case "_frombuffer": try self.init(buffer: object.arguments)
    case "scalar": try self.init(scalar: object.arguments)
    default: return nil
    }
  }

  private static let format = "pickled NumPy array"

  private static func malformed() -> FileFormatError {
    FileFormatError(.malformed, format: format, "its state has an unknown form")
  }

  /// From the state (version, shape, type, is Fortran order, bytes) of protocols up to 4.
  private init(state: [PickleValue]) throws(FileFormatError) {
    guard state.count == 5, case .bytes(let raw) = state[4] else {
      guard state.count == 5, case .list = state[4] else { throw Self.malformed() }
      throw FileFormatError(.unsupported, format: Self.format, "holds Python objects")
    }
    try self.init(raw, type: state[2], shape: state[1], isFortranOrder: state[3])
  }

  /// From the arguments (buffer, type, shape, order) of protocol 5.
  private init(buffer: [PickleValue]) throws(FileFormatError) {
    guard buffer.count == 4, case .bytes(let raw) = buffer[0] else { throw Self.malformed() }
    try self.init(
      raw, type: buffer[1], shape: buffer[2], isFortranOrder: .boolean(buffer[3].text == "F"))
  }

  /// From the arguments (type, bytes) of a scalar.
  private init(scalar: [PickleValue]) throws(FileFormatError) {
    guard scalar.count == 2, case .bytes(let raw) = scalar[1] else { throw Self.malformed() }
    try self.init(raw, type: scalar[0], shape: .tuple([]), isFortranOrder: .boolean(false))
  }

  private init(
    _ raw: ArraySlice<UInt8>, type: PickleValue, shape: PickleValue, isFortranOrder: PickleValue
  ) throws(FileFormatError) {
    guard let extents = shape.elements else { throw Self.malformed() }
    let isFortran: Bool
    switch isFortranOrder {
    case .boolean(let value): isFortran = value
    case .integer(let value): isFortran = value != 0
    default: throw Self.malformed()
    }
    var counts: [Int] = []
    for extent in extents {
      guard let count = extent.integer else { throw Self.malformed() }
      counts.append(count)
    }
    let element = try Self.elementType(type)
    try self.init(
      raw: raw, type: element.type, shape: counts, isBigEndian: element.isBigEndian,
      isFortranOrder: isFortran, format: Self.format)
  }

  /// The element type of `numpy.dtype("f4", False, True)` with state `(3, "<", ...)`.
  private static func elementType(_ value: PickleValue) throws(FileFormatError) -> NumPyType {
    guard case .object(let object) = value, object.callable == PickleGlobal("numpy", "dtype"),
      let code = object.arguments.first?.text
    else { throw malformed() }
    let state = object.state?.elements ?? []
    let order = state.count > 1 ? state[1].text ?? "=" : "="
    return try NumPyType(order + code, format: format)
  }
}
