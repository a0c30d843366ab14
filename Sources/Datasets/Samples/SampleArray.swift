internal import FileFormats
public import LinearAlgebra

/// One named array with a leading sample axis.
public struct SampleArray: Sendable {
  /// Class of rows that do not count, as in PyTorch.
  public static let ignoredClass = -100

  /// Name, as in the file or in the model.
  public let name: String
  /// Extents of one sample.
  public let shape: [Int]
  /// Number of samples.
  public let count: Int
  /// Whether the elements are whole numbers by their type: classes or tokens.
  public let isInteger: Bool
  private let storage: SampleStorage

  /// Type of the elements as they are stored.
  var storedType: String {
    switch storage {
    case .floats: ScalarType.float32.rawValue
    case .pixels: "pixels"
    case .elements(let elements): elements.type.rawValue
    case .next: "tokens"
    }
  }

  /// Elements of one sample.
  public var elementCount: Int { shape.reduce(1, *) }

  init(_ name: String, shape: [Int], count: Int, isInteger: Bool, _ storage: SampleStorage) {
    self.name = name
    self.shape = shape
    self.count = count
    self.isInteger = isInteger
    self.storage = storage
  }

  /// Numbers in memory, `[count] + shape` row-major.
  ///
  /// - Precondition: The elements divide evenly into samples of this shape.
  public init(_ name: String, _ shape: [Int], _ values: Vector<Float>) {
    let size = shape.reduce(1, *)
    precondition(size > 0 && values.count % size == 0, "\(values.count) values of \(shape)")
    self.init(
      name, shape: shape, count: values.count / size, isInteger: false, .floats(values))
  }

  /// One class per sample.
  public init(_ name: String, classes: [Int32]) {
    self.init(
      name, shape: [], count: classes.count, isInteger: true,
      .floats(Vector(classes.map { Float($0) })))
  }

  /// Whole numbers in memory, `[count] + shape` row-major; exact below 2^24.
  ///
  /// - Precondition: The elements divide evenly into samples of this shape.
  public init(_ name: String, _ shape: [Int], integers: [Int]) {
    let size = shape.reduce(1, *)
    precondition(size > 0 && integers.count % size == 0, "\(integers.count) values of \(shape)")
    self.init(
      name, shape: shape, count: integers.count / size, isInteger: true,
      .floats(Vector(integers.map { Float($0) })))
  }

  /// The token behind each one of `tokens`, `[t]`; nothing where `mask`, of the same shape, is 0.
  ///
  /// - Precondition: Tokens and mask are rows of the same shape.
  init(_ name: String, nextOf tokens: SampleArray, mask: SampleArray?) {
    precondition(
      tokens.shape.count == 1 && mask.map { $0.shape == tokens.shape } ?? true, "no rows")
    self.init(
      name, shape: tokens.shape, count: tokens.count, isInteger: true,
      .next(NextTokens(of: tokens, mask: mask)))
  }

  /// The same elements, of which whole numbers are no classes.
  var asNumbers: SampleArray {
    SampleArray(
      name, shape: shape.isEmpty ? [1] : shape, count: count, isInteger: false, storage)
  }

  /// The same elements as classes.
  ///
  /// - Precondition: Whole numbers from 0 on.
  var asClasses: SampleArray {
    SampleArray(
      name, shape: shape == [1] ? [] : shape, count: count, isInteger: true, storage)
  }

  /// The same elements as rows of a length; a rest is left out.
  ///
  /// - Precondition: Elements that lie behind one another, at least one row of them.
  func cut(to length: Int) -> SampleArray {
    precondition(length >= 1 && count * elementCount >= length, "no row of \(length)")
    return SampleArray(
      name, shape: [length], count: count * elementCount / length, isInteger: isInteger, storage)
  }

  /// Elements of consecutive samples.
  ///
  /// - Throws: `DatasetError` when a file ends early.
  func values(_ samples: Range<Int>) throws(DatasetError) -> [Float] {
    var failure: DatasetError?
    let values = unsafe [Float](unsafeUninitializedCapacity: samples.count * elementCount) {
      buffer, filled in
      filled = 0
      guard let base = buffer.baseAddress else { return }
      do throws(DatasetError) {
        try unsafe read(samples, to: base)
        filled = samples.count * elementCount
      } catch {
        failure = error
      }
    }
    if let failure { throw failure }
    return values
  }

  /// Elements in memory as numbers, if that is how they are kept.
  public var floats: Vector<Float>? {
    if case .floats(let values) = storage { values } else { nil }
  }

  /// Writes consecutive samples as numbers.
  ///
  /// - Throws: `DatasetError` when a file ends early.
  /// - Precondition: The samples are in `0 ..< count`.
  func read(
    _ samples: Range<Int>, to target: UnsafeMutablePointer<Float>
  ) throws(DatasetError) {
    precondition(samples.lowerBound >= 0 && samples.upperBound <= count, "no such samples")
    try unsafe storage.read(samples, size: elementCount, to: target)
  }
}

/// How the elements of an array are kept.
enum SampleStorage: Sendable {
  /// As numbers in memory.
  case floats(Vector<Float>)
  /// As pixels of images, normalised when they are read.
  case pixels(PixelArray)
  /// As elements of a file in memory or on disk.
  case elements(ElementArray)
  /// As the tokens behind those of another array.
  indirect case next(NextTokens)

  func read(
    _ samples: Range<Int>, size: Int, to target: UnsafeMutablePointer<Float>
  ) throws(DatasetError) {
    switch self {
    case .floats(let values):
      unsafe values.withUnsafeBuffer { source in
        guard let base = source.baseAddress else { return }
        unsafe target.update(
          from: base + samples.lowerBound * size, count: samples.count * size)
      }
    case .pixels(let pixels):
      try unsafe pixels.write(samples, to: target, augmentation: nil)
    case .elements(let elements):
      try unsafe elements.read(
        samples.lowerBound * size..<samples.upperBound * size, to: target)
    case .next(let next): try unsafe next.read(samples, to: target)
    }
  }
}
