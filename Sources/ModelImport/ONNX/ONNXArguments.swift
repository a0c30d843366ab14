/// Operands of ONNX have places, attributes have names.
extension Arguments {
  /// An operand that must be there.
  func operand(_ place: Int) throws -> LogicalTensor {
    guard let tensor = try optionalOperand(place) else {
      throw Refusal("its operand \(place) is missing")
    }
    return tensor
  }

  /// An operand, or nil where it is left out.
  func optionalOperand(_ place: Int) throws -> LogicalTensor? {
    place < count ? try optionalTensor("", place) : nil
  }

  /// The kind of numbers that an attribute names by the numbers of ONNX' `TensorProto.DataType`.
  ///
  /// - Throws: `Refusal` for complex numbers, texts and types of less than a byte.
  func element(_ name: String) throws -> ProgramElement? {
    switch try integer(name, nil) {
    case nil: return nil
    case 1, 10, 11, 16: return .real
    case 2, 3, 4, 5, 6, 7, 12, 13: return .integer
    case 9: return .boolean
    case let type?: throw Refusal("numbers of ONNX' type \(type)")
    }
  }

  /// All operands, without those that are left out at the end.
  func operands() throws -> [LogicalTensor] {
    try allTensors().compactMap(\.self)
  }

  /// Whole numbers of an operand, or of an attribute in older versions.
  func integers(operand place: Int, orAttribute name: String) throws -> [Int]? {
    guard let tensor = try optionalOperand(place) else { return try integers(name, nil) }
    guard let numbers = tensor.host?.integers else {
      throw Refusal("its operand \(place) must be whole numbers that are known")
    }
    return numbers
  }

  /// The number of an operand, or of an attribute in older versions.
  func real(operand place: Int, orAttribute name: String) throws -> Double? {
    guard let tensor = try optionalOperand(place) else { return try real(name, nil) }
    guard let number = tensor.scalar else {
      throw Refusal("its operand \(place) must be a number that is known")
    }
    return number
  }
}
