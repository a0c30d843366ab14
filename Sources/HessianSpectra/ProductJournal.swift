internal import Artifacts
internal import FileFormats
internal import Foundation
package import LinearAlgebra
internal import Settings

/// File of finished products, so that an interrupted computation can be continued.
///
/// All Krylov methods are functions of the products they are given: played back, the products
/// lead to the same bits. A record holds the digest of the vector, the product, and the digest
/// of both; a torn or foreign record is cut off with everything behind it. One process at a time
/// can hold a journal, which is not to be used from several threads at once.
package final class ProductJournal {
  private static let digestSize = 64
  /// Bytes that are read and digested at once: they stay in the cache in between.
  private static let blockSize = 1 << 18
  private let path: String
  private let file: AppendOnlyFile
  /// Position of the next record to play back; nil when all have been.
  private var position: Int?
  /// Size of the file when it was opened.
  private let initialSize: Int

  /// Opens the journal at `path`, or creates it.
  ///
  /// - Parameters:
  ///   - path: Path of the file.
  ///   - configuration: Everything that the products depend on.
  /// - Throws: `SpectrumError` when the file belongs to another configuration, is held by another
  ///   process or cannot be written.
  package init(path: String, configuration: some Encodable) throws {
    self.path = path
    let header = Array((try JSON.encode(configuration, onOneLine: true) + "\n").utf8)
    do throws(FileFormatError) {
      file = try AppendOnlyFile(path)
      initialSize = try file.size
      let found = try Self.read(file, from: 0, count: header.count)
      if found == header {
        position = header.count
      } else if header.starts(with: found) && initialSize == found.count {
        // New, or killed while its first line was written.
        try file.truncate(to: 0)
        try file.append(header)
      } else {
        throw FileFormatError(
          .unsupported, format: "journal",
          "holds products of another model, data or setting; give another \(.output), or delete the "
            + "file to start again", file: path)
      }
    } catch {
      throw SpectrumError(description: "\(error)")
    }
  }

  /// Share of what the file held that has been played back; nil when nothing is left of it.
  package var playedBackShare: Double? {
    guard let position, position < initialSize else { return nil }
    return Double(position) / Double(initialSize)
  }

  /// The recorded products with `xs`, if all of them come next in the file.
  ///
  /// Where they do not, the rest of the file is cut off: part of a group is computed again with
  /// the whole group, since products of a group may be rounded otherwise than single ones.
  ///
  /// - Throws: `FileFormatError` when the file cannot be read.
  /// - Complexity: One pass over the file's bytes, and one over each vector.
  package func recorded(
    with xs: [Vector<Float>], count: Int
  ) throws -> [Vector<Float>]? {
    guard let start = position else { return nil }
    let size = 2 * Self.digestSize + 4 * count
    var products: [Vector<Float>] = []
    for x in xs {
      guard let product = try product(at: start + size * products.count, with: x, count: count)
      else { break }
      products.append(product)
    }
    guard products.count == xs.count else {
      try file.truncate(to: start)
      position = nil
      return nil
    }
    position = start + size * xs.count
    return products
  }

  /// The product in the record at an offset, if it is whole, belongs to `x` and is not damaged.
  private func product(
    at offset: Int, with x: Vector<Float>, count: Int
  ) throws -> Vector<Float>? {
    let key = try Self.read(file, from: offset, count: Self.digestSize)
    guard key == Self.digest(x) else { return nil }
    let digest = SHA256.Stream()
    unsafe key.withUnsafeBytes { unsafe digest.update($0) }
    // Vectors have millions of elements: they are read to where they stay.
    var isWhole = true
    let product = unsafe try Vector<Float>(uninitialized: count) { values in
      let bytes = UnsafeMutableRawBufferPointer(values)
      for start in stride(from: 0, to: bytes.count, by: Self.blockSize) {
        let block = unsafe UnsafeMutableRawBufferPointer(
          rebasing: bytes[start..<min(start + Self.blockSize, bytes.count)])
        guard
          unsafe try file.read(into: block, from: offset + Self.digestSize + start) == block.count
        else {
          isWhole = false
          return
        }
        unsafe digest.update(UnsafeRawBufferPointer(block))
      }
    }
    let seal = try Self.read(
      file, from: offset + Self.digestSize + 4 * count, count: Self.digestSize)
    return isWhole && seal == Array(digest.finish().utf8) ? product : nil
  }

  /// Up to `count` bytes from an offset on.
  private static func read(
    _ file: AppendOnlyFile, from offset: Int, count: Int
  ) throws(FileFormatError) -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: count)
    var failure: FileFormatError?
    let found = unsafe bytes.withUnsafeMutableBytes { buffer in
      do throws(FileFormatError) {
        return unsafe try file.read(into: buffer, from: offset)
      } catch {
        failure = error
        return 0
      }
    }
    if let failure { throw failure }
    return Array(bytes.prefix(found))
  }

  /// Adds a finished product.
  ///
  /// - Throws: `FileFormatError` when the disk is full.
  package func append(_ product: Vector<Float>, with x: Vector<Float>) throws {
    // Vectors have millions of elements: nothing of them is copied.
    let key = Self.digest(x)
    try unsafe product.withUnsafeBuffer { values in
      try unsafe key.withUnsafeBytes { key in
        let body = unsafe [key, UnsafeRawBufferPointer(values)]
        let seal = unsafe Array(SHA256.hexDigest(ofParts: body).utf8)
        try unsafe seal.withUnsafeBytes { try unsafe file.append(parts: body + [$0]) }
      }
    }
  }

  /// Removes the file; nothing may be recorded afterwards.
  package func remove() {
    try? FileManager.default.removeItem(atPath: path)
  }

  private static func digest(_ x: Vector<Float>) -> [UInt8] {
    unsafe x.withUnsafeBuffer {
      unsafe Array(SHA256.hexDigest(ofParts: [UnsafeRawBufferPointer($0)]).utf8)
    }
  }
}
