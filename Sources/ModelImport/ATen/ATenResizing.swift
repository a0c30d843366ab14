internal import ComputationGraph
internal import NeuralNetworks

/// Rules of PyTorch's interpolation.
enum ATenResizing {
  static let rules: [String: Rule] = [
    "upsample_nearest1d": one { try nearest(&$0, $1, axes: 1, .floor, .asymmetric) },
    "upsample_nearest2d": one { try nearest(&$0, $1, axes: 2, .floor, .asymmetric) },
    "_upsample_nearest_exact1d": one { try nearest(&$0, $1, axes: 1, .roundHalfUp, .halfPixel) },
    "_upsample_nearest_exact2d": one { try nearest(&$0, $1, axes: 2, .roundHalfUp, .halfPixel) },
    "upsample_linear1d": one { try smooth(&$0, $1, axes: 1, isCubic: false) },
    "upsample_bilinear2d": one { try smooth(&$0, $1, axes: 2, isCubic: false) },
    "upsample_bicubic2d": one { try smooth(&$0, $1, axes: 2, isCubic: true) },
  ]

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
}
