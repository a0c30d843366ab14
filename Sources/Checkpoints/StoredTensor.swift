package import FileFormats

/// A tensor of a checkpoint, in the element type in which it was stored.
package struct StoredTensor: Equatable, Sendable {
  /// The name without the prefixes that wrappers add.
  package let name: String
  /// Shape, element type and elements in C order.
  package let array: NumericArray

  package init(name: String, array: NumericArray) {
    self.name = name
    self.array = array
  }

  /// The extents, outermost first; empty for a scalar.
  package var shape: [Int] { array.shape }

  package var type: ScalarType { array.type }

  /// The elements rounded to single precision, in C order.
  ///
  /// - Complexity: one conversion of all elements at each call.
  package func floats() -> [Float] { array.floats() }

  /// The elements of an integer tensor such as `num_batches_tracked`; `nil` for fractions.
  package func integers() -> [Int]? { array.integers() }
}

/// An element that is not a finite number.
package struct NonFiniteElement: Equatable, Sendable, CustomStringConvertible {
  package let tensor: String
  /// The position in C order.
  package let index: Int
  package let value: Float

  package var description: String {
    "tensor \(quoted(tensor)) holds \(value) at element \(index)"
  }
}

/// The first element that is infinite, not a number, or too large for single precision.
///
/// - Complexity: one pass over all elements.
package func firstNonFinite(in tensors: [StoredTensor]) -> NonFiniteElement? {
  for tensor in tensors where tensor.type.isFloatingPoint {
    let values = tensor.floats()
    if let index = values.firstIndex(where: { !$0.isFinite }) {
      return NonFiniteElement(tensor: tensor.name, index: index, value: values[index])
    }
  }
  return nil
}
