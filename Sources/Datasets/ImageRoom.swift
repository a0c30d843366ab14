internal import FileFormats

/// Room for one image whose values are converted, or put into the order [C, H, W].
struct ImageRoom {
  private let shape: ImageShape
  private let type: ScalarType
  private var floats: [Float]
  private var ordered: [UInt8]

  /// - Parameters:
  ///   - shape: Extents of the image.
  ///   - type: Type of its elements; floating-point numbers become `Float`.
  ///   - isChannelsLast: Whether they come as [H, W, C].
  init(_ shape: ImageShape, _ type: ScalarType, isChannelsLast: Bool) {
    self.shape = shape
    self.type = type
    let isFloat = type.isFloatingPoint
    floats = [Float](repeating: 0, count: isFloat ? shape.count : 0)
    let isReordered = isChannelsLast && shape.channels > 1
    ordered = [UInt8](
      repeating: 0,
      count: isReordered ? shape.count * (isFloat ? MemoryLayout<Float>.size : 1) : 0)
  }

  /// Calls a closure with the values of an image: bytes, or `Float`.
  ///
  /// - Precondition: There are as many elements as the image has.
  mutating func withValues(
    of elements: Slice<UnsafeRawBufferPointer>, _ body: (UnsafeRawBufferPointer) -> Void
  ) {
    let raw = unsafe UnsafeRawBufferPointer(rebasing: elements)
    let count = shape.count
    guard type.isFloatingPoint else {
      unsafe reorder(raw, size: 1, body)
      return
    }
    var values = floats
    floats = []
    unsafe values.withUnsafeMutableBufferPointer { target in
      guard let base = target.baseAddress else { return }
      unsafe type.convert(raw, count: count, to: base)
    }
    unsafe values.withUnsafeBytes { unsafe reorder($0, size: MemoryLayout<Float>.size, body) }
    floats = values
  }

  private mutating func reorder(
    _ values: UnsafeRawBufferPointer, size: Int, _ body: (UnsafeRawBufferPointer) -> Void
  ) {
    guard !ordered.isEmpty else {
      unsafe body(values)
      return
    }
    let (channels, plane) = (shape.channels, shape.planeCount)
    unsafe ordered.withUnsafeMutableBytes { target in
      for channel in 0..<channels {
        for pixel in 0..<plane {
          let from = (pixel &* channels &+ channel) &* size
          let to = (channel &* plane &+ pixel) &* size
          for byte in 0..<size { unsafe target[to &+ byte] = values[from &+ byte] }
        }
      }
    }
    unsafe ordered.withUnsafeBytes { unsafe body($0) }
  }
}
