internal import ComputationGraph
internal import NeuralNetworks

/// Rules of ONNX' interpolation.
enum ONNXResizing {
  static let rules: [String: Rule] = [
    "Resize": one { b, a in
      let x = try a.operand(0)
      // Before version 11 the factors were the second operand.
      let scales = try (a.count == 2 ? a.operand(1) : a.optionalOperand(2))?.host?.elements
      return try resized(
        &b, a, x, scales: scales, sizes: a.optionalOperand(3)?.host?.integers, isOld: a.count == 2)
    },
    "Upsample": one { b, a in
      let scales = try a.optionalOperand(1)?.host?.elements ?? a.reals("scales", nil)
      return try resized(&b, a, a.operand(0), scales: scales, sizes: nil, isOld: true)
    },
  ]

  private static func resized(
    _ b: inout TensorBuilder, _ a: Arguments, _ x: LogicalTensor, scales: [Double]?,
    sizes: [Int]?, isOld: Bool
  ) throws -> LogicalTensor {
    let axes = try a.integers("axes", nil)?.map { try x.axis($0) } ?? Array(0..<x.rank)
    let scales = scales.flatMap { $0.isEmpty ? nil : $0 }
    guard (scales?.count ?? axes.count) == axes.count, (sizes?.count ?? axes.count) == axes.count,
      scales != nil || sizes != nil,
      scales?.allSatisfy({ $0 > 0x1p-20 && $0 < 0x1p20 }) ?? true
    else { throw Refusal("an unknown size") }
    guard a.text("keep_aspect_ratio_policy") ?? "stretch" == "stretch",
      try !a.flag("exclude_outside", nil), try !a.flag("antialias", nil)
    else { throw Refusal("resizing by other rules than stretching") }
    let coordinates: TensorBuilder.Coordinates
    switch a.text("coordinate_transformation_mode") ?? (isOld ? "asymmetric" : "half_pixel") {
    case "half_pixel": coordinates = .halfPixel
    case "pytorch_half_pixel": coordinates = .pytorchHalfPixel
    case "align_corners": coordinates = .alignedCorners
    case "asymmetric": coordinates = .asymmetric
    case let other: throw Refusal("resizing with the coordinates \(other)")
    }
    let rule: TensorBuilder.NearestRule
    switch a.text("nearest_mode") ?? (isOld ? "floor" : "round_prefer_floor") {
    case "round_prefer_floor": rule = .roundHalfDown
    case "round_prefer_ceil": rule = .roundHalfUp
    case "floor": rule = .floor
    case "ceil": rule = .ceiling
    case let other: throw Refusal("the nearest pixel by \(other)")
    }
    var result = x
    for (index, axis) in axes.enumerated() {
      let extent =
        sizes.map { $0[index] }
        ?? scales.map { Int((Double(x.shape[axis]) * $0[index]).rounded(.down)) } ?? x.shape[axis]
      if extent == x.shape[axis], scales.map({ $0[index] == 1 }) ?? true { continue }
      let scale = scales.map { $0[index] }
      switch a.text("mode") ?? "nearest" {
      case "nearest":
        result = try b.resizeNearest(
          result, axis: axis, to: extent, scale: scale, coordinates, rule)
      case "linear", "bilinear":
        result = try b.resizeLinear(result, axis: axis, to: extent, scale: scale, coordinates)
      case "cubic":
        result = try b.resizeCubic(
          result, axis: axis, to: extent, scale: scale, coordinates,
          a: a.real("cubic_coeff_a", nil) ?? -0.75)
      case let other: throw Refusal("resizing by \(other)")
      }
    }
    return result
  }
}
