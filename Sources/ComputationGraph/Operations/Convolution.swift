/// Geometry that a convolution and its two gradients share.
public struct ConvolutionGeometry: Hashable, Sendable {
  /// Step of the window along height and width.
  public let stride: [Int]
  /// Zeros before the first row and column.
  public let paddingLow: [Int]
  /// Zeros behind the last row and column.
  public let paddingHigh: [Int]
  /// Distance between taps of the filter along height and width.
  public let dilation: [Int]
  /// Number of independent groups of channels.
  public let groups: Int

  /// Creates a geometry from values for height and width.
  public init(
    stride: [Int], paddingLow: [Int], paddingHigh: [Int], dilation: [Int] = [1, 1],
    groups: Int = 1
  ) {
    precondition(
      [stride, paddingLow, paddingHigh, dilation].allSatisfy { $0.count == 2 },
      "height and width need a value each")
    self.stride = stride
    self.paddingLow = paddingLow
    self.paddingHigh = paddingHigh
    self.dilation = dilation
    self.groups = groups
  }

  /// Creates a geometry; one number counts for height and width and for both sides.
  public init(stride: Int = 1, padding: Int = 0, dilation: Int = 1, groups: Int = 1) {
    self.init(
      stride: [stride, stride], paddingLow: [padding, padding], paddingHigh: [padding, padding],
      dilation: [dilation, dilation], groups: groups)
  }

  /// Output extent along one spatial axis (0: height, 1: width).
  func outputExtent(_ input: Int, filter: Int, axis: Int) -> Int {
    (input + paddingLow[axis] + paddingHigh[axis] - dilation[axis] * (filter - 1) - 1)
      / stride[axis] + 1
  }

  /// Shape of the output for images `[n, c, h, w]` and filters `[o, c / groups, r, s]`.
  public func outputShape(_ x: Shape, _ w: Shape) throws(ShapeError) -> Shape {
    guard x.rank == 4, w.rank == 4, groups >= 1, stride.allSatisfy({ $0 >= 1 }),
      (paddingLow + paddingHigh).allSatisfy({ $0 >= 0 }), dilation.allSatisfy({ $0 >= 1 }),
      x[1] == w[1] * groups, w[0] % groups == 0
    else {
      throw ShapeError(
        "convolution", "images \(x) and filters \(w) in \(groups) group(s) do not fit")
    }
    for axis in 0..<2
    where x[axis + 2] + paddingLow[axis] + paddingHigh[axis]
      < dilation[axis] * (w[axis + 2] - 1) + 1
    {
      throw ShapeError("convolution", "filters \(w) are larger than the padded images \(x)")
    }
    return [
      x[0], w[0], outputExtent(x[2], filter: w[2], axis: 0),
      outputExtent(x[3], filter: w[3], axis: 1),
    ]
  }
}

/// Cross-correlation of images `[n, c, h, w]` with filters `[o, c / groups, r, s]`.
///
/// `y[n, o, p, q] = sum_{c, r, s} x[n, c, p stride + r dilation - low, ...] w[o, c, r, s]`.
/// Bilinear: the tangent is two convolutions, the pullbacks are the two gradients below, and the
/// three derive into each other.
package struct Convolution: Primitive {
  /// Stride, padding, dilation and groups.
  package let geometry: ConvolutionGeometry

  package func outputShape(of shapes: [Shape]) throws(ShapeError) -> Shape {
    try geometry.outputShape(shapes[0], shapes[1])
  }

  package func tangent(
    of output: Value, inputs: [Value], tangents: [Value?], in graph: inout Graph
  ) throws(ShapeError) -> Value? {
    var first: Value?
    var second: Value?
    if let t = tangents[0] { first = try graph.convolution(t, inputs[1], geometry) }
    if let t = tangents[1] { second = try graph.convolution(inputs[0], t, geometry) }
    return try graph.sum(first, second)
  }

  package func pullback(
    of output: Value, inputs: [Value], cotangent: Value, wanted: [Bool], in graph: inout Graph
  ) throws(ShapeError) -> [Value?] {
    let (x, w) = (inputs[0], inputs[1])
    return [
      wanted[0]
        ? try graph.convolutionInputGradient(cotangent, w, geometry, input: graph.shape(of: x))
        : nil,
      wanted[1]
        ? try graph.convolutionFilterGradient(x, cotangent, geometry, filter: graph.shape(of: w))
        : nil,
    ]
  }
}

