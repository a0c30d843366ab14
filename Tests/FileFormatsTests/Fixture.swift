import FileFormats
import Foundation

/// The files beside the tests, made by `Fixtures/generate.py`.
enum Fixture {
  static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .appendingPathComponent("Fixtures").path

  static func bytes(_ name: String) throws -> [UInt8] {
    try FileBytes.read("\(folder)/\(name)")
  }
}

/// Damages `bytes` in every way that a bad disk or an enemy might.
///
/// They are cut off at each length, and each byte is replaced by several others. Only errors of
/// the module may come out of `read`.
func forEachDamage(_ bytes: [UInt8], step: Int = 1, _ read: ([UInt8]) throws -> Void) rethrows {
  for length in stride(from: 0, to: bytes.count, by: step) {
    try tolerating { try read(Array(bytes[..<length])) }
  }
  for index in stride(from: 0, to: bytes.count, by: step) {
    for value: UInt8 in [0x00, 0x2E, 0x52, 0x7F, 0x80, 0xFF, bytes[index] ^ 1] {
      var damaged = bytes
      damaged[index] = value
      try tolerating { try read(damaged) }
    }
  }
}

private func tolerating(_ body: () throws -> Void) rethrows {
  do { try body() } catch is FileFormatError {}
}
