internal import FileFormats
internal import Foundation
internal import ONNXMessages

/// The files beside an ONNX model that hold elements of its tensors.
final class ONNXSidecars {
  private let folder: String
  private var sources: [String: ByteSource] = [:]
  /// Bytes that were read: tensors may share their place, but no network repeats all of them.
  private var total = 0

  /// Files in the folder of a model.
  init(besideModel path: String) {
    folder = URL(fileURLWithPath: path).deletingLastPathComponent().path
  }

  /// Paths of the files that were read, in the order of their names.
  var paths: [String] { sources.keys.sorted().map { "\(folder)/\($0)" } }

  /// Reads `count` bytes at the place that the entries `location`, `offset` and `length` describe.
  ///
  /// - Throws: `FileFormatError` if the place is outside the folder or the file, or has another size.
  func read(
    _ entries: [Onnx_StringStringEntryProto], count: Int, format: String
  ) throws(FileFormatError) -> [UInt8] {
    let texts = Dictionary(entries.map { ($0.key, $0.value) }) { first, _ in first }
    let location = texts["location"] ?? ""
    let offset = try number(texts["offset"] ?? "0", format)
    let source = try source(location, format)
    guard offset <= source.count else {
      throw FileFormatError(
        .truncated, format: format, "begins behind the end of \(quoted(location))")
    }
    let length = try texts["length"].map { text throws(FileFormatError) in try number(text, format)
    }
    guard length == nil || length == count else {
      throw FileFormatError(
        .malformed, format: format, "has \(length ?? 0) bytes in \(quoted(location)), not \(count)")
    }
    guard count <= source.count - offset else {
      throw FileFormatError(
        .truncated, format: format,
        "needs \(count) bytes at offset \(offset) of \(quoted(location)), which has \(source.count)"
      )
    }
    total += count
    let limit = sources.values.reduce(1 << 24) { $0 + 4 * $1.count }
    guard total <= limit else {
      throw FileFormatError(
        .tooLarge, format: format, "expands the files beside the model beyond \(limit) bytes")
    }
    return Array(try source.read(offset..<offset + count, format: format))
  }

  private func number(_ text: String, _ format: String) throws(FileFormatError) -> Int {
    guard let number = Int(text), number >= 0 else {
      throw FileFormatError(
        .malformed, format: format, "lies at \(quoted(text)), which is no place")
    }
    return number
  }

  private func source(_ location: String, _ format: String) throws(FileFormatError) -> ByteSource {
    if let source = sources[location] { return source }
    let parts = location.split(whereSeparator: { $0 == "/" || $0 == "\\" })
    guard !parts.isEmpty, !parts.contains(".."), !location.hasPrefix("/"),
      !location.contains("\0")
    else {
      throw FileFormatError(
        .malformed, format: format,
        "lies in \(quoted(location)), which is not in the folder of the model")
    }
    let source = try ByteSource(file: "\(folder)/\(location)")
    sources[location] = source
    return source
  }
}
