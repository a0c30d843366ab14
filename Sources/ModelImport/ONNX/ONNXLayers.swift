internal import ComputationGraph
internal import NeuralNetworks

/// Rules of ONNX' layers: products, convolutions, norms, losses.
enum ONNXLayers {
  static let rules: [String: Rule] = [
    "MatMul": one { try $0.matrixProduct($1.operand(0), $1.operand(1)) },
    "Gemm": one { b, a in
      var x = try a.operand(0)
      let weight = try a.operand(1)
      let bias = try a.optionalOperand(2)
      let (alpha, beta) = (try a.real("alpha", nil) ?? 1, try a.real("beta", nil) ?? 1)
      if try a.flag("transA", nil) { x = try b.swapAxes(x, 0, 1) }
      let isTransposed = try a.flag("transB", nil)
      if alpha == 1, beta == 1, bias.map({ $0.rank == 1 && $0.count != 1 }) ?? true {
        return try b.linear(x, weight: weight, bias: bias, inputsFirst: !isTransposed)
      }
      b.note(bias, .bias)
      let product = try b.linear(x, weight: weight, bias: nil, inputsFirst: !isTransposed)
      let scaled = try b.affine(product, scale: alpha, shift: 0)
      return try bias.map { try b.add(scaled, $0, scale: beta) } ?? scaled
    },
    "Einsum": one { b, a in
      guard let equation = a.text("equation") else { throw Refusal("an einsum without letters") }
      return try b.einsum(equation, a.operands())
    },
    "Conv": one { b, a in
      let (x, weight) = (try a.operand(0), try a.operand(1))
      let axes = weight.rank - 2
      let size = Array(weight.shape.dropFirst(2))
      return try b.convolution(
        x, weight, bias: a.optionalOperand(2), settings(a, x, size: size, axes: axes))
    },
    "ConvTranspose": one { b, a in
      let (x, weight) = (try a.operand(0), try a.operand(1))
      let axes = weight.rank - 2
      guard axes >= 1, x.rank == weight.rank else { throw Refusal("filters \(weight.shape)") }
      var settings = try ConvolutionSettings(
        stride: a.integers("strides", nil), dilation: a.integers("dilations", nil),
        groups: a.integer("group", nil) ?? 1, axes: axes)
      var extra = try a.integers("output_padding", nil) ?? [Int](repeating: 0, count: axes)
      guard extra.count == axes, extra.allSatisfy({ (0..<1 << 20).contains($0) }) else {
        throw Refusal("output padding \(extra)")
      }
      let automatic = a.text("auto_pad") ?? "NOTSET"
      let wanted = try a.integers("output_shape", nil)?.suffix(axes).map { $0 }
      guard wanted?.allSatisfy({ (0..<1 << 31).contains($0) }) ?? true,
        wanted?.count ?? axes == axes
      else { throw Refusal("the output shape \(wanted ?? [])") }
      if wanted != nil || automatic.hasPrefix("SAME") {
        for axis in 0..<axes {
          let extent = x.shape[axis + 2]
          let span = settings.dilation[axis] * (weight.shape[axis + 2] - 1) + 1
          let full = (extent - 1) * settings.stride[axis] + span + extra[axis]
          let target = wanted.map { $0[axis] } ?? extent * settings.stride[axis]
          let total = max(full - target, 0)
          let smaller = total / 2
          let isUpper = automatic == "SAME_UPPER"
          settings.low[axis] = isUpper ? smaller : total - smaller
          settings.high[axis] = total - settings.low[axis]
          if target > full { extra[axis] += target - full }
        }
      } else if let pads = try a.integers("pads", nil) {
        guard pads.count == 2 * axes, pads.allSatisfy({ (-(1 << 20)..<1 << 20).contains($0) })
        else {
          throw Refusal("padding \(pads)")
        }
        settings.low = Array(pads[..<axes])
        settings.high = Array(pads[axes...])
      }
      return try b.transposedConvolution(
        x, weight, bias: a.optionalOperand(2), settings, outputPadding: extra)
    },
    "MaxPool": { b, a in
      let x = try a.operand(0)
      let size = try a.integers("kernel_shape", nil) ?? []
      let settings = try settings(a, x, size: size, axes: size.count)
      let roundsUp = try a.flag("ceil_mode", nil)
      let largest = try b.maxPool(x, size: size, settings, roundsUp: roundsUp)
      guard a.usesOutput(1) else { return [largest] }
      let places = try b.maxPoolPlaces(
        x, size: size, settings, roundsUp: roundsUp,
        columnsFirst: a.integer("storage_order", nil) ?? 0 != 0)
      return [largest, places]
    },
    "AveragePool": one { b, a in
      let x = try a.operand(0)
      let size = try a.integers("kernel_shape", nil) ?? []
      return try b.averagePool(
        x, size: size, settings(a, x, size: size, axes: size.count),
        roundsUp: a.flag("ceil_mode", nil), countsBorder: a.flag("count_include_pad", nil))
    },
    "GlobalAveragePool": one { b, a in
      let x = try a.operand(0)
      return try b.mean(x, axes: Array(2..<max(x.rank, 3)), keepsAxes: true)
    },
    "GlobalMaxPool": one { b, a in
      let x = try a.operand(0)
      return try b.maximum(x, axes: Array(2..<max(x.rank, 3)), keepsAxes: true)
    },
    "BatchNormalization": { b, a in
      let x = try a.operand(0)
      let epsilon = try a.real("epsilon", nil) ?? 1e-5
      let (scale, shift) = (try a.operand(1), try a.operand(2))
      if let mean = a.valueName("", 3).flatMap({ a.buffers[$0] }),
        let variance = a.valueName("", 4).flatMap({ a.buffers[$0] })
      {
        return [
          try b.batchNorm(
            x, scale: scale, shift: shift, mean: mean, variance: variance, epsilon: epsilon)
        ]
      }
      guard try !a.flag("training_mode", nil), x.rank >= 2 else {
        throw Refusal("a batch norm without running statistics")
      }
      // Statistics that are computed: an affine map of each channel.
      let column = [x.shape[1]] + [Int](repeating: 1, count: x.rank - 2)
      let inverse = try b.power(b.affine(a.operand(4), scale: 1, shift: epsilon), -0.5)
      let factor = try b.multiply(scale, inverse)
      let summand = try b.subtract(shift, b.multiply(a.operand(3), factor))
      return [
        try b.add(
          b.multiply(x, b.reshape(factor, to: column)), b.reshape(summand, to: column))
      ]
    },
    "InstanceNormalization": one { b, a in
      let x = try a.operand(0)
      guard x.rank >= 3 else { throw Refusal("an instance norm of \(x.shape)") }
      return try b.groupNorm(
        x, groups: x.shape[1], scale: a.operand(1), shift: a.operand(2),
        epsilon: a.real("epsilon", nil) ?? 1e-5)
    },
    "GroupNormalization": one { b, a in
      let x = try a.operand(0)
      let groups = try a.integer("num_groups", nil) ?? 1
      var (scale, shift) = (try a.operand(1), try a.operand(2))
      guard x.rank >= 2, groups >= 1, x.shape[1] % groups == 0 else {
        throw Refusal("\(groups) groups of \(x.shape)")
      }
      if scale.count == groups, groups != x.shape[1] {
        // Until version 21 there was one factor for each group.
        try Extents.known(x.shape[1])
        let repeated = (0..<x.shape[1]).map { $0 * groups / x.shape[1] }
        scale = try b.gather(scale, axis: 0, indices: repeated)
        shift = try b.gather(shift, axis: 0, indices: repeated)
      }
      return try b.groupNorm(
        x, groups: groups, scale: scale, shift: shift, epsilon: a.real("epsilon", nil) ?? 1e-5)
    },
    "LayerNormalization": { b, a in
      let x = try a.operand(0)
      let axis = try x.axis(a.integer("axis", nil) ?? -1)
      let epsilon = try a.real("epsilon", nil) ?? 1e-5
      let norm = try b.layerNorm(
        x, axes: x.rank - axis, scale: spread(&b, a.operand(1), x, axis),
        shift: a.optionalOperand(2).map { try spread(&b, $0, x, axis) }, epsilon: epsilon)
      guard a.usesOutput(1) || a.usesOutput(2) else { return [norm] }
      // Mean and inverse standard deviation.
      let axes = Array(axis..<x.rank)
      let variance = try b.variance(x, axes: axes, correction: 0, keepsAxes: true)
      return [
        norm, try b.mean(x, axes: axes, keepsAxes: true),
        try b.power(b.affine(variance, scale: 1, shift: epsilon), -0.5),
      ]
    },
    "RMSNormalization": one { b, a in
      let x = try a.operand(0)
      let axis = try x.axis(a.integer("axis", nil) ?? -1)
      return try b.rmsNorm(
        x, axes: x.rank - axis, scale: spread(&b, a.operand(1), x, axis),
        epsilon: a.real("epsilon", nil) ?? 1e-5)
    },
    "LRN": one { b, a in
      let x = try a.operand(0)
      guard let size = try a.integer("size", nil), size >= 1, x.rank >= 2 else {
        throw Refusal("a local response norm of \(x.shape)")
      }
      let (alpha, beta) = (try a.real("alpha", nil) ?? 1e-4, try a.real("beta", nil) ?? 0.75)
      let bias = try a.real("bias", nil) ?? 1
      let channels = x.shape[1]
      try Extents.known(channels, channels)
      let band = (0..<channels).flatMap { from in
        (0..<channels).map { to in
          (to - (size - 1) / 2...to + size / 2).contains(from) ? 1.0 : 0
        }
      }
      let sums = try b.product(
        b.power(x, 2), axis: 1,
        HostArray(band, shape: [channels, channels], element: .real))
      let base = try b.affine(sums, scale: alpha / Double(size), shift: bias)
      return try b.multiply(x, b.power(base, -beta))
    },
    "SoftmaxCrossEntropyLoss": { b, a in
      let logits = try b.logSoftmax(a.operand(0), axis: 1)
      let loss = try loss(&b, a, logits)
      return [loss, logits]
    },
    "NegativeLogLikelihoodLoss": one { b, a in try loss(&b, a, a.operand(0)) },
  ]

