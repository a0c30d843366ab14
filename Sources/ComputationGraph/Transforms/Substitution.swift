extension Graph {
  /// The same functions of other values: `f(x)` becomes `f(y)` for every `(x, y)`.
  ///
  /// Only what depends on a replaced value is added again; all else is shared by both. So a network at
  /// other weights of some layers reads the activations of the layers below them.
  ///
  /// - Parameters:
  ///   - replacements: Values and what stands in their place, of equal shapes.
  ///   - outputs: The functions.
  /// - Returns: One value per output; the output itself where it depends on nothing replaced.
  /// - Throws: `ShapeError` when a replacement has another shape.
  /// - Complexity: One node per node between a replaced value and an output.
  package mutating func substituting(
    _ replacements: [Value: Value], in outputs: [Value]
  ) throws(ShapeError) -> [Value] {
    for (old, new) in replacements where shape(of: old) != shape(of: new) {
      throw ShapeError("substitution", "\(shape(of: new)) in place of \(shape(of: old))")
    }
    let depends = dependence(on: Array(replacements.keys))
    var replaced = replacements
    for value in reachable(from: outputs)
    where depends[value.index] && replacements[value] == nil {
      let node = self[value]
      replaced[value] = try append(node.operation, node.inputs.map { replaced[$0] ?? $0 })
    }
    return outputs.map { replaced[$0] ?? $0 }
  }
}
