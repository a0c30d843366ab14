internal import ComputationGraph

/// MLP-Mixer: linear layers across patches and across channels in turn, with the names of timm.
///
/// Tolstikhin et al. 2021, arXiv:2105.01601.
struct MLPMixer: TabulatedFamily {
  struct Plan {
    let patch: Int
    let width: Int
    let layers: Int
  }

  static let plans = [
    "mixer-s16-224-timm": Plan(patch: 16, width: 512, layers: 8),
    "mixer-s32-224-timm": Plan(patch: 32, width: 512, layers: 8),
    "mixer-b16-224-timm": Plan(patch: 16, width: 768, layers: 12),
    "mixer-b32-224-timm": Plan(patch: 32, width: 768, layers: 12),
    "mixer-l16-224-timm": Plan(patch: 16, width: 1024, layers: 24),
    "mixer-l32-224-timm": Plan(patch: 32, width: 1024, layers: 24),
  ]

  let name: String
  let plan: Plan

  func build(
    _ images: Value, for architecture: Architecture, in network: inout ModelBuilder
  ) throws(ShapeError) -> Value {
    let shape = network.graph.shape(of: images)
    guard shape[2] >= plan.patch, shape[3] >= plan.patch, shape[2] % plan.patch == 0,
      shape[3] % plan.patch == 0
    else {
      throw ShapeError(
        "patches", "\(shape[2]) x \(shape[3]) pixels do not divide into patches of \(plan.patch)")
    }
    let width = plan.width
    var x = try network.patches(images, "stem.proj", width: width, extent: plan.patch)
    for layer in 0..<plan.layers {
      let name = "blocks.\(layer)"
      let firstNorm = network.layerNorm("\(name).norm1", width: width, epsilon: 1e-6)
      let columns = try network.graph.transpose(network.apply(firstNorm, to: x), [0, 2, 1])
      let tokens = try network.perceptron(
        columns, "\(name).mlp_tokens.fc1", "\(name).mlp_tokens.fc2", inner: width / 2)
      x = try network.add(x, network.graph.transpose(tokens, [0, 2, 1]))
      let secondNorm = network.layerNorm("\(name).norm2", width: width, epsilon: 1e-6)
      x = try network.add(
        x,
        network.perceptron(
          network.apply(secondNorm, to: x), "\(name).mlp_channels.fc1",
          "\(name).mlp_channels.fc2", inner: 4 * width))
    }
    let norm = network.layerNorm("norm", width: width, epsilon: 1e-6)
    let rows = try network.apply(norm, to: x)
    let mean = try network.graph.reshape(
      network.graph.reduceMean(rows, axes: [1]), to: [shape[0], width])
    return try network.linear(mean, "head", outputs: architecture.classCount)
  }
}
