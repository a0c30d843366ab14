internal import ComputationGraph

/// LeNet with ReLU and max-pooling, named as in kuangliu/pytorch-cifar.
///
/// After LeCun et al., "Gradient-Based Learning Applied to Document Recognition", 1998.
struct LeNet: ArchitectureDefinition {
  static let patterns: [ArchitecturePattern] = [
    ("lenet", "LeNet with two convolutions and three linear layers")
  ]

  let name = "lenet"

  init?(name: String) {
    guard name == "lenet" else { return nil }
  }

  func build(
    _ images: Value, for architecture: Architecture, in network: inout ModelBuilder
  ) throws(ShapeError) -> Value {
    var x = try network.relu(
      network.convolution(images, "conv1", channels: 6, kernel: 5, bias: true))
    x = try network.maxPool(x, size: 2, stride: 2)
    x = try network.relu(network.convolution(x, "conv2", channels: 16, kernel: 5, bias: true))
    x = try network.flatten(network.maxPool(x, size: 2, stride: 2))
    x = try network.relu(network.linear(x, "fc1", outputs: 120))
    x = try network.relu(network.linear(x, "fc2", outputs: 84))
    return try network.linear(x, "fc3", outputs: architecture.classCount)
  }
}
