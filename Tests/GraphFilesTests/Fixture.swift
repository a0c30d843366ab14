import Checkpoints
import FileFormats
import Foundation
import TestSupport

@testable import GraphFiles

/// The files beside the tests, made by `Fixtures/generate.py`.
enum Fixture {
  static func path(_ name: String) -> String {
    URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .appendingPathComponent("Fixtures/\(name)").path
  }

  static func bytes(_ name: String) throws -> [UInt8] { try FileBytes.read(path(name)) }

  /// start, start + 0.25, start + 0.5, ..., as the script fills its tensors.
  static func fill(_ count: Int, from start: Float = 0) -> [Float] {
    (0..<count).map { start + 0.25 * Float($0) }
  }

  /// `small.pt2` with its graph and weights described otherwise.
  static func small(
    graph: (String) -> String = { $0 }, weights: (String) -> String = { $0 },
    without missing: String = ""
  ) throws -> [UInt8] {
    let archive = try ZipArchive(try bytes("small.pt2"))
    var writer = ZipWriter()
    for entry in archive.entries where missing.isEmpty || !entry.name.hasSuffix(missing) {
      var contents = Array(try archive.contents(of: entry))
      let text = String(decoding: contents, as: UTF8.self)
      if entry.name.hasSuffix("models/model.json") { contents = Array(graph(text).utf8) }
      if entry.name.hasSuffix("weights_config.json") { contents = Array(weights(text).utf8) }
      try writer.add(entry.name, contents)
    }
    return try writer.finished()
  }

  /// What the reader of exported programs says of some bytes.
  static func exportedProgram(_ bytes: [UInt8]) throws(FileFormatError) -> GraphContents {
    try ExportedProgramReader.read(ByteSource(bytes[...], path: "test.pt2"))
  }
}

/// Reads a file cut off at every length, and with every byte replaced; only errors of the format are
/// allowed.
func forEachDamage(_ bytes: [UInt8], step: Int, _ read: ([UInt8]) throws -> Void) rethrows {
  for length in stride(from: 0, to: bytes.count, by: step) {
    try tolerating { try read(Array(bytes[..<length])) }
  }
  for index in stride(from: 0, to: bytes.count, by: step) {
    for value: UInt8 in [0x00, 0x2D, 0x39, 0x7F, 0x80, 0xFF, bytes[index] ^ 1] {
      var damaged = bytes
      damaged[index] = value
      try tolerating { try read(damaged) }
    }
  }
}

private func tolerating(_ body: () throws -> Void) rethrows {
  do { try body() } catch is FileFormatError {}
}
