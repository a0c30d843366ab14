internal import ComputationGraph
internal import NeuralNetworks

/// Rules of PyTorch's convolutions and pooling.
enum ATenConvolutions {
  static let rules: [String: Rule] = [
    "conv1d": one { try convolution(&$0, $1, axes: 1) },
    "conv2d": one { try convolution(&$0, $1, axes: 2) },
    "conv3d": one { try convolution(&$0, $1, axes: 3) },
    "conv_transpose1d": one { try transposed(&$0, $1, axes: 1) },
    "conv_transpose2d": one { try transposed(&$0, $1, axes: 2) },
    "convolution": one { try general(&$0, $1) },
    // As tracing writes it, with settings of libraries behind the rest.
    "_convolution": one { try general(&$0, $1) },
    "max_pool1d": one { try maxPool(&$0, $1, axes: 1) },
    "max_pool2d": one { try maxPool(&$0, $1, axes: 2) },
    "max_pool3d": one { try maxPool(&$0, $1, axes: 3) },
    "max_pool3d_with_indices": { [try maxPool(&$0, $1, axes: 3)] },
    "max_pool2d_with_indices": { [try maxPool(&$0, $1, axes: 2)] },
    "adaptive_max_pool2d": { b, a in [try adaptiveMaxPool(&b, a)] },
    "adaptive_max_pool1d": { b, a in [try adaptiveMaxPool(&b, a)] },
    "avg_pool1d": one { try averagePool(&$0, $1, axes: 1) },
    "avg_pool2d": one { try averagePool(&$0, $1, axes: 2) },
    "avg_pool3d": one { try averagePool(&$0, $1, axes: 3) },
    "adaptive_avg_pool1d": one { try adaptivePool(&$0, $1, axes: 1) },
    "adaptive_avg_pool2d": one { try adaptivePool(&$0, $1, axes: 2) },
    "_adaptive_avg_pool2d": one { try adaptivePool(&$0, $1, axes: 2) },
    "adaptive_avg_pool3d": one { try adaptivePool(&$0, $1, axes: 3) },
    "_adaptive_avg_pool3d": one { try adaptivePool(&$0, $1, axes: 3) },
  ]

  private static func general(
    _ b: inout TensorBuilder, _ a: Arguments
  ) throws -> LogicalTensor {
    let weight = try a.tensor("weight", 1)
    let axes = weight.rank - 2
    let settings = try ConvolutionSettings(
      stride: a.integers("stride", 3), low: a.integers("padding", 4),
      dilation: a.integers("dilation", 5), groups: a.integer("groups", 8) ?? 1, axes: axes)
    let (x, bias) = (try a.tensor("input", 0), try a.optionalTensor("bias", 2))
    return try a.flag("transposed", 6)
      ? b.transposedConvolution(
        x, weight, bias: bias, settings, outputPadding: a.integers("output_padding", 7) ?? [])
      : b.convolution(x, weight, bias: bias, settings)
  }

  private static func convolution(
    _ b: inout TensorBuilder, _ a: Arguments, axes: Int
  ) throws -> LogicalTensor {
    var x = try a.tensor("input", 0)
    let weight = try a.tensor("weight", 1)
    var settings = try ConvolutionSettings(
      stride: a.integers("stride", 3),
      low: a.text("padding", 4) == nil ? a.integers("padding", 4) : nil,
      dilation: a.integers("dilation", 5), groups: a.integer("groups", 6) ?? 1, axes: axes)
    guard weight.rank == axes + 2 else { throw Refusal("filters \(weight.shape)") }
    if a.text("padding", 4) == "same" {
      let total = (0..<axes).map { settings.dilation[$0] * (weight.shape[$0 + 2] - 1) }
      settings.low = total.map { $0 / 2 }
      settings.high = total.map { $0 - $0 / 2 }
    }
    let isUnbatched = x.rank == axes + 1
    if isUnbatched { x = try b.unsqueeze(x, axis: 0) }
    let result = try b.convolution(x, weight, bias: a.optionalTensor("bias", 2), settings)
    return isUnbatched ? try b.squeeze(result, axes: [0]) : result
  }

  private static func transposed(
    _ b: inout TensorBuilder, _ a: Arguments, axes: Int
  ) throws -> LogicalTensor {
    let settings = try ConvolutionSettings(
      stride: a.integers("stride", 3), low: a.integers("padding", 4),
      dilation: a.integers("dilation", 7), groups: a.integer("groups", 6) ?? 1, axes: axes)
    return try b.transposedConvolution(
      a.tensor("input", 0), a.tensor("weight", 1), bias: a.optionalTensor("bias", 2), settings,
      outputPadding: a.integers("output_padding", 5) ?? [])
  }

  private static func windowSize(_ a: Arguments, axes: Int) throws -> [Int] {
    let size = try a.integers("kernel_size", 1) ?? []
    if size.count == 1 { return [Int](repeating: size[0], count: axes) }
    guard size.count == axes else { throw Refusal("a window \(size)") }
    return size
  }

  private static func maxPool(
    _ b: inout TensorBuilder, _ a: Arguments, axes: Int
  ) throws -> LogicalTensor {
    let size = try windowSize(a, axes: axes)
    let stride = try a.integers("stride", 2) ?? []
    let settings = try ConvolutionSettings(
      stride: stride.isEmpty ? size : stride, low: a.integers("padding", 3),
      dilation: a.integers("dilation", 4), axes: axes)
    return try b.maxPool(a.input(), size: size, settings, roundsUp: a.flag("ceil_mode", 5))
  }

  private static func averagePool(
    _ b: inout TensorBuilder, _ a: Arguments, axes: Int
  ) throws -> LogicalTensor {
    let size = try windowSize(a, axes: axes)
    let stride = try a.integers("stride", 2) ?? []
    let settings = try ConvolutionSettings(
      stride: stride.isEmpty ? size : stride, low: a.integers("padding", 3), axes: axes)
    return try b.averagePool(
      a.input(), size: size, settings, roundsUp: a.flag("ceil_mode", 4),
      countsBorder: a.flag("count_include_pad", 5, default: true),
      divisor: a.integer("divisor_override", 6))
  }

  private static func adaptivePool(
    _ b: inout TensorBuilder, _ a: Arguments, axes: Int
  ) throws -> LogicalTensor {
    let sizes = try a.integers("output_size", 1) ?? []
    let all = sizes.count == 1 ? [Int](repeating: sizes[0], count: axes) : sizes
    guard all.count == axes else { throw Refusal("pooling to \(sizes)") }
    return try b.adaptiveAveragePool(a.input(), sizes: all)
  }

  private static func adaptiveMaxPool(
    _ b: inout TensorBuilder, _ a: Arguments
  ) throws -> LogicalTensor {
    let x = try a.input()
    let sizes = try a.integers("output_size", 1) ?? []
    let first = x.rank - sizes.count
    guard first >= 1, zip(x.shape[first...], sizes).allSatisfy({ $1 >= 1 && $0 % $1 == 0 }) else {
      throw Refusal("pooling \(x.shape) to \(sizes), which does not divide it")
    }
    let size = zip(x.shape[first...], sizes).map { $0 / $1 }
    return try b.maxPool(
      x, size: size, ConvolutionSettings(stride: size, axes: size.count), roundsUp: false)
  }
}
