@testable import ComputationGraph

extension PrimitiveCase {
  static let indexing = [
    PrimitiveCase("take rows of a table", [[5, 3], [2, 4]], indices: [1: 5]) {
      graph, x throws(ShapeError) in
      try graph.take(x[0], x[1])
    },
    PrimitiveCase("take one element of each row", [[4, 5], [4]], indices: [1: 5]) {
      graph, x throws(ShapeError) in
      try graph.take(x[0], x[1], batchAxes: 1)
    },
    PrimitiveCase("take with two batch axes", [[2, 3, 4, 2], [2, 3, 5]], indices: [1: 4]) {
      graph, x throws(ShapeError) in
      try graph.take(x[0], x[1], batchAxes: 2)
    },
    PrimitiveCase("scatterAdd to a table", [[2, 4, 3], [2, 4]], indices: [1: 4]) {
      graph, x throws(ShapeError) in
      try graph.scatterAdd(x[0], x[1], extent: 4)
    },
    PrimitiveCase("scatterAdd to rows, some outside", [[3, 6], [3, 6]], indices: [1: 7]) {
      graph, x throws(ShapeError) in
      try graph.scatterAdd(x[0], x[1], batchAxes: 1, extent: 4)
    },
  ]

  static let products = [(false, false), (false, true), (true, false), (true, true)].map {
    (transposeA, transposeB) in
    PrimitiveCase(
      "matrixProduct A\(transposeA ? "^T" : "") B\(transposeB ? "^T" : "")",
      [transposeA ? [4, 3] : [3, 4], transposeB ? [5, 4] : [4, 5]]
    ) { graph, x throws(ShapeError) in
      try graph.matrixProduct(x[0], x[1], transposeA: transposeA, transposeB: transposeB)
    }
  }

  /// Stacks of matrices, transposed or not, repeated along an axis of the stack or not.
  static let stacks: [PrimitiveCase] = [
    ([2, 3], [2, 3]), ([2, 1], [2, 3]), ([2, 3], [1, 3]), ([1, 3], [2, 1]), ([2, 3], []),
    ([], [2, 3]), ([3], [2, 3]), ([2], [1]),
  ].flatMap { (first: [Int], second: [Int]) in
    [(false, false), (false, true), (true, false), (true, true)].map { transposeA, transposeB in
      PrimitiveCase(
        "matrixProduct \(first) A\(transposeA ? "^T" : "") \(second) B\(transposeB ? "^T" : "")",
        [
          Shape(first + (transposeA ? [4, 3] : [3, 4])),
          Shape(second + (transposeB ? [2, 4] : [4, 2])),
        ]
      ) { graph, x throws(ShapeError) in
        try graph.matrixProduct(x[0], x[1], transposeA: transposeA, transposeB: transposeB)
      }
    }
  }

  /// Images, filters and geometry; each is checked as a convolution and as both its gradients.
  private static let geometries: [(String, Shape, Shape, ConvolutionGeometry)] = [
    ("1x1", [2, 3, 4, 5], [4, 3, 1, 1], ConvolutionGeometry()),
    ("1x1 stride 2", [2, 3, 5, 4], [4, 3, 1, 1], ConvolutionGeometry(stride: 2)),
    ("3x3", [2, 3, 5, 6], [4, 3, 3, 3], ConvolutionGeometry(padding: 1)),
    ("3x3 stride 2", [2, 3, 7, 6], [4, 3, 3, 3], ConvolutionGeometry(stride: 2, padding: 1)),
    ("5x5", [1, 2, 7, 6], [3, 2, 5, 5], ConvolutionGeometry()),
    (
      "5x5 padding 2 stride 2", [1, 2, 7, 8], [3, 2, 5, 5],
      ConvolutionGeometry(stride: 2, padding: 2)
    ),
    ("3x5 rectangle", [1, 2, 6, 9], [3, 2, 3, 5], ConvolutionGeometry(padding: 1)),
    (
      "3x3 dilation 2", [1, 2, 9, 7], [3, 2, 3, 3],
      ConvolutionGeometry(padding: 2, dilation: 2)
    ),
    (
      "3x3 dilation 2 stride 2", [1, 2, 9, 8], [3, 2, 3, 3],
      ConvolutionGeometry(stride: 2, padding: 1, dilation: 2)
    ),
    ("3x3 groups 2", [2, 4, 5, 5], [6, 2, 3, 3], ConvolutionGeometry(padding: 1, groups: 2)),
    (
      "3x3 depthwise", [2, 3, 5, 4], [3, 1, 3, 3],
      ConvolutionGeometry(stride: 2, padding: 1, groups: 3)
    ),
    ("even filter", [1, 2, 6, 6], [3, 2, 2, 4], ConvolutionGeometry(stride: 2, padding: 1)),
    (
      "other for each side", [1, 2, 6, 7], [3, 2, 3, 2],
      ConvolutionGeometry(
        stride: [1, 2], paddingLow: [2, 0], paddingHigh: [0, 3], dilation: [2, 1])
    ),
    (
      "row", [2, 2, 1, 9], [3, 2, 1, 3],
      ConvolutionGeometry(
        stride: [1, 2], paddingLow: [0, 2], paddingHigh: [0, 0])
    ),
  ]

  static let convolutions = geometries.flatMap { name, images, filters, geometry in
    let output = convolved(images, filters, geometry)
    return [
      PrimitiveCase("convolution \(name)", [images, filters]) { graph, x throws(ShapeError) in
        try graph.convolution(x[0], x[1], geometry)
      },
      PrimitiveCase("input gradient \(name)", [output, filters]) { graph, x throws(ShapeError) in
        try graph.convolutionInputGradient(x[0], x[1], geometry, input: images)
      },
      PrimitiveCase("filter gradient \(name)", [images, output]) { graph, x throws(ShapeError) in
        try graph.convolutionFilterGradient(x[0], x[1], geometry, filter: filters)
      },
    ]
  }

  private static func convolved(
    _ x: Shape, _ w: Shape, _ geometry: ConvolutionGeometry
  ) -> Shape {
    let extents = (0..<2).map {
      (x[$0 + 2] + geometry.paddingLow[$0] + geometry.paddingHigh[$0]
        - geometry.dilation[$0] * (w[$0 + 2] - 1) - 1)
        / geometry.stride[$0] + 1
    }
    return [x[0], w[0], extents[0], extents[1]]
  }
}
