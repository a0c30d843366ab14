/// The closed set of primitives.
///
/// Every tangent and pullback is again made of these, so derivatives of any order exist. Adding a
/// case makes every executor fail to compile until it has a kernel.
package enum Operation: Hashable, Sendable {
  case input(Input)
  case constant(Constant)
  case tensor(TensorConstant)
  case add
  case multiply
  case affine(Affine)
  case unary(UnaryFunction)
  case gate
  case detach
  case broadcast(Broadcast)
  case reduceSum(ReduceSum)
  case reshape(Reshape)
  case transpose(Transpose)
  case slice(Slice)
  case pad(Pad)
  case concatenate(Concatenate)
  case gather(Gather)
  case scatter(Scatter)
  case take(Take)
  case scatterAdd(ScatterAdd)
  case matrixProduct(MatrixProduct)
  case convolution(Convolution)
  case convolutionInputGradient(ConvolutionInputGradient)
  case convolutionFilterGradient(ConvolutionFilterGradient)
  case softmax(Softmax)
  case logSoftmax(LogSoftmax)
  case logSumExp(LogSumExp)
  case maxPool(MaxPool)
  case maxPoolSelect(MaxPoolSelect)
  case maxPoolScatter(MaxPoolScatter)
  case averagePool(AveragePool)
  case averagePoolGradient(AveragePoolGradient)

  /// The rules of the operation.
  package var primitive: any Primitive {
    switch self {
    case .input(let p): p
    case .constant(let p): p
    case .tensor(let p): p
    case .add: Add()
    case .multiply: Multiply()
    case .affine(let p): p
    case .unary(let p): p
    case .gate: Gate()
    case .detach: Detach()
    case .broadcast(let p): p
    case .reduceSum(let p): p
    case .reshape(let p): p
    case .transpose(let p): p
    case .slice(let p): p
    case .pad(let p): p
    case .concatenate(let p): p
    case .gather(let p): p
    case .scatter(let p): p
    case .take(let p): p
    case .scatterAdd(let p): p
    case .matrixProduct(let p): p
    case .convolution(let p): p
    case .convolutionInputGradient(let p): p
    case .convolutionFilterGradient(let p): p
    case .softmax(let p): p
    case .logSoftmax(let p): p
    case .logSumExp(let p): p
    case .maxPool(let p): p
    case .maxPoolSelect(let p): p
    case .maxPoolScatter(let p): p
    case .averagePool(let p): p
    case .averagePoolGradient(let p): p
    }
  }

  func outputShape(of shapes: [Shape]) throws(ShapeError) -> Shape {
    try primitive.outputShape(of: shapes)
  }
}

/// One primitive: its shape rule and its two derivative rules.
///
/// Rules emit nodes and touch no memory. `nil` is a symbolic zero, so dead branches cost nothing.
package protocol Primitive: Hashable, Sendable {
  /// Shape of the result.
  ///
  /// - Throws: `ShapeError` when the inputs do not fit.
  func outputShape(of shapes: [Shape]) throws(ShapeError) -> Shape

  /// Forward-mode rule: the tangent of the output from the tangents of the inputs.
  func tangent(
    of output: Value, inputs: [Value], tangents: [Value?], in graph: inout Graph
  ) throws(ShapeError) -> Value?

  /// Reverse-mode rule: the cotangents of the inputs from the cotangent of the output.
  ///
  /// Entries of inputs that are not `wanted` may be `nil`.
  func pullback(
    of output: Value, inputs: [Value], cotangent: Value, wanted: [Bool], in graph: inout Graph
  ) throws(ShapeError) -> [Value?]
}

extension Graph {
  /// Sum of two optional values, where `nil` is zero.
  mutating func sum(_ a: Value?, _ b: Value?) throws(ShapeError) -> Value? {
    guard let a else { return b }
    guard let b else { return a }
    return try add(a, b)
  }

  /// The value itself, or a tensor of zeros in place of a symbolic zero.
  mutating func orZeros(_ value: Value?, like model: Value) throws(ShapeError) -> Value {
    if let value { return value }
    return try constant(0, shape(of: model))
  }
}
