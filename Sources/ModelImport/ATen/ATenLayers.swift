internal import ComputationGraph
internal import NeuralNetworks

/// Rules of PyTorch's layers: products, convolutions, norms, tables.
enum ATenLayers {
  static let rules: [String: Rule] = [
    "linear": one { b, a in
      try b.linear(
        a.tensor("input", 0), weight: a.tensor("weight", 1), bias: a.optionalTensor("bias", 2))
    },
    "matmul": one { try $0.matrixProduct($1.input(), $1.tensor("other", 1)) },
    "mm": one { try $0.matrixProduct($1.input(), $1.tensor("mat2", 1)) },
    "bmm": one { try $0.matrixProduct($1.input(), $1.tensor("mat2", 1)) },
    "mv": one { try $0.matrixProduct($1.input(), $1.tensor("vec", 1)) },
    "dot": one { try $0.matrixProduct($1.input(), $1.tensor("tensor", 1)) },
    "addmm": one { b, a in try added(&b, a, "mat1", "mat2") },
    "addmv": one { b, a in try added(&b, a, "mat", "vec") },
    "baddbmm": one { b, a in try added(&b, a, "batch1", "batch2") },
    "einsum": one { b, a in
      guard let equation = a.text("equation", 0) else { throw Refusal("an einsum without letters") }
      return try b.einsum(equation, a.tensors("tensors", 1))
    },
    "outer": one { b, a in
      try b.multiply(b.unsqueeze(a.input(), axis: -1), a.tensor("vec2", 1))
    },
    "bilinear": one { b, a in
      let (x, y) = (try a.tensor("input1", 0), try a.tensor("input2", 1))
      let weight = try a.tensor("weight", 2)
      guard weight.rank == 3, x.rank >= 1, y.rank == x.rank else {
        throw Refusal("a bilinear layer")
      }
      // sum over i, j of x[.., i] W[o, i, j] y[.., j]
      let table = try b.reshape(
        b.permute(weight, [1, 0, 2]), to: [weight.shape[1], weight.shape[0] * weight.shape[2]])
      let first = try b.reshape(
        b.matrixProduct(x, table),
        to: Array(x.shape.dropLast()) + [weight.shape[0], weight.shape[2]])
      let result = try b.sum(
        b.multiply(first, b.unsqueeze(y, axis: -2)), axes: [-1], keepsAxes: false)
      return try a.optionalTensor("bias", 3).map { try b.add(result, $0) } ?? result
    },
    "scaled_dot_product_attention": one { b, a in
      guard try a.real("dropout_p", 4) ?? 0 == 0 else { throw Refusal("dropout inside attention") }
      let query = try a.tensor("query", 0)
      var (key, value) = (try a.tensor("key", 1), try a.tensor("value", 2))
      if try a.flag("enable_gqa", nil), query.rank >= 3, key.rank >= 3 {
        let heads = query.shape[query.rank - 3]
        key = try shared(&b, key, heads)
        value = try shared(&b, value, heads)
      }
      return try b.attention(
        queries: query, keys: key, values: value, mask: a.optionalTensor("attn_mask", 3),
        isCausal: a.flag("is_causal", 5), scale: a.real("scale", nil))
    },
    "conv1d": one { try convolution(&$0, $1, axes: 1) },
    "conv2d": one { try convolution(&$0, $1, axes: 2) },
    "conv3d": one { try convolution(&$0, $1, axes: 3) },
    "conv_transpose1d": one { try transposed(&$0, $1, axes: 1) },
    "conv_transpose2d": one { try transposed(&$0, $1, axes: 2) },
    "convolution": one { b, a in
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
    },
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
    "embedding": one { b, a in
      let padding = try a.integer("padding_idx", 2) ?? -1
      return try b.embedding(
        a.tensor("weight", 0), indices: a.tensor("indices", 1),
        padding: padding >= 0 ? padding : nil)
    },
    "gather": one { b, a in
      try b.gatherElements(a.input(), axis: a.integer("dim", 1) ?? 0, indices: a.tensor("index", 2))
    },
    "take_along_dim": one { b, a in
      guard let axis = try a.integer("dim", 2) else { throw Refusal("indices into all elements") }
      return try b.gatherElements(a.input(), axis: axis, indices: a.tensor("indices", 1))
    },
    "index": one { try $0.index($1.input(), $1.optionalTensors("indices", 1)) },
    "_unsafe_index": one { try $0.index($1.input(), $1.optionalTensors("indices", 1)) },
    "index_select": one { b, a in
      let x = try a.input()
      let axis = try x.axis(a.integer("dim", 1) ?? 0)
      let index = try a.tensor("index", 2)
      if let known = index.host?.integers { return try b.gather(x, axis: axis, indices: known) }
      return try b.index(x, [LogicalTensor?](repeating: nil, count: axis) + [index])
    },
    "index_add": one { b, a in
      let (x, source) = (try a.input(), try a.tensor("source", 3))
      let axis = try x.axis(a.integer("dim", 1) ?? 0)
      let index = try a.tensor("index", 2)
      let scale = try a.real("alpha", 4) ?? 1
      guard x.rank > 0, source.rank == x.rank else { throw Refusal("sums into a number") }
      if let known = index.host?.integers {
        return try b.add(
          x, b.scatter(source, axis: axis, indices: known, extent: x.shape[axis]), scale: scale)
      }
      var shape = [Int](repeating: 1, count: source.rank)
      shape[axis] = index.count
      let spread = try b.expand(b.reshape(index, to: shape), to: source.shape)
      return try b.scatterAddElements(
        x, axis: axis, indices: spread, source: b.affine(source, scale: scale, shift: 0))
    },
    "scatter_add": one { b, a in
      try b.scatterAddElements(
        a.input(), axis: a.integer("dim", 1) ?? 0, indices: a.tensor("index", 2),
        source: a.tensor("src", 3))
    },
    "index_put": one { b, a in
      let (x, values) = (try a.input(), try a.tensor("values", 2))
      let indices = try a.optionalTensors("indices", 1)
      // A mask of truth values of the shape of the tensor chooses.
      if indices.count == 1, let mask = indices[0], mask.element == .boolean, mask.shape == x.shape,
        values.count == 1, try !a.flag("accumulate", 3)
      {
        return try b.select(mask, b.reshape(values, to: []), x)
      }
      throw Refusal("replacing elements by indices")
    },
    "batch_norm": one { b, a in
      try batchNorm(&b, a, epsilon: a.real("eps", 7) ?? 1e-5)
    },
    "_native_batch_norm_legit_no_training": { b, a in
      [try batchNorm(&b, a, epsilon: a.real("eps", 6) ?? 1e-5)]
    },
    "_native_batch_norm_legit": { b, a in
      guard a.valueName("running_mean", 3).map({ a.buffers[$0] != nil }) == true else {
        return [try statisticless(&b, a, epsilon: a.real("eps", 5) ?? 1e-5)]
      }
      return [try batchNorm(&b, a, epsilon: a.real("eps", 7) ?? 1e-5)]
    },
    "native_batch_norm": { b, a in
      [try batchNorm(&b, a, epsilon: a.real("eps", 7) ?? 1e-5)]
    },
    "layer_norm": one { b, a in
      try b.layerNorm(
        a.tensor("input", 0), axes: (a.integers("normalized_shape", 1) ?? [1]).count,
        scale: a.optionalTensor("weight", 2), shift: a.optionalTensor("bias", 3),
        epsilon: a.real("eps", 4) ?? 1e-5)
    },
    "native_layer_norm": { b, a in
      [
        try b.layerNorm(
          a.tensor("input", 0), axes: (a.integers("normalized_shape", 1) ?? [1]).count,
          scale: a.optionalTensor("weight", 2), shift: a.optionalTensor("bias", 3),
          epsilon: a.real("eps", 4) ?? 1e-5)
      ]
    },
    "rms_norm": one { b, a in
      try b.rmsNorm(
        a.tensor("input", 0), axes: (a.integers("normalized_shape", 1) ?? [1]).count,
        scale: a.optionalTensor("weight", 2),
        // Where none is given, PyTorch takes the distance from 1 to the next number.
        epsilon: a.real("eps", 3) ?? Double(Float.ulpOfOne))
    },
    "_fused_rms_norm": { b, a in
      [
        try b.rmsNorm(
          a.tensor("input", 0), axes: (a.integers("normalized_shape", 1) ?? [1]).count,
          scale: a.optionalTensor("weight", 2),
          epsilon: a.real("eps", 3) ?? Double(Float.ulpOfOne))
      ]
    },
    "group_norm": one { b, a in
      try b.groupNorm(
        a.tensor("input", 0), groups: a.integer("num_groups", 1) ?? 1,
        scale: a.optionalTensor("weight", 2), shift: a.optionalTensor("bias", 3),
        epsilon: a.real("eps", 4) ?? 1e-5)
    },
    "native_group_norm": { b, a in
      [
        try b.groupNorm(
          a.tensor("input", 0), groups: a.integer("group", 6) ?? 1,
          scale: a.optionalTensor("weight", 1), shift: a.optionalTensor("bias", 2),
          epsilon: a.real("eps", 7) ?? 1e-5)
      ]
    },
    "instance_norm": one { b, a in
      let x = try a.tensor("input", 0)
      guard try a.flag("use_input_stats", 5, default: true) else {
        return try batchNorm(&b, a, epsilon: a.real("eps", 7) ?? 1e-5)
      }
      guard x.rank >= 3 else { throw Refusal("an instance norm of \(x.shape)") }
      return try b.groupNorm(
        x, groups: x.shape[1], scale: a.optionalTensor("weight", 1),
        shift: a.optionalTensor("bias", 2), epsilon: a.real("eps", 7) ?? 1e-5)
    },
    "upsample_nearest1d": one { try nearest(&$0, $1, axes: 1, .floor, .asymmetric) },
    "upsample_nearest2d": one { try nearest(&$0, $1, axes: 2, .floor, .asymmetric) },
    "_upsample_nearest_exact1d": one { try nearest(&$0, $1, axes: 1, .roundHalfUp, .halfPixel) },
    "_upsample_nearest_exact2d": one { try nearest(&$0, $1, axes: 2, .roundHalfUp, .halfPixel) },
    "upsample_linear1d": one { try smooth(&$0, $1, axes: 1, isCubic: false) },
    "upsample_bilinear2d": one { try smooth(&$0, $1, axes: 2, isCubic: false) },
    "upsample_bicubic2d": one { try smooth(&$0, $1, axes: 2, isCubic: true) },
    "lstm": { try recurrence(&$0, $1, .lstm) },
    "gru": { try recurrence(&$0, $1, .gru(resetsAfter: true)) },
    "rnn_tanh": { try recurrence(&$0, $1, .plain(.tanh)) },
    "rnn_relu": { try recurrence(&$0, $1, .plain(.relu)) },
  ]

