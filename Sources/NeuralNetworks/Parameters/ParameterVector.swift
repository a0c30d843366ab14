public import LinearAlgebra

/// Flat vector in the space of the parameters, with the layout that gives it meaning.
///
/// Weights, gradients, directions, momenta, masks and eigenvectors are all such vectors.
public struct ParameterVector: Sendable, Equatable {
  /// Names, shapes and places of the tensors.
  public let layout: ParameterLayout
  /// The elements of all tensors behind one another.
  public var elements: Vector<Float> {
    didSet { Self.check(elements, layout) }
  }

  /// Joins elements with their layout.
  ///
  /// - Precondition: As many elements as the layout asks for.
  public init(layout: ParameterLayout, elements: Vector<Float>) {
    Self.check(elements, layout)
    self.layout = layout
    self.elements = elements
  }

  /// The zero vector.
  public init(zeros layout: ParameterLayout) {
    self.init(layout: layout, elements: Vector(zeros: layout.count))
  }

  /// Elements of one tensor (a copy), if the layout has it.
  public subscript(name: String) -> Vector<Float>? {
    layout[name].map { elements[$0.range] }
  }

  private static func check(_ elements: Vector<Float>, _ layout: ParameterLayout) {
    precondition(
      elements.count == layout.count,
      "\(elements.count) elements for a layout of \(layout.count)")
  }
}
