internal import FileFormats
internal import Foundation
internal import ONNXMessages

/// Reads the tensors of an ONNX file, in the file or beside it.
struct ONNXTensors {
  /// Files beside the model that hold elements.
  let sidecars: ONNXSidecars

  /// The elements of a tensor.
  ///
  /// - Throws: `FileFormatError` if they do not fit the shape, are missing, or are of a type that is
  ///   not read.
  func array(_ tensor: Onnx_TensorProto, name: String) throws(FileFormatError) -> NumericArray {
    let format = "ONNX model, tensor \(quoted(name))"
    guard let type = Self.type(tensor.dataType) else {
      throw FileFormatError(
        .unsupported, format: format,
        "has elements of type \(Self.name(tensor.dataType)), which is not read")
    }
    guard !tensor.hasSegment else {
      throw FileFormatError(.unsupported, format: format, "is one segment of a tensor")
    }
    let shape = tensor.dims.map { Int($0) }
    return try NumericArray(
      type: type, shape: shape, bytes: try bytes(of: tensor, type, shape, format), format: format)
  }

  private func bytes(
    of tensor: Onnx_TensorProto, _ type: ScalarType, _ shape: [Int], _ format: String
  ) throws(FileFormatError) -> [UInt8] {
    if tensor.dataLocation == .external {
      let size = elementCount(shape)?.multipliedReportingOverflow(by: type.size)
      guard let size, !size.overflow else {
        throw FileFormatError(.malformed, format: format, "shape \(shape) is impossible")
      }
      return try sidecars.read(tensor.externalData, count: size.partialValue, format: format)
    }
    if tensor.hasRawData { return [UInt8](tensor.rawData) }
    switch type {
    case .float32: return Self.bytes(tensor.floatData.map(\.bitPattern))
    case .float64: return Self.bytes(tensor.doubleData.map(\.bitPattern))
    case .int64: return Self.bytes(tensor.int64Data)
    case .uint64: return Self.bytes(tensor.uint64Data)
    case .uint32: return Self.bytes(tensor.uint64Data.map { UInt32(truncatingIfNeeded: $0) })
    case .int32: return Self.bytes(tensor.int32Data)
    case .int16, .uint16, .float16, .bfloat16:
      return Self.bytes(tensor.int32Data.map { UInt16(truncatingIfNeeded: $0) })
    case .int8, .uint8, .bool:
      return Self.bytes(tensor.int32Data.map { UInt8(truncatingIfNeeded: $0) })
    }
  }

  private static func bytes<Value: FixedWidthInteger>(_ values: [Value]) -> [UInt8] {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(values.count * (Value.bitWidth / 8))
    for value in values { bytes.append(littleEndian: value) }
    return bytes
  }

  // MARK: - Element types, `TensorProto.DataType` of onnx.proto

  /// The type, where it is read.
  static func type(_ code: Int32) -> ScalarType? {
    switch code {
    case 1: .float32
    case 2: .uint8
    case 3: .int8
    case 4: .uint16
    case 5: .int16
    case 6: .int32
    case 7: .int64
    case 9: .bool
    case 10: .float16
    case 11: .float64
    case 12: .uint32
    case 13: .uint64
    case 16: .bfloat16
    default: nil
    }
  }

  /// The name of a type, for messages.
  static func name(_ code: Int32) -> String {
    if let type = type(code) { return type.rawValue }
    return switch code {
    case 8: "string"
    case 14: "complex64"
    case 15: "complex128"
    case 17...20, 24: "float8"
    case 21: "uint4"
    case 22: "int4"
    case 23: "float4"
    default: "number \(code)"
    }
  }
}