  /// Factors that may lack axes or be repeated, as the norm has them.
  private static func spread(
    _ b: inout TensorBuilder, _ x: LogicalTensor, _ model: LogicalTensor, _ axis: Int
  ) throws -> LogicalTensor {
    let shape = Array(model.shape[axis...])
    return x.shape == shape ? x : try b.expand(x, to: shape)
  }

  /// Windows of convolutions and pooling, with the paddings that are named instead of given.
  private static func settings(
    _ a: Arguments, _ x: LogicalTensor, size: [Int], axes: Int
  ) throws -> ConvolutionSettings {
    guard axes >= 1, x.rank == axes + 2 else { throw Refusal("a window \(size) over \(x.shape)") }
    var settings = try ConvolutionSettings(
      stride: a.integers("strides", nil), dilation: a.integers("dilations", nil),
      groups: a.integer("group", nil) ?? 1, axes: axes)
    let automatic = a.text("auto_pad") ?? "NOTSET"
    if automatic.hasPrefix("SAME") {
      for axis in 0..<axes {
        let extent = x.shape[axis + 2]
        let count = (extent + settings.stride[axis] - 1) / settings.stride[axis]
        let span = settings.dilation[axis] * (size[axis] - 1) + 1
        let total = max((count - 1) * settings.stride[axis] + span - extent, 0)
        settings.low[axis] = automatic == "SAME_UPPER" ? total / 2 : total - total / 2
        settings.high[axis] = total - settings.low[axis]
      }
    } else if automatic == "NOTSET", let pads = try a.integers("pads", nil) {
      guard pads.count == 2 * axes, pads.allSatisfy({ (0..<1 << 20).contains($0) }) else {
        throw Refusal("padding \(pads)")
      }
      settings.low = Array(pads[..<axes])
      settings.high = Array(pads[axes...])
    }
    return settings
  }