/// Adjoint of `Convolution` in the images: `(dy, w) -> dx`.
package struct ConvolutionInputGradient: Primitive {
  /// Stride, padding, dilation and groups.
  package let geometry: ConvolutionGeometry
  /// Shape of the images.
  package let input: Shape

  package func outputShape(of shapes: [Shape]) throws(ShapeError) -> Shape {
    guard try geometry.outputShape(input, shapes[1]) == shapes[0] else {
      throw ShapeError(
        "convolutionInputGradient", "\(shapes[0]) is not the output for images \(input)")
    }
    return input
  }

  package func tangent(
    of output: Value, inputs: [Value], tangents: [Value?], in graph: inout Graph
  ) throws(ShapeError) -> Value? {
    var first: Value?
    var second: Value?
    if let t = tangents[0] {
      first = try graph.convolutionInputGradient(t, inputs[1], geometry, input: input)
    }
    if let t = tangents[1] {
      second = try graph.convolutionInputGradient(inputs[0], t, geometry, input: input)
    }
    return try graph.sum(first, second)
  }

  package func pullback(
    of output: Value, inputs: [Value], cotangent: Value, wanted: [Bool], in graph: inout Graph
  ) throws(ShapeError) -> [Value?] {
    let (dy, w) = (inputs[0], inputs[1])
    return [
      wanted[0] ? try graph.convolution(cotangent, w, geometry) : nil,
      wanted[1]
        ? try graph.convolutionFilterGradient(cotangent, dy, geometry, filter: graph.shape(of: w))
        : nil,
    ]
  }
}

/// Adjoint of `Convolution` in the filters: `(x, dy) -> dw`.
package struct ConvolutionFilterGradient: Primitive {
  /// Stride, padding, dilation and groups.
  package let geometry: ConvolutionGeometry
  /// Shape of the filters.
  package let filter: Shape

  package func outputShape(of shapes: [Shape]) throws(ShapeError) -> Shape {
    guard try geometry.outputShape(shapes[0], filter) == shapes[1] else {
      throw ShapeError(
        "convolutionFilterGradient",
        "\(shapes[1]) is not the output for images \(shapes[0]) and filters \(filter)")
    }
    return filter
  }

  package func tangent(
    of output: Value, inputs: [Value], tangents: [Value?], in graph: inout Graph
  ) throws(ShapeError) -> Value? {
    var first: Value?
    var second: Value?
    if let t = tangents[0] {
      first = try graph.convolutionFilterGradient(t, inputs[1], geometry, filter: filter)
    }
    if let t = tangents[1] {
      second = try graph.convolutionFilterGradient(inputs[0], t, geometry, filter: filter)
    }
    return try graph.sum(first, second)
  }

  package func pullback(
    of output: Value, inputs: [Value], cotangent: Value, wanted: [Bool], in graph: inout Graph
  ) throws(ShapeError) -> [Value?] {
    let (x, dy) = (inputs[0], inputs[1])
    return [
      wanted[0]
        ? try graph.convolutionInputGradient(dy, cotangent, geometry, input: graph.shape(of: x))
        : nil,
      wanted[1] ? try graph.convolution(x, cotangent, geometry) : nil,
    ]
  }
}

extension Graph {
  /// Cross-correlation of images `[n, c, h, w]` with filters `[o, c / groups, r, s]`.
  public mutating func convolution(
    _ x: Value, _ w: Value, _ geometry: ConvolutionGeometry
  ) throws(ShapeError) -> Value {
    try append(.convolution(Convolution(geometry: geometry)), [x, w])
  }

  /// Gradient of a convolution in its images.
  package mutating func convolutionInputGradient(
    _ dy: Value, _ w: Value, _ geometry: ConvolutionGeometry, input: Shape
  ) throws(ShapeError) -> Value {
    try append(
      .convolutionInputGradient(ConvolutionInputGradient(geometry: geometry, input: input)),
      [dy, w])
  }

  /// Gradient of a convolution in its filters.
  package mutating func convolutionFilterGradient(
    _ x: Value, _ dy: Value, _ geometry: ConvolutionGeometry, filter: Shape
  ) throws(ShapeError) -> Value {
    try append(
      .convolutionFilterGradient(ConvolutionFilterGradient(geometry: geometry, filter: filter)),
      [x, dy])
  }
}
