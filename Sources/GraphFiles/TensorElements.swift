internal import FileFormats
internal import ModelImport

extension ProgramElement {
  /// What numbers of a stored type are.
  init(_ type: ScalarType) {
    self =
      switch type {
      case .float16, .bfloat16, .float32, .float64: .real
      case .bool: .boolean
      default: .integer
      }
  }
}

extension NumericArray {
  /// The elements as a program writes them out.
  var programElements: [Double] {
    guard type == .int64 || type == .uint64, let integers = integers() else { return doubles() }
    return integers.programElements
  }
}

extension [Int] {
  /// The numbers as a program writes them out.
  ///
  /// Those past 2^53 are rounded towards zero, so that the end of a slice, 2^63 - 1, fits `Int` when it
  /// is taken back.
  var programElements: [Double] {
    map { integer in
      let number = Double(integer)
      let isLarger = Int(exactly: number).map { $0.magnitude > integer.magnitude } ?? true
      guard isLarger else { return number }
      return integer < 0 ? number.nextUp : number.nextDown
    }
  }
}
