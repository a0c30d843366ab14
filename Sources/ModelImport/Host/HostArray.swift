internal import ComputationGraph

/// Numbers that are known when a program is read: shapes, masks, tables, whatever needs no data.
///
/// A view shares its memory with the array it was cut from, as in PyTorch, so that writing into it in
/// place changes both. Whole numbers are exact up to 2^53.
struct HostArray: @unchecked Sendable {
  /// Memory of an array and of all views of it.
  ///
  /// Written by one reading of a program alone, which makes copies of what it did not make itself.
  private final class Storage {
    var elements: [Double]
    init(_ elements: [Double]) { self.elements = elements }
  }

  private let storage: Storage
  private let offset: Int
  private let strides: [Int]
  /// Extents, outermost first.
  let shape: [Int]
  /// What the numbers are.
  let element: ProgramElement

  /// An array of numbers in C order.
  ///
  /// - Precondition: As many as the shape has.
  init(_ elements: [Double], shape: [Int], element: ProgramElement) {
    precondition(elements.count == shape.reduce(1, *), "numbers of an array")
    storage = Storage(elements)
    offset = 0
    strides = Shape(shape).strides
    self.shape = shape
    self.element = element
  }

  private init(
    _ storage: Storage, offset: Int, strides: [Int], shape: [Int], element: ProgramElement
  ) {
    self.storage = storage
    self.offset = offset
    self.strides = strides
    self.shape = shape
    self.element = element
  }

  /// A single number.
  init(_ number: Double, element: ProgramElement = .real) {
    self.init([number], shape: [], element: element)
  }

  /// Whole numbers along one axis.
  init(integers: [Int]) {
    self.init(integers.map(Double.init), shape: [integers.count], element: .integer)
  }

  /// Number of elements.
  var count: Int { shape.reduce(1, *) }

  /// The elements in C order.
  var elements: [Double] {
    if isContiguous { return Array(storage.elements[offset..<offset + count]) }
    return places.map { storage.elements[$0] }
  }

  /// The only element; nil where there are several or none.
  var scalar: Double? { count == 1 ? elements.first : nil }

  /// The elements as whole numbers, those out of range as the nearest one; nil for fractions.
  var integers: [Int]? {
    var result: [Int] = []
    for element in elements {
      if let whole = Int(exactly: element) {
        result.append(whole)
      } else if element >= 0x1p62 {
        result.append(.max)
      } else if element <= -0x1p62 {
        result.append(.min)
      } else {
        return nil
      }
    }
    return result
  }

  // MARK: - Views

  /// Every `step`-th element along an axis.
  ///
  /// - Precondition: The elements exist.
  func slice(axis: Int, start: Int, count: Int, step: Int = 1) -> HostArray {
    precondition(count == 0 || start + (count - 1) * step < shape[axis], "slice of an array")
    var (shape, strides) = (shape, strides)
    shape[axis] = count
    strides[axis] *= step
    return HostArray(
      storage, offset: count == 0 ? offset : offset + start * self.strides[axis],
      strides: strides, shape: shape, element: element)
  }

  /// Axes in another order.
  func transposed(_ permutation: [Int]) -> HostArray {
    HostArray(
      storage, offset: offset, strides: permutation.map { strides[$0] },
      shape: permutation.map { shape[$0] }, element: element)
  }

  /// Axes of extent 1 repeated, and axes added in front, up to a shape.
  ///
  /// - Precondition: The shapes fit.
  func broadcast(to target: [Int]) -> HostArray {
    if target == shape { return self }
    let added = target.count - shape.count
    precondition(added >= 0, "broadcast of an array")
    let strides = target.indices.map { axis in
      axis < added || shape[axis - added] != target[axis] ? 0 : self.strides[axis - added]
    }
    return HostArray(
      storage, offset: offset, strides: strides, shape: target, element: element)
  }

  /// The same elements under another shape: a view where the memory allows it.
  ///
  /// - Precondition: As many elements.
  func reshaped(_ target: [Int]) -> HostArray {
    precondition(target.reduce(1, *) == count, "reshape of an array")
    if let strides = viewStrides(target) {
      return HostArray(
        storage, offset: offset, strides: strides, shape: target, element: element)
    }
    return HostArray(elements, shape: target, element: element)
  }

  /// Strides under another shape that differs by axes of extent 1, or of contiguous memory.
  private func viewStrides(_ target: [Int]) -> [Int]? {
    if isContiguous { return Shape(target).strides }
    guard target.filter({ $0 != 1 }) == shape.filter({ $0 != 1 }) else { return nil }
    var rest = zip(shape, strides).filter { $0.0 != 1 }.map(\.1)[...]
    return target.map { $0 == 1 ? 0 : rest.popFirst() ?? 0 }
  }

  /// The same numbers, taken as others; shares the memory.
  func cast(to element: ProgramElement) -> HostArray {
    HostArray(storage, offset: offset, strides: strides, shape: shape, element: element)
  }

  // MARK: - Writing

  /// An array with memory of its own.
  var copy: HostArray { HostArray(elements, shape: shape, element: element) }

  /// Replaces the elements in place, in all views of the memory.
  ///
  /// - Precondition: As many elements as the array has.
  func write(_ values: [Double]) {
    precondition(values.count == count, "values for an array")
    for (place, value) in zip(places, values) { storage.elements[place] = value }
  }

  // MARK: - Memory

  private var isContiguous: Bool {
    var expected = 1
    for (extent, stride) in zip(shape, strides).reversed() where extent != 1 {
      if stride != expected { return false }
      expected *= extent
    }
    return true
  }

  /// Places of the elements in the memory, in C order.
  private var places: [Int] {
    var result = [offset]
    for (extent, stride) in zip(shape, strides) {
      if extent == 1 { continue }
      var next: [Int] = []
      next.reserveCapacity(result.count * extent)
      for place in result { for index in 0..<extent { next.append(place + index * stride) } }
      result = next
    }
    return result
  }
}
