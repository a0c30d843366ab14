internal import FileFormats

/// Values of all images in the order [N, C, H, W], where the files have them and as compact.
///
/// What lies uncompressed in a file stays there and is read when it is needed; pickles and compressed
/// data lie in memory, whole numbers as bytes. Files of images are decoded when they are needed.
package struct PixelStorage: Sendable {
  /// Equal records behind each other: what does not belong to the images, then values.
  private struct Part: Sendable {
    let source: ByteSource
    /// Bytes before the values of a record.
    let skipped: Int
    /// Values of a record.
    let length: Int
    /// Values of all records.
    let count: Int
  }

  /// The byte that stands for 1 in `byte / white`; nil for numbers that are used as they are.
  package let white: UInt8?
  /// Number of values.
  package private(set) var count: Int
  private let type: ScalarType
  private var parts: [Part]
  /// Files that are decoded; nil for values that are stored as they are.
  private var files: ImageFiles?
  /// Whether the values of a pixel stand together: [N, H, W, C].
  private let isChannelsLast: Bool
  /// Which stored image each one is; nil for all in their order.
  private var order: [Int]?

  private init(_ type: ScalarType, white: UInt8?, isChannelsLast: Bool = false) {
    self.type = type
    self.white = white
    self.isChannelsLast = isChannelsLast
    count = 0
    parts = []
  }

  /// Whole numbers in memory.
  package static func bytes(_ values: [UInt8], white: UInt8) -> PixelStorage {
    PixelStorage(NumericArray(values), white: white)
  }

  /// Numbers in memory that are used as they are.
  package static func floats(_ values: [Float]) -> PixelStorage {
    PixelStorage(NumericArray(values), white: nil)
  }

  private init(_ array: NumericArray, white: UInt8?) {
    self.init(StoredArray(array, path: "memory"), white: white, isChannelsLast: false)
  }

  /// The elements of an array, in memory or in a file.
  ///
  /// - Precondition: Bytes where `white` is given, floating-point numbers where it is not.
  init(_ array: StoredArray, white: UInt8?, isChannelsLast: Bool) {
    precondition(
      white == nil ? array.type.isFloatingPoint : array.type.size == 1, "no pixels: \(array.type)")
    self.init(array.type, white: white, isChannelsLast: isChannelsLast)
    append(array.source, skipped: 0, length: array.source.count / array.type.size, records: 1)
  }

  /// The images of files, decoded when they are read.
  init(_ files: ImageFiles) {
    self.init(.uint8, white: 255)
    self.files = files
    count = files.entries.count * files.shape.count
  }

  /// Whether images are decoded when they are read, which takes longer than to read them.
  package var isDecoded: Bool { files != nil }

  /// How files become images of one size; nil for values that are stored as they are.
  var geometry: ImageView.Geometry? { files?.geometry }

  /// Whether images are resized from files of any size.
  package var isResized: Bool {
    guard case .resized? = geometry else { return false }
    return true
  }

  /// Bytes of equal records in files, the values of one image in each.
  ///
  /// - Parameters:
  ///   - files: The files with the number of records that are taken of each.
  ///   - skipped: Bytes before the values of a record.
  ///   - size: Values of a record.
  ///   - white: The byte that stands for 1.
  /// - Precondition: The files are as long as that, and the product fits `Int`.
  init(
    records files: [(source: ByteSource, records: Int)], skipped: Int, size: Int, white: UInt8
  ) {
    self.init(.uint8, white: white)
    for (source, records) in files {
      append(source, skipped: skipped, length: size, records: records)
    }
  }

  private mutating func append(_ source: ByteSource, skipped: Int, length: Int, records: Int) {
    precondition((skipped + length * type.size) * records <= source.count, "a file too short")
    parts.append(
      Part(source: source, skipped: skipped, length: length, count: length * records))
    count += length * records
  }

  /// The images at `indices`, each of `size` values; nothing is read.
  func selecting(_ indices: some Collection<Int>, size: Int) -> PixelStorage {
    var result = self
    result.order = indices.map { order?[$0] ?? $0 }
    result.count = indices.count * size
    return result
  }
}

