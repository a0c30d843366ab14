/// What is done to the sums of a convolution or a matrix product before they are stored.
///
///     output = rectified(sum + bias + addend), set to zero unless gate > 0
///
/// Addend and gate lie as the output does; each may be the output itself. The gate is the derivative
/// of a rectified layer whose output it was.
package struct ProductEpilogue {
  /// One value for each output channel, or each column.
  package var bias: UnsafePointer<Float>?
  /// What is added.
  package var addend: UnsafePointer<Float>?
  /// Whether negative values become zero.
  package var rectifies: Bool
  /// Where it is not positive, zero is stored.
  package var gate: UnsafePointer<Float>?

  package init(
    bias: UnsafePointer<Float>? = nil, addend: UnsafePointer<Float>? = nil,
    rectifies: Bool = false, gate: UnsafePointer<Float>? = nil
  ) {
    self.bias = bias
    self.addend = addend
    self.rectifies = rectifies
    self.gate = gate
  }
}
