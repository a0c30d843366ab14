/// Which parameters a gradient is wanted by: some tensors, whole or some of their filters.
package struct GradientSupport: Hashable, Sendable {
  /// One tensor that the gradient is wanted by.
  package struct Part: Hashable, Sendable {
    /// Its segment of the parameter layout.
    package let segment: Int
    /// Indices of the first axis, ascending and not empty; nil for the whole tensor.
    package let filters: [Int]?

    /// Names a tensor, or filters of it.
    package init(segment: Int, filters: [Int]? = nil) {
      precondition(filters?.isEmpty != true, "segment \(segment) without filters")
      self.segment = segment
      self.filters = filters
    }
  }

  /// The tensors in the order of the layout.
  package let parts: [Part]

  /// Joins parts.
  ///
  /// - Precondition: The segments ascend.
  package init(_ parts: [Part]) {
    precondition(zip(parts, parts.dropFirst()).allSatisfy { $0.segment < $1.segment })
    self.parts = parts
  }

  /// Whole tensors.
  package init(segments: [Int]) { self.init(segments.map { Part(segment: $0) }) }
}
