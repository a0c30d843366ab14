import FileFormats
import Foundation

@testable import Datasets

/// A folder that is removed when the last reference to it goes.
final class TemporaryFolder: Sendable {
  let path: String

  init() throws {
    path =
      FileManager.default.temporaryDirectory
      .appendingPathComponent("basin-data-\(UUID().uuidString)").path
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }

  /// Writes a file, with the folders above it, and returns its path.
  @discardableResult
  func write(_ name: String, _ bytes: [UInt8]) throws -> String {
    let url = URL(fileURLWithPath: path).appendingPathComponent(name)
    try FileManager.default.createDirectory(
      at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
    try Data(bytes).write(to: url)
    return url.path
  }
}

enum Files {
  private static let tests = URL(fileURLWithPath: #filePath).deletingLastPathComponent()

  /// A folder made by `Fixtures/make_pickles.py`.
  static func fixture(_ name: String) -> String {
    tests.appendingPathComponent("Fixtures").appendingPathComponent(name).path
  }

  /// Pixel j of image i is (31 i + 7 j) mod 256, as in `make_pickles.py`.
  static func pixels(_ images: Range<Int>, size: Int = 3072) -> [UInt8] {
    images.flatMap { i in (0..<size).map { UInt8((31 * i + 7 * $0) % 256) } }
  }

  /// CIFAR-10 records with labels that count up.
  static func cifar10(_ images: Range<Int>) -> [UInt8] {
    images.flatMap { [UInt8($0 % 10)] + pixels($0..<$0 + 1) }
  }

  /// CIFAR-100 records with the labels of `make_pickles.py`.
  static func cifar100(_ images: Range<Int>) -> [UInt8] {
    images.flatMap { [UInt8(3 * $0 % 20), UInt8(11 * $0 % 100)] + pixels($0..<$0 + 1) }
  }

  /// An IDX file of bytes.
  static func idx(_ extents: [Int], _ elements: [UInt8], type: UInt8 = 8) -> [UInt8] {
    let header = extents.flatMap { extent in
      [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: extent >> $0) }
    }
    return [0, 0, type, UInt8(extents.count)] + header + elements
  }

  /// An `.npz` file of arrays.
  static func npz(_ arrays: [(String, NumericArray)]) throws -> [UInt8] {
    var writer = NPZWriter()
    for (name, array) in arrays { writer.add(name, array) }
    return try writer.finished()
  }
}

/// A small data set of bytes with the pixels of `Files`.
func sampleDataset(
  count: Int = 10, shape: ImageShape = ImageShape(channels: 3, height: 4, width: 5),
  classCount: Int = 3
) throws -> Dataset {
  try Dataset(
    name: "sample", split: .train, source: "sample", shape: shape,
    pixels: .bytes(Files.pixels(0..<count, size: shape.count), white: 255),
    labels: (0..<count).map { Int32($0 % classCount) }, classCount: classCount)
}

extension Dataset {
  /// The bytes of all images, [N, C, H, W].
  func bytes() throws -> [UInt8] {
    var bytes: [UInt8] = []
    try pixels.forEachImage(0..<count, shape) { bytes += $1 }
    return bytes
  }

  /// The numbers of all images, [N, C, H, W].
  func floats() throws -> [Float] {
    var floats: [Float] = []
    try pixels.forEachImage(0..<count, shape) { floats += $1.bindMemory(to: Float.self) }
    return floats
  }
}

/// The error that `body` ends with, if it is one of the module.
func datasetError(_ body: () throws -> Void) -> DatasetError? {
  do {
    try body()
    return nil
  } catch {
    return error as? DatasetError
  }
}
