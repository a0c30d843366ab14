internal import ComputationGraph

/// ResNeXt-29 for small images, with a 1x1 stem, named as in kuangliu/pytorch-cifar.
///
/// Xie et al. 2016, arXiv:1611.05431, section 5.3, but with twice as many channels behind a block as
/// inside it.
struct ResNeXt29: TabulatedFamily {
  struct Plan {
    let groups: Int
    /// Channels of a group in the first stage.
    let width: Int
  }

  static let plans = [
    "resnext29-2x64d": Plan(groups: 2, width: 64), "resnext29-4x64d": Plan(groups: 4, width: 64),
    "resnext29-8x64d": Plan(groups: 8, width: 64), "resnext29-32x4d": Plan(groups: 32, width: 4),
  ]

  let name: String
  let plan: Plan

  func build(
    _ images: Value, for architecture: Architecture, in network: inout ModelBuilder
  ) throws(ShapeError) -> Value {
    var x = try network.unit(images, UnitNames("conv1", "bn1"), channels: 64)
    for stage in 0..<3 {
      let inner = (plan.groups * plan.width) << stage
      for place in 0..<3 {
        x = try network.residualBlock(
          x, "layer\(stage + 1).\(place)",
          .bottleneck(
            inner: inner, channels: 2 * inner, stride: stage > 0 && place == 0 ? 2 : 1,
            groups: plan.groups, shortcut: .projection(name: "shortcut")))
      }
    }
    return try network.linear(
      network.globalAverage(x), "linear", outputs: architecture.classCount)
  }
}
