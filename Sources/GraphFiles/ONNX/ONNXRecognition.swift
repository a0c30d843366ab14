internal import FileFormats

/// Recognising ONNX models, which have no signature.
enum ONNXRecognition {
  /// Whether the bytes are the fields of a model: known ones with their types, a graph among them, and
  /// lengths that end with the file.
  ///
  /// - Complexity: One short read per field at the top.
  static func isModel(_ source: ByteSource) -> Bool {
    var position = 0
    var hasGraph = false
    var count = 0
    while position < source.count {
      count += 1
      // Models have some ten fields, and one for each function and note.
      guard count < 100_000,
        let window = try? source.read(
          position..<min(source.count, position + 20), format: "ONNX model")
      else { return false }
      var reader = ByteReader(window, format: "ONNX model")
      guard let tag = variableInteger(&reader), let value = variableInteger(&reader),
        let length = Int(exactly: value)
      else { return false }
      position += reader.position
      switch (tag >> 3, tag & 7) {
      // Version of the format and of the model.
      case (1, 0), (5, 0): break
      case (2, 2), (3, 2), (4, 2), (6, 2), (7, 2), (8, 2), (14, 2), (20, 2), (25, 2), (26, 2):
        guard length <= source.count - position else { return false }
        position += length
        hasGraph = hasGraph || tag >> 3 == 7
      default: return false
      }
    }
    return hasGraph
  }

  private static func variableInteger(_ reader: inout ByteReader) -> UInt64? {
    var value: UInt64 = 0
    for shift in stride(from: UInt64(0), to: 64, by: 7) {
      guard let byte = try? reader.byte() else { return nil }
      value |= UInt64(byte & 0x7F) << shift
      if byte < 0x80 { return value }
    }
    return nil
  }
}
