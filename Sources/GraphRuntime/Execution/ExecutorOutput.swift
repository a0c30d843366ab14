/// One output of an executor, in its memory: valid until the call that it was given to returns.
package struct ExecutorOutput {
  /// The elements, row-major.
  package let elements: UnsafeBufferPointer<Float>
  /// The only element of a scalar, in `Double` where the sum was taken in `Double`; otherwise NaN.
  package let scalar: Double

  /// An output in memory.
  init(_ pointer: UnsafePointer<Float>, count: Int, scalar: Double? = nil) {
    elements = UnsafeBufferPointer(start: pointer, count: count)
    self.scalar = scalar ?? (count == 1 ? Double(pointer[0]) : .nan)
  }
}