  /// `beta c + alpha a b`; with a weight of the shape `[in, out]` and a bias it is a linear layer.
  private static func added(
    _ b: inout TensorBuilder, _ a: Arguments, _ first: String, _ second: String
  ) throws -> LogicalTensor {
    let (alpha, beta) = (try a.real("alpha", nil) ?? 1, try a.real("beta", nil) ?? 1)
    let bias = try a.input()
    let (x, weight) = (try a.tensor(first, 1), try a.tensor(second, 2))
    b.note(bias, .bias)
    if alpha == 1, beta == 1, weight.rank == 2, bias.rank == 1, !weight.isSampled, x.host == nil {
      return try b.linear(x, weight: weight, bias: bias, inputsFirst: true)
    }
    let product = try b.affine(b.matrixProduct(x, weight), scale: alpha, shift: 0)
    return try b.add(product, bias, scale: beta)
  }

  /// Heads of keys or values, each shared by as many heads of queries.
  private static func shared(
    _ b: inout TensorBuilder, _ x: LogicalTensor, _ heads: Int
  ) throws -> LogicalTensor {
    let own = x.shape[x.rank - 3]
    if own == heads { return x }
    guard own > 0, heads % own == 0 else { throw Refusal("\(own) heads for \(heads)") }
    let lead = Array(x.shape.dropLast(3))
    let matrix = Array(x.shape.suffix(2))
    let spread = try b.expand(
      b.reshape(x, to: lead + [own, 1] + matrix), to: lead + [own, heads / own] + matrix)
    return try b.reshape(spread, to: lead + [heads] + matrix)
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

  private static func batchNorm(
    _ b: inout TensorBuilder, _ a: Arguments, epsilon: Double
  ) throws -> LogicalTensor {
    guard let mean = a.valueName("running_mean", 3).flatMap({ a.buffers[$0] }),
      let variance = a.valueName("running_var", 4).flatMap({ a.buffers[$0] })
    else {
      throw Refusal(
        "a batch norm without running statistics makes samples depend on one another")
    }
    return try b.batchNorm(
      a.tensor("input", 0), scale: a.optionalTensor("weight", 1),
      shift: a.optionalTensor("bias", 2), mean: mean, variance: variance, epsilon: epsilon)
  }

  /// What is left of an instance norm without running statistics, after it was taken apart.
  private static func statisticless(
    _ b: inout TensorBuilder, _ a: Arguments, epsilon: Double
  ) throws -> LogicalTensor {
    let x = try a.tensor("input", 0)
    guard x.rank >= 3, x.shape[0] == 1,
      try !a.has("weight", 1) || a.tensor("weight", 1).count == x.shape[1]
    else { throw Refusal("a batch norm without running statistics") }
    return try b.groupNorm(
      x, groups: x.shape[1], scale: a.optionalTensor("weight", 1),
      shift: a.optionalTensor("bias", 2), epsilon: epsilon)
  }

  // MARK: - Other sizes

  /// New extents and the factors that were given instead, for the last axes.
  private static func sizes(
    _ a: Arguments, _ x: LogicalTensor, axes: Int, scalesAt place: Int
  ) throws -> [(extent: Int, scale: Double?)] {
    guard x.rank > axes else { throw Refusal("\(x.shape) are no images") }
    let own = Array(x.shape.suffix(axes))
    if let size = try a.integers("output_size", 1) {
      guard size.count == axes else { throw Refusal("the size \(size)") }
      return size.map { ($0, nil) }
    }
    let given = try a.reals("scale_factors", place) ?? a.reals("scales", place)
    guard let scales = given, scales.count == axes,
      scales.allSatisfy({ $0 > 0 && $0 < 0x1p20 })
    else { throw Refusal("an unknown size") }
    return zip(own, scales).map { (Int((Double($0) * $1).rounded(.down)), $1) }
  }

  private static func nearest(
    _ b: inout TensorBuilder, _ a: Arguments, axes: Int, _ rule: TensorBuilder.NearestRule,
    _ coordinates: TensorBuilder.Coordinates
  ) throws -> LogicalTensor {
    var x = try a.tensor("input", 0)
    let sizes = try sizes(a, x, axes: axes, scalesAt: 2)
    for (offset, size) in sizes.enumerated() {
      x = try b.resizeNearest(
        x, axis: x.rank - axes + offset, to: size.extent, scale: size.scale, coordinates, rule)
    }
    return x
  }

  private static func smooth(
    _ b: inout TensorBuilder, _ a: Arguments, axes: Int, isCubic: Bool
  ) throws -> LogicalTensor {
    var x = try a.tensor("input", 0)
    let aligned = try a.flag("align_corners", 2)
    let sizes = try sizes(a, x, axes: axes, scalesAt: 3)
    for (offset, size) in sizes.enumerated() where size.extent != x.shape[x.rank - axes + offset] {
      let axis = x.rank - axes + offset
      let coordinates: TensorBuilder.Coordinates = aligned ? .alignedCorners : .halfPixel
      x =
        isCubic
        ? try b.resizeCubic(
          x, axis: axis, to: size.extent, scale: size.scale, coordinates, a: -0.75)
        : try b.resizeLinear(x, axis: axis, to: size.extent, scale: size.scale, coordinates)
    }
    return x
  }

  // MARK: - Recurrences

  private static func recurrence(
    _ b: inout TensorBuilder, _ a: Arguments, _ cell: RecurrentCell
  ) throws -> [LogicalTensor] {
    var x = try a.tensor("input", 0)
    let isLSTM: Bool
    if case .lstm = cell { isLSTM = true } else { isLSTM = false }
    let initial = isLSTM ? try a.tensors("hx", 1) : [try a.tensor("hx", 1)]
    let parameters = try a.tensors("params", 2)
    let (hasBias, layers) = (try a.flag("has_biases", 3), try a.integer("num_layers", 4) ?? 1)
    let dropout = try a.real("dropout", 5) ?? 0
    let directions = try a.flag("bidirectional", 7) ? 2 : 1
    let batchFirst = try a.flag("batch_first", 8)
    let hasProjection =
      isLSTM && initial.count == 2 && initial[0].shape.last != initial[1].shape.last
    let perDirection = (hasBias ? 4 : 2) + (hasProjection ? 1 : 0)
    guard x.rank == 3, layers >= 1, parameters.count == layers * directions * perDirection,
      initial.allSatisfy({ $0.rank == 3 && $0.shape[0] == layers * directions })
    else { throw Refusal("a recurrence over \(x.shape) with \(parameters.count) weights") }
    if batchFirst { x = try b.swapAxes(x, 0, 1) }
    var last: [[LogicalTensor]] = initial.map { _ in [] }
    for layer in 0..<layers {
      if layer > 0 { x = try b.dropout(x, rate: dropout) }
      var outputs: [LogicalTensor] = []
      for direction in 0..<directions {
        let index = layer * directions + direction
        let own = Array(parameters[index * perDirection..<(index + 1) * perDirection])
        let weights = RecurrentWeights(
          input: own[0], state: own[1], inputBias: hasBias ? own[2] : nil,
          stateBias: hasBias ? own[3] : nil, projection: hasProjection ? own.last : nil)
        let states = try initial.map { try b.select($0, axis: 0, index: index) }
        let result = try b.recurrence(
          cell, x, states: states, weights, isReversed: direction == 1)
        outputs.append(result.all)
        for (place, state) in result.last.enumerated() {
          last[place].append(try b.unsqueeze(state, axis: 0))
        }
      }
      x = try b.concatenate(outputs, axis: -1)
    }
    let all = batchFirst ? try b.swapAxes(x, 0, 1) : x
    return [all] + (try last.map { try b.concatenate($0, axis: 0) })
  }
}
