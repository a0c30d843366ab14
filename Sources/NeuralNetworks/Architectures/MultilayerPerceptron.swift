internal import ComputationGraph

/// Fully connected network with ReLU.
///
/// Its layers are `fc1`, `fc2` and so on; without hidden layers it is softmax regression.
struct MultilayerPerceptron: ArchitectureDefinition {
  static let patterns: [ArchitecturePattern] = [
    ("linear", "softmax regression"),
    ("mlp-H1-H2-...", "fully connected, ReLU, hidden layers of H1, H2, ... units"),
  ]

  /// Units of each hidden layer.
  let hidden: [Int]

  var name: String {
    hidden.isEmpty ? "linear" : "mlp-" + hidden.map(String.init).joined(separator: "-")
  }

  init(hidden: [Int]) { self.hidden = hidden }

  init?(name: String) {
    var parts = ArchitectureName(name)
    var hidden: [Int] = []
    if parts.take("mlp") {
      repeat {
        guard let units = parts.takeNumber(in: 1...65_536) else { return nil }
        hidden.append(units)
      } while !parts.isEmpty
    } else if !parts.take("linear") || !parts.isEmpty {
      return nil
    }
    self.hidden = hidden
  }

  func accepts(_ input: Architecture.Input) -> Bool {
    if case .tokens = input { false } else { true }
  }

  func build(
    _ images: Value, for architecture: Architecture, in network: inout ModelBuilder
  ) throws(ShapeError) -> Value {
    var x = try network.flatten(images)
    for (index, units) in hidden.enumerated() {
      x = try network.relu(network.linear(x, "fc\(index + 1)", outputs: units))
    }
    return try network.linear(x, "fc\(hidden.count + 1)", outputs: architecture.classCount)
  }
}
