package import ComputationGraph
package import LinearAlgebra

/// What a buffer holds.
package enum BufferRole: String, Hashable, Sendable, Codable {
  /// Running mean per channel.
  case runningMean
  /// Running (unbiased) variance per channel.
  case runningVariance
  /// Values that never change, like a parameter that is not trained.
  case fixed
}

/// One named tensor of the flat buffers of a model.
package struct BufferSegment: Hashable, Sendable {
  /// Name as in the PyTorch original, like `bn1.running_mean`.
  package let name: String
  /// Shape of the tensor, `[channels]`.
  package let shape: Shape
  /// What the tensor holds.
  package let role: BufferRole
  /// Weight m of a batch in running statistics, `r <- (1 - m) r + m b`.
  package let momentum: Double
  /// Place of the elements in the flat vector.
  package let range: Range<Int>
}

/// A buffer before it has a place: what a layout is made of.
package struct BufferTensor: Hashable, Sendable {
  /// Name as in the original.
  package let name: String
  /// Shape of the tensor.
  package let shape: Shape
  /// What the tensor holds.
  package let role: BufferRole
  /// Weight of a batch in running statistics.
  package let momentum: Double

  /// Describes a buffer.
  package init(
    _ name: String, _ shape: Shape, _ role: BufferRole,
    momentum: Double = NormalizationMode.momentum
  ) {
    self.name = name
    self.shape = shape
    self.role = role
    self.momentum = momentum
  }
}

/// Names, shapes and order of the buffers of a model; immutable.
package struct BufferLayout: Hashable, Sendable {
  /// The tensors in order: mean, then variance, for each batch norm in turn.
  package let segments: [BufferSegment]

  /// Number of elements of all tensors.
  package var count: Int { segments.last?.range.upperBound ?? 0 }

  /// Lays tensors out behind one another.
  package init(_ tensors: [BufferTensor]) {
    var start = 0
    var segments: [BufferSegment] = []
    for tensor in tensors {
      let end = start + tensor.shape.count
      segments.append(
        BufferSegment(
          name: tensor.name, shape: tensor.shape, role: tensor.role, momentum: tensor.momentum,
          range: start..<end))
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
public struct Buffers: Sendable, Equatable {
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

  /// Running statistics that take in those of a batch, `r <- (1 - m) r + m b` with the momentum m of
  /// each batch norm.
  ///
  /// - Precondition: As many elements as the layout asks for.
  package mutating func take(_ batch: Vector<Float>) {
    Self.check(batch, layout)
    for segment in layout.segments {
      let (kept, taken) = (Float(1 - segment.momentum), Float(segment.momentum))
      for place in segment.range { elements[place] = kept * elements[place] + taken * batch[place] }
    }
  }

  private static func check(_ elements: Vector<Float>, _ layout: BufferLayout) {
    precondition(
      elements.count == layout.count,
      "\(elements.count) elements for buffers of \(layout.count)")
  }
}
