extension Graph {
  /// Reverse mode: the cotangents of `sources` from cotangents of `outputs`.
  ///
  /// - Parameters:
  ///   - outputs: Values with their cotangents, `[(y, dL/dy)]`.
  ///   - sources: Values to differentiate by.
  /// - Returns: `dL/dsource` for each source, zeros where nothing depends on it.
  /// - Throws: `ShapeError` when a cotangent has not the shape of its output.
  /// - Complexity: One rule per node that depends on a source and leads to an output.
  package mutating func pullback(
    of outputs: [(value: Value, cotangent: Value)], by sources: [Value]
  ) throws(ShapeError) -> [Value] {
    let active = dependence(on: sources)
    var cotangents: [Int: Value] = [:]
    for (value, cotangent) in outputs {
      guard shape(of: value) == shape(of: cotangent) else {
        throw ShapeError(
          "pullback", "cotangent \(shape(of: cotangent)) of an output \(shape(of: value))")
      }
      cotangents[value.index] = try sum(cotangents[value.index], cotangent)
    }
    let last = cotangents.keys.max() ?? -1
    for index in stride(from: last, through: 0, by: -1) {
      guard active[index], let cotangent = cotangents[index] else { continue }
      let node = nodes[index]
      let wanted = node.inputs.map { active[$0.index] }
      guard wanted.contains(true) else { continue }
      let parts = try node.operation.primitive.pullback(
        of: Value(index: index), inputs: node.inputs, cotangent: cotangent, wanted: wanted,
        in: &self)
      for (input, part) in zip(node.inputs, parts) where active[input.index] {
        cotangents[input.index] = try sum(cotangents[input.index], part)
      }
    }
    var result: [Value] = []
    for source in sources {
      result.append(try orZeros(cotangents[source.index], like: source))
    }
    return result
  }

  /// Gradient of a scalar (a value with one element) by `sources`.
  package mutating func gradient(
    of scalar: Value, by sources: [Value]
  ) throws(ShapeError) -> [Value] {
    guard shape(of: scalar).count == 1 else {
      throw ShapeError("gradient", "of a value of shape \(shape(of: scalar)), not of a scalar")
    }
    let one = try constant(1, shape(of: scalar))
    return try pullback(of: [(scalar, one)], by: sources)
  }
}
