internal import ComputationGraph
internal import Foundation
internal import NeuralNetworks

/// Matrix products, contractions, attention.
extension TensorBuilder {
  /// `x W^T + b` along the last axis; `W` is `[outputs, inputs]`, with `inputsFirst` `[inputs, outputs]`.
  mutating func linear(
    _ x: LogicalTensor, weight: LogicalTensor, bias: LogicalTensor?, inputsFirst: Bool = false
  ) throws -> LogicalTensor {
    note(weight, .weight, filterAxis: inputsFirst ? 1 : 0)
    note(bias, .bias)
    guard weight.rank == 2, !weight.isSampled, bias?.isSampled != true, x.host == nil, x.rank >= 1,
      bias?.rank ?? 1 == 1
    else {
      let product = try matrixProduct(x, inputsFirst ? weight : swapAxes(weight, -1, -2))
      return try bias.map { try add(product, $0) } ?? product
    }
    let (inputs, outputs) = (weight.shape[inputsFirst ? 0 : 1], weight.shape[inputsFirst ? 1 : 0])
    guard x.shape[x.rank - 1] == inputs else {
      throw Refusal("\(x.shape) does not fit the weights \(weight.shape)")
    }
    // All rows are one product, with the bias right behind it, where the runtime finds it.
    let (value, isSampled) = try lift(x)
    let rows = try reshape(
      value, to: [(isSampled ? batch : 1) * x.count / max(inputs, 1), inputs])
    var product = try graph.matrixProduct(rows, lift(weight).value, transposeB: !inputsFirst)
    if let bias {
      let row = try graph.reshape(lift(bias).value, to: [1, outputs])
      product = try graph.add(product, graph.broadcast(row, to: graph.shape(of: product)))
    }
    return try tensor(product, isSampled: isSampled, shape: Array(x.shape.dropLast()) + [outputs])
  }

  /// Matrix product with NumPy's rules: vectors, stacks, repeated stacks.
  mutating func matrixProduct(
    _ a: LogicalTensor, _ b: LogicalTensor
  ) throws -> LogicalTensor {
    guard a.rank >= 1, b.rank >= 1 else { throw Refusal("a matrix product with a number") }
    if a.rank == 1 {
      let product = try matrixProduct(reshape(a, to: [1] + a.shape), b)
      return try reshape(
        product, to: Array(product.shape.dropLast(2)) + (b.rank == 1 ? [] : [b.shape[b.rank - 1]]))
    }
    if b.rank == 1 {
      let product = try matrixProduct(a, reshape(b, to: b.shape + [1]))
      return try reshape(product, to: Array(product.shape.dropLast()))
    }
    guard a.shape[a.rank - 1] == b.shape[b.rank - 2] else {
      throw Refusal("\(a.shape) and \(b.shape) do not fit as matrices")
    }
    if b.rank == 2, !b.isSampled { note(b, .weight, filterAxis: 1) }
    if a.rank == 2, !a.isSampled { note(a, .weight, filterAxis: 0) }
    let lead = try broadcastShape(Array(a.shape.dropLast(2)), Array(b.shape.dropLast(2)))
    let shape = lead + [a.shape[a.rank - 2], b.shape[b.rank - 1]]
    try Extents.count(shape)
    if let first = a.host, let second = b.host {
      try Extents.count(shape + [a.shape[a.rank - 1]], known: true)
      return LogicalTensor(Self.product(first, second, lead: lead, shape: shape))
    }
    if b.isSampled, !a.isSampled {
      // The samples belong to the rows of the first operand.
      let transposed = try matrixProduct(swapAxes(b, -1, -2), swapAxes(a, -1, -2))
      return try swapAxes(transposed, -1, -2)
    }
    if a.isSampled, !b.isSampled, b.shape.dropLast(2).allSatisfy({ $0 == 1 }) {
      let inner = a.shape[a.rank - 1]
      let rows = try reshape(lift(a).value, to: [batch * a.count / max(inner, 1), inner])
      let matrix = try reshape(lift(b).value, to: [inner, b.shape[b.rank - 1]])
      let product = try graph.matrixProduct(rows, matrix)
      return try tensor(product, isSampled: true, shape: shape)
    }
    guard a.isSampled else {
      return LogicalTensor(
        try graph.matrixProduct(lift(a).value, lift(b).value), isSampled: false, shape: shape,
        element: .real)
    }
    // Stacks: samples first, without the axis of extent 1 that all of the stack leave out.
    let unit = lead.firstIndex(of: 1)
    let x = try stack(a, lead: lead, dropping: unit)
    let y = try stack(b, lead: lead, dropping: unit)
    let product = try graph.matrixProduct(x, y)
    return try tensor(product, isSampled: true, shape: shape)
  }

