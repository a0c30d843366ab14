extension Graph {
  /// Forward mode: the tangents of `outputs` from tangents of `sources`.
  ///
  /// The tangent of a gradient is an exact Hessian-vector product (Pearlmutter 1994).
  ///
  /// - Parameters:
  ///   - outputs: Values whose tangents are wanted.
  ///   - sources: Values with their tangents, `[(x, dx)]`.
  /// - Returns: One tangent per output, zeros where it depends on no source.
  /// - Throws: `ShapeError` when a tangent has not the shape of its source.
  /// - Complexity: One rule per node between a source and an output.
  package mutating func tangent(
    of outputs: [Value], along sources: [(value: Value, tangent: Value)]
  ) throws(ShapeError) -> [Value] {
    let active = dependence(on: sources.map(\.value))
    var tangents: [Int: Value] = [:]
    for (value, tangent) in sources {
      guard shape(of: value) == shape(of: tangent) else {
        throw ShapeError("tangent", "\(shape(of: tangent)) of a source \(shape(of: value))")
      }
      tangents[value.index] = tangent
    }
    for value in reachable(from: outputs)
    where active[value.index] && tangents[value.index] == nil {
      let node = nodes[value.index]
      tangents[value.index] = try node.operation.primitive.tangent(
        of: value, inputs: node.inputs, tangents: node.inputs.map { tangents[$0.index] },
        in: &self)
    }
    var result: [Value] = []
    for output in outputs {
      result.append(try orZeros(tangents[output.index], like: output))
    }
    return result
  }
}