// MARK: - Reading

extension PixelStorage {
  /// Bytes that are read at once at most.
  private static let blockSize = 1 << 18

  /// Calls a closure with one image after the other, in the order [C, H, W].
  ///
  /// - Parameters:
  ///   - indices: The images.
  ///   - shape: Extents of an image.
  ///   - crop: The random part of the image at a place that is resized to the whole; nil for the image.
  ///   - body: Receives the place among `indices` and the values: `UInt8` where there is a `white`,
  ///     otherwise `Float`.
  /// - Throws: `DatasetError` when a file has become shorter or cannot be read.
  /// - Precondition: There are such images; parts are of bytes.
  func forEachImage(
    _ indices: some Collection<Int>, _ shape: ImageShape,
    crop: ((_ place: Int) -> ResizedCrop?)? = nil,
    _ body: (_ place: Int, _ values: UnsafeRawBufferPointer) -> Void
  ) throws(DatasetError) {
    let images = indices.map { order?[$0] ?? $0 }
    if let files {
      for (place, image) in images.enumerated() {
        try unsafe files.withImage(image, crop: crop?(place)) { unsafe body(place, $0) }
      }
      return
    }
    try unsafe forEachStored(images, shape) { place, values in
      guard let part = crop?(place) else {
        unsafe body(place, values)
        return
      }
      let bytes = unsafe part.applied(to: values, shape)
      unsafe bytes.withUnsafeBytes { unsafe body(place, $0) }
    }
  }

  /// The same for values that are stored as they are.
  private func forEachStored(
    _ images: [Int], _ shape: ImageShape,
    _ body: (_ place: Int, _ values: UnsafeRawBufferPointer) -> Void
  ) throws(DatasetError) {
    var image = ImageRoom(shape, type, isChannelsLast: isChannelsLast)
    var start = 0
    while start < images.count {
      let first = location(of: images[start], size: shape.count)
      var end = start + 1
      // Neighbours in the file are read together.
      while end < images.count, images[end] == images[end - 1] + 1,
        (end - start + 1) * first.stride <= Self.blockSize,
        (images[end] + 1) * shape.count <= first.end
      {
        end += 1
      }
      let bytes = shape.count * type.size
      let last = first.offset + (end - start - 1) * first.stride + bytes
      let source = first.source
      try reading(source.path) { () throws(FileFormatError) in
        try unsafe source.withBytes(first.offset..<last) { raw in
          for place in start..<end {
            let offset = (place - start) * first.stride
            unsafe image.withValues(of: raw[offset..<offset + bytes]) { unsafe body(place, $0) }
          }
        }
      }
      start = end
    }
  }

  /// Where an image lies, how far the next one is, and the first value that lies elsewhere.
  private func location(
    of image: Int, size: Int
  ) -> (source: ByteSource, offset: Int, stride: Int, end: Int) {
    var value = image * size
    var end = 0
    for part in parts {
      end += part.count
      guard value >= part.count else {
        let (record, within) = value.quotientAndRemainder(dividingBy: part.length)
        precondition(within + size <= part.length, "an image in two records")
        let recordSize = part.skipped + part.length * type.size
        return (
          part.source, record * recordSize + part.skipped + within * type.size,
          part.length == size ? recordSize : size * type.size, end
        )
      }
      value -= part.count
    }
    preconditionFailure("no image \(image)")
  }

  /// Element type and the SHA-256 of the little-endian bytes, for `Dataset.digest`; of image files that of
  /// names and sizes.
  ///
  /// - Throws: `DatasetError` when a file cannot be read any more.
  func typeAndDigest(
    count: Int, _ shape: ImageShape
  ) throws(DatasetError) -> (type: String, digest: String) {
    if let files { return ("files \(files.geometry)", files.digest(order ?? Array(0..<count))) }
    let hash = SHA256.Stream()
    try unsafe forEachImage(0..<count, shape) { unsafe hash.update($1) }
    return (white.map { "uint8/\($0)" } ?? "float32", hash.finish())
  }
}
