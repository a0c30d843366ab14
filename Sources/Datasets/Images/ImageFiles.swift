internal import Dispatch
internal import FileFormats
internal import Synchronization

/// Files of images in a folder, decoded whenever their pixels are asked for.
struct ImageFiles: Sendable {
  /// One file.
  struct Entry: Sendable, Hashable {
    /// Path below the folder.
    let name: String
    /// Size of the file.
    let byteCount: Int
    let width: Int
    let height: Int
  }

  let folder: String
  let entries: [Entry]
  let geometry: ImageView.Geometry
  /// 1 or 3.
  let channels: Int

  /// Extents of all images.
  var shape: ImageShape {
    ImageShape(channels: channels, height: geometry.size.height, width: geometry.size.width)
  }

  /// Calls a closure with the bytes of an image, [C, H, W].
  ///
  /// - Parameters:
  ///   - index: Which one.
  ///   - crop: The random part that takes the place of the usual view; nil for that.
  ///   - body: Receives the bytes.
  /// - Throws: `DatasetError` when the file cannot be decoded or is another one by now.
  func withImage(
    _ index: Int, crop: ResizedCrop?, _ body: (UnsafeRawBufferPointer) -> Void
  ) throws(DatasetError) {
    let entry = entries[index]
    let path = folder + "/" + entry.name
    var image = try reading(path) { () throws(FileFormatError) in
      try DecodedImage(ByteSource(file: path))
    }
    guard image.width == entry.width, image.height == entry.height else {
      throw DatasetError(
        .malformed, path,
        "has \(image.width) x \(image.height) pixels, not \(entry.width) x \(entry.height) as when the "
          + "folder was opened; start again")
    }
    if channels == 1 { image = image.grey() }
    if let crop {
      let (width, height) = geometry.size
      image = image.resized(
        crop.part(width: image.width, height: image.height), toWidth: width, height: height,
        keeping: PixelRectangle(left: 0, top: 0, width: width, height: height))
    } else {
      image = geometry.apply(image)
    }
    let planes = image.planes(channels)
    unsafe planes.withUnsafeBytes { unsafe body($0) }
  }

  /// SHA-256 over names and sizes of some files: their pixels are too many to be read for it.
  func digest(_ indices: some Collection<Int>) -> String {
    let hash = SHA256.Stream()
    for index in indices {
      let line = Array("\(entries[index].byteCount) \(entries[index].name)\n".utf8)
      unsafe line.withUnsafeBytes { unsafe hash.update($0) }
    }
    return hash.finish()
  }
}

extension DecodedImage {
  /// The channels one behind the other; grey levels as many times as there are to be channels.
  func planes(_ count: Int) -> [UInt8] {
    if channels == count && count == 1 { return pixels }
    let plane = width * height
    return unsafe [UInt8](unsafeUninitializedCapacity: plane * count) { planes, filled in
      for channel in 0..<count {
        var source = channels == 1 ? 0 : channel
        for pixel in channel * plane..<(channel + 1) * plane {
          unsafe planes.initializeElement(at: pixel, to: pixels[source])
          source &+= channels
        }
      }
      filled = plane * count
    }
  }
}

/// What looking at the headers of files found.
struct ImageHeaders {
  /// Files that can be decoded, by their place in the list; nil for the others.
  let entries: [ImageFiles.Entry?]
  /// Whether all of these have one channel.
  let areGrey: Bool
  /// The first of the others, and what is wrong with it.
  let firstFault: String?

  /// Looks at files, several at a time.
  ///
  /// - Complexity: A few reads of each file.
  init(_ names: [String], in folder: String) {
    typealias Outcome = Result<(entry: ImageFiles.Entry, isGrey: Bool), FileFormatError>
    let block = 256
    let found = Mutex([Int: [Outcome]]())
    DispatchQueue.concurrentPerform(iterations: (names.count + block - 1) / block) { number in
      let part = names[number * block..<min((number + 1) * block, names.count)]
      let outcomes = part.map { name in
        Outcome { () throws(FileFormatError) in
          let source = try ByteSource(file: folder + "/" + name)
          let header = try ImageHeader(source)
          return (
            ImageFiles.Entry(
              name: name, byteCount: source.count, width: header.width, height: header.height),
            header.isGrey
          )
        }
      }
      found.withLock { $0[number] = outcomes }
    }
    let outcomes = found.withLock { parts in
      parts.sorted { $0.key < $1.key }.flatMap(\.value)
    }
    entries = outcomes.map { try? $0.get().entry }
    areGrey = !outcomes.contains { (try? $0.get().isGrey) == false }
    firstFault = zip(names, outcomes).lazy.compactMap { name, outcome -> String? in
      guard case .failure(let error) = outcome else { return nil }
      return "\(quoted(name)) \(error.detail)"
    }.first { _ in true }
  }

  /// The size of all files that can be decoded, if it is one.
  var oneSize: (width: Int, height: Int)? {
    var size: (width: Int, height: Int)?
    for case let entry? in entries {
      if let size, size != (entry.width, entry.height) { return nil }
      size = (entry.width, entry.height)
    }
    return size
  }
}
