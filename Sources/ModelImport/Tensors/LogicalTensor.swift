internal import ComputationGraph

/// A tensor of a program that is read for one sample.
///
/// The shape is what the file says for one sample. What depends on a sample is held for all of them: its
/// value in the graph has a leading sample axis, and in return the first axis of extent 1 is left out,
/// which is the batch axis of almost every network. So images are `[n, c, h, w]`, features `[n, d]` and
/// tokens `[n, t, d]`, wherever a network puts its batch axis, and no rule has to look for it.
struct LogicalTensor: Sendable {
  /// Where the numbers are.
  enum Content: Sendable {
    /// Known now.
    case host(HostArray)
    /// A value of the graph, `isSampled` if it depends on a sample.
    case graph(Value, isSampled: Bool)
  }

  /// Where the numbers are.
  let content: Content
  /// The shape for one sample.
  let shape: [Int]
  /// What the numbers are.
  let element: ProgramElement

  /// A tensor that is known now.
  init(_ array: HostArray) {
    content = .host(array)
    shape = array.shape
    element = array.element
  }

  /// A tensor of the graph.
  ///
  /// - Precondition: The value has the shape that `graphShape` gives.
  init(_ value: Value, isSampled: Bool, shape: [Int], element: ProgramElement) {
    content = .graph(value, isSampled: isSampled)
    self.shape = shape
    self.element = element
  }

  /// Number of axes.
  var rank: Int { shape.count }
  /// Number of elements for one sample.
  var count: Int { shape.reduce(1, *) }
  /// The numbers, where they are known now.
  var host: HostArray? { if case .host(let array) = content { array } else { nil } }
  /// Whether it depends on a sample.
  var isSampled: Bool { if case .graph(_, isSampled: true) = content { true } else { false } }
  /// The only number, where it is known now.
  var scalar: Double? { host?.scalar }

  /// The axis that a sampled tensor of a shape leaves out in the graph.
  static func unitAxis(_ shape: [Int]) -> Int? { shape.firstIndex(of: 1) }

  /// Shape in the graph of a tensor that depends on the sample, but for the sample axis.
  static func sampleShape(_ shape: [Int]) -> [Int] {
    var shape = shape
    if let unit = unitAxis(shape) { shape.remove(at: unit) }
    return shape
  }

  /// An axis as a number from 0, which counts from the end where it is negative.
  ///
  /// - Throws: `Refusal` for an axis that does not exist.
  func axis(_ axis: Int) throws -> Int {
    let rank = max(rank, 1)
    guard (-rank..<rank).contains(axis) else {
      throw Refusal("axis \(axis) does not exist in \(shape)")
    }
    return axis < 0 ? axis + rank : axis
  }
}
