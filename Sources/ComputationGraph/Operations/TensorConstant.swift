/// Tensor of given numbers that are part of the graph.
package struct TensorConstant: Primitive {
  /// The numbers, row-major; shared by all graphs that hold them.
  package var elements: [Double] { storage.elements }
  /// Shape of the tensor.
  package let shape: Shape

  private let storage: Storage

  /// Numbers with a digest, so that nodes are found without reading them all again.
  private final class Storage: Sendable {
    let elements: [Double]
    /// FNV-1a of their bits.
    let digest: UInt64

    init(_ elements: [Double]) {
      self.elements = elements
      digest = elements.reduce(0xcbf2_9ce4_8422_2325) {
        ($0 ^ $1.bitPattern) &* 0x0000_0100_0000_01b3
      }
    }
  }

  /// A tensor of as many numbers as its shape has.
  init(_ elements: [Double], shape: Shape) {
    storage = Storage(elements)
    self.shape = shape
  }

  /// Equal bits, so that NaN equals itself and zeros of both signs differ.
  package static func == (a: TensorConstant, b: TensorConstant) -> Bool {
    guard a.shape == b.shape else { return false }
    return a.storage === b.storage
      || a.storage.digest == b.storage.digest
        && a.elements.elementsEqual(b.elements) { $0.bitPattern == $1.bitPattern }
  }

  package func hash(into hasher: inout Hasher) {
    hasher.combine(storage.digest)
    hasher.combine(shape)
  }

  package func outputShape(of shapes: [Shape]) throws(ShapeError) -> Shape { shape }

  package func tangent(
    of output: Value, inputs: [Value], tangents: [Value?], in graph: inout Graph
  ) throws(ShapeError) -> Value? { nil }

  package func pullback(
    of output: Value, inputs: [Value], cotangent: Value, wanted: [Bool], in graph: inout Graph
  ) throws(ShapeError) -> [Value?] { [] }
}

extension Graph {
  /// A tensor of given numbers, row-major.
  ///
  /// - Throws: `ShapeError` when there are not as many numbers as the shape has.
  public mutating func constant(
    _ elements: [Double], _ shape: Shape
  ) throws(ShapeError) -> Value {
    guard elements.count == shape.count else {
      throw ShapeError("constant", "\(elements.count) numbers are not a tensor \(shape)")
    }
    if let first = elements.first, elements.allSatisfy({ $0.bitPattern == first.bitPattern }) {
      return try constant(first, shape)
    }
    return try append(.tensor(TensorConstant(elements, shape: shape)), [])
  }
}
