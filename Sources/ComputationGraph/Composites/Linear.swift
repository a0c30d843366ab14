extension Graph {
  /// Linear layer of the rows along the last axis, `y = x W^T + b`.
  ///
  /// All rows are one product of two matrices, with the bias right behind it, where runtimes find it.
  ///
  /// - Parameters:
  ///   - x: `[r.., inputs]`.
  ///   - weight: `[outputs, inputs]`.
  ///   - bias: `[outputs]`, or nil for 0.
  /// - Returns: `[r.., outputs]`.
  /// - Throws: `ShapeError` when the shapes do not fit.
  public mutating func linear(
    _ x: Value, weight: Value, bias: Value? = nil
  ) throws(ShapeError) -> Value {
    let shape = shape(of: x)
    guard let inputs = shape.dimensions.last, shape.rank >= 2, self.shape(of: weight).rank == 2
    else {
      throw ShapeError("linear", "\(shape) with weights \(self.shape(of: weight))")
    }
    let rows = try reshape(x, to: [shape.count / max(inputs, 1), inputs])
    var y = try matrixProduct(rows, weight, transposeB: true)
    let outputs = self.shape(of: weight)[0]
    if let bias {
      let row = try reshape(bias, to: [1, outputs])
      y = try add(y, broadcast(row, to: self.shape(of: y)))
    }
    return try reshape(y, to: Shape(shape.dimensions.dropLast() + [outputs]))
  }
}
