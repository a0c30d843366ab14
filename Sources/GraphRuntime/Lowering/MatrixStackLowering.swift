internal import ComputationGraph

extension Lowering {
  /// Products of stacks of matrices.
  mutating func lowerMatrixStackProduct(_ value: Value, _ p: MatrixProduct) throws {
    let node = graph[value]
    let (shapeA, shapeB) = (graph.shape(of: node.inputs[0]), graph.shape(of: node.inputs[1]))
    let a = try tensor(node.inputs[0], in: .plain)
    let b = try tensor(node.inputs[1], in: .plain)
    let target = allocate(value, layout: .plain)
    let shape = node.shape
    let (rows, columns) = (shape[shape.rank - 2], shape[shape.rank - 1])
    let stack = Array(shape.dimensions.dropLast(2))
    let (startsA, startsB) = (Self.starts(shapeA, in: stack), Self.starts(shapeB, in: stack))
    let division = division(value)
    let kernels = rule.matrixKernels
    let products = division == .perChunk ? startsA.count / batch : startsA.count
    add(
      Step(
        stage: stageOf(value), reads: [a, b], writes: [target], label: "matrix products",
        make: { place in
          MatrixStackProductKernel(
            kernels: kernels, division: division, a: place(a), b: place(b), output: place(target),
            transposeA: p.transposeA, transposeB: p.transposeB, rows: rows, columns: columns,
            inner: p.inner(shapeA), startsA: startsA, startsB: startsB, products: products)
        }))
    store(value, as: target)
  }

  /// Where the matrix of each index of a stack begins; extents of 1 are repeated.
  private static func starts(_ operand: Shape, in stack: [Int]) -> [Int] {
    var starts = [0]
    for (axis, extent) in stack.enumerated() {
      let stride = operand[axis] == 1 ? 0 : operand.strides[axis]
      starts = starts.flatMap { start in (0..<extent).map { start + $0 * stride } }
    }
    return starts
  }
}
