internal import Artifacts
internal import FileFormats
internal import Foundation
package import LinearAlgebra

/// File of finished products, so that an interrupted computation can be continued.
///
/// All Krylov methods are functions of the products they are given: played back, the products
/// lead to the same bits. A record holds the digest of the vector, the product, and the digest
/// of both; a torn or foreign record is cut off with everything behind it. One process at a time
/// can hold a journal, which is not to be used from several threads at once.
package final class ProductJournal {
  private static let digestSize = 64
  private let path: String
  private let file: AppendOnlyFile
  private let reader: FileHandle
  /// Position of the next record to play back; nil when all have been.
  private var position: Int?

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
      guard let reader = FileHandle(forReadingAtPath: path) else {
        throw FileFormatError(.unreadable, format: "cannot read", "it was removed", file: path)
      }
      self.reader = reader
    } catch {
      throw SpectrumError(description: "\(error)")
    }
    let size = Int(try reader.seekToEnd())
    try reader.seek(toOffset: 0)
    let found = [UInt8](try reader.read(upToCount: header.count) ?? Data())
    if found == header {
      position = header.count
    } else if header.starts(with: found) && size == found.count {
      // New, or killed while its first line was written.
      try file.truncate(to: 0)
      try file.append(header)
    } else {
      throw SpectrumError(
        description: "\(path): holds products of another model, data or setting; give another "
          + "--output, or delete the file to start again")
    }
  }

  /// The recorded products with `xs`, if all of them come next in the file.
  ///
  /// Where they do not, the rest of the file is cut off: part of a group is computed again with
  /// the whole group, since products of a group may be rounded otherwise than single ones.
  package func recorded(
    with xs: [Vector<Float>], count: Int
  ) throws -> [Vector<Float>]? {
    guard let start = position else { return nil }
    let size = 2 * Self.digestSize + 4 * count
    try reader.seek(toOffset: UInt64(start))
    var products: [Vector<Float>] = []
    for x in xs {
      let record = [UInt8](try reader.read(upToCount: size) ?? Data())
      guard record.count == size, let product = Self.product(in: record, with: x, count: count)
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

  /// The product in a whole record, if it belongs to `x` and is not damaged.
  private static func product(
    in record: [UInt8], with x: Vector<Float>, count: Int
  ) -> Vector<Float>? {
    let key = Array(record[..<digestSize])
    let values = Array(record[digestSize..<(record.count - digestSize)])
    let seal = Array(record[(record.count - digestSize)...])
    guard key == digest(x), seal == Array(SHA256.hexDigest(of: key + values).utf8),
      let array = try? NumericArray(
        type: .float32, shape: [count], bytes: values, format: "journal")
    else { return nil }
    return Vector(array.floats())
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