  /// Negative log-likelihood with weights of classes, from log-probabilities with classes on axis 1.
  private static func loss(
    _ b: inout TensorBuilder, _ a: Arguments, _ logits: LogicalTensor
  ) throws -> LogicalTensor {
    let ignored = try a.integer("ignore_index", nil) ?? .min
    let reduction = ["none": 0, "sum": 2][a.text("reduction") ?? "mean"] ?? 1
    let targets = try a.operand(1)
    guard let weights = try a.optionalOperand(2) else {
      return try ATenLosses.negativeLogLikelihood(
        &b, logits, targets, reduction, ignored: ignored, smoothing: 0)
    }
    let order = [0] + Array(2..<max(logits.rank, 2)) + [1]
    let rows = try b.permute(logits, order)
    let counts = try b.not(
      b.isEqual(targets, b.with(b.number(Double(ignored)), element: .integer)))
    let classes = try b.select(counts, targets, b.with(b.number(0), element: .integer))
    let own = try b.take(rows, classes, batchAxes: targets.rank)
    let weight = try b.select(
      counts, b.take(weights, classes, batchAxes: 0), b.number(0))
    let losses = try b.negate(b.multiply(own, weight))
    switch reduction {
    case 0: return losses
    case 2: return try b.sum(losses, axes: nil, keepsAxes: false)
    default:
      return try b.divide(
        b.sum(losses, axes: nil, keepsAxes: false), b.sum(weight, axes: nil, keepsAxes: false))
    }
  }
}
