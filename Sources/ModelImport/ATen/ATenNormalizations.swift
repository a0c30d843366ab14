internal import ComputationGraph
internal import NeuralNetworks

/// Rules of PyTorch's norms.
enum ATenNormalizations {
  static let rules: [String: Rule] = [
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
  ]

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
}
