package import ComputationGraph
package import LinearAlgebra

/// What a buffer of a batch norm holds.
package enum BufferRole: String, Hashable, Sendable, Codable {
  /// Running mean per channel.
  case runningMean
  /// Running (unbiased) variance per channel.
  case runningVariance
}

/// One named tensor of the flat buffers of a model.
package struct BufferSegment: Hashable, Sendable {
  /// Name as in the PyTorch original, like `bn1.running_mean`.
  package let name: String
  /// Shape of the tensor, `[channels]`.
  package let shape: Shape
  /// What the tensor holds.
  package let role: BufferRole
  /// Place of the elements in the flat vector.
  package let range: Range<Int>
}

/// Names, shapes and order of the buffers of a model; immutable.
package struct BufferLayout: Hashable, Sendable {
  /// The tensors in order: mean, then variance, for each batch norm in turn.
  package let segments: [BufferSegment]

  /// Number of elements of all tensors.
  package var count: Int { segments.last?.range.upperBound ?? 0 }

  /// Lays tensors out behind one another.
  package init(_ tensors: [(name: String, shape: Shape, role: BufferRole)]) {
    var start = 0
    var segments: [BufferSegment] = []
    for tensor in tensors {
      let end = start + tensor.shape.count
      segments.append(
        BufferSegment(
          name: tensor.name, shape: tensor.shape, role: tensor.role, range: start..<end))
      start = end
    }
    self.segments = segments
  }

  /// The tensor with a name, if there is one.
  package subscript(name: String) -> BufferSegment? {
    segments.first { $0.name == name }
  }
}

/// Values of a model that are not parameters: the running statistics of its batch norms.
package struct Buffers: Sendable, Equatable {
  /// Names, shapes and places of the tensors.
  package let layout: BufferLayout
  /// The elements of all tensors behind one another.
  package var elements: Vector<Float> {
    didSet { Self.check(elements, layout) }
  }

  /// Joins elements with their layout.
  ///
  /// - Precondition: As many elements as the layout asks for.
  package init(layout: BufferLayout, elements: Vector<Float>) {
    Self.check(elements, layout)
    self.layout = layout
    self.elements = elements
  }

  /// Elements of one tensor (a copy), if the layout has it.
  package subscript(name: String) -> Vector<Float>? {
    layout[name].map { elements[$0.range] }
  }

  private static func check(_ elements: Vector<Float>, _ layout: BufferLayout) {
    precondition(
      elements.count == layout.count,
      "\(elements.count) elements for buffers of \(layout.count)")
  }
}