  /// A stack of matrices with a sample axis; extents of 1 stand for repetition.
  private mutating func stack(
    _ x: LogicalTensor, lead: [Int], dropping unit: Int?
  ) throws -> Value {
    var extents = [Int](repeating: 1, count: lead.count + 2 - x.rank) + x.shape
    if let unit { extents.remove(at: unit) }
    return try reshape(lift(x).value, to: Shape([x.isSampled ? batch : 1] + extents))
  }

  private static func product(
    _ a: HostArray, _ b: HostArray, lead: [Int], shape: [Int]
  ) -> HostArray {
    let (m, n) = (shape[shape.count - 2], shape[shape.count - 1])
    let k = a.shape[a.shape.count - 1]
    let x = a.broadcast(to: lead + [m, k]).elements
    let y = b.broadcast(to: lead + [k, n]).elements
    var result = [Double](repeating: 0, count: shape.reduce(1, *))
    for stack in 0..<lead.reduce(1, *) {
      for row in 0..<m {
        for inner in 0..<k {
          let factor = x[(stack * m + row) * k + inner]
          if factor == 0 { continue }
          for column in 0..<n {
            result[(stack * m + row) * n + column] += factor * y[(stack * k + inner) * n + column]
          }
        }
      }
    }
    return HostArray(result, shape: shape, element: joined(a.element, b.element))
  }

  /// Sum of products by letters of axes, like `bhqd,bhkd->bhqk`.
  mutating func einsum(
    _ equation: String, _ operands: [LogicalTensor]
  ) throws -> LogicalTensor {
    let text = equation.filter { !$0.isWhitespace }
    guard !text.contains("."), let arrow = text.range(of: "->") else {
      throw Refusal("einsum \(equation)")
    }
    let sides = text[..<arrow.lowerBound].split(separator: ",", omittingEmptySubsequences: false)
      .map { Array($0) }
    let result = Array(text[arrow.upperBound...])
    guard sides.count == operands.count,
      zip(sides, operands).allSatisfy({
        $0.count == $1.rank && Set($0).count == $0.count
      })
    else { throw Refusal("einsum \(equation)") }
    guard var joined = operands.first, var letters = sides.first else {
      throw Refusal("einsum \(equation)")
    }
    for index in 1..<max(operands.count, 1) {
      let later = sides[(index + 1)...].joined() + result
      (joined, letters) = try contract(
        joined, letters, operands[index], sides[index], keeping: Array(later))
    }
    let summed = letters.indices.filter { !result.contains(letters[$0]) }
    if !summed.isEmpty {
      joined = try sum(joined, axes: summed, keepsAxes: false)
      letters = letters.filter { result.contains($0) }
    }
    guard Set(letters) == Set(result), letters.count == result.count else {
      throw Refusal("einsum \(equation)")
    }
    return try permute(joined, result.map { letters.firstIndex(of: $0) ?? 0 })
  }

  /// Product of two tensors by letters; those that nothing later needs are summed over.
  private mutating func contract(
    _ a: LogicalTensor, _ first: [Character], _ b: LogicalTensor, _ second: [Character],
    keeping kept: [Character]
  ) throws -> (LogicalTensor, [Character]) {
    let common = first.filter { second.contains($0) }
    let batchLetters = common.filter { kept.contains($0) }
    let inner = common.filter { !kept.contains($0) }
    let freeA = first.filter { !common.contains($0) }
    let freeB = second.filter { !common.contains($0) }
    func extents(_ letters: [Character], _ x: LogicalTensor, _ own: [Character]) -> [Int] {
      letters.map { x.shape[own.firstIndex(of: $0) ?? 0] }
    }
    func places(_ letters: [Character], _ own: [Character]) -> [Int] {
      letters.map { own.firstIndex(of: $0) ?? 0 }
    }
    guard extents(common, a, first) == extents(common, b, second) else {
      throw Refusal("\(a.shape) and \(b.shape) do not fit")
    }
    let stack = extents(batchLetters, a, first)
    let k = extents(inner, a, first).reduce(1, *)
    let (m, n) = (extents(freeA, a, first), extents(freeB, b, second))
    let x = try reshape(
      permute(a, places(batchLetters + freeA + inner, first)), to: stack + [m.reduce(1, *), k])
    let y = try reshape(
      permute(b, places(batchLetters + inner + freeB, second)), to: stack + [k, n.reduce(1, *)])
    let product = try matrixProduct(x, y)
    return (try reshape(product, to: stack + m + n), batchLetters + freeA + freeB)
  }
}
