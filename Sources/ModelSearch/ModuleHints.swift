internal import Checkpoints
internal import NeuralNetworks

/// What a pickled module says of its layers: the file knows all but the order of what its class calls.
struct ModuleHints {
  /// Sizes at most; what a file says is computed with.
  static let largest = 1 << 16

  /// Steps of convolutions by their paths.
  private(set) var steps: [String: Geometry.Step] = [:]
  /// Activations that it has as modules.
  private(set) var activations: [ActivationFunction] = []
  /// Windows that it has as modules.
  private(set) var windows: [Geometry.Window] = []
  /// What is taken of them.
  private(set) var pools: Set<PoolSettings.Kind> = []
  /// Summand of the variances of its norms, if all have the same.
  private(set) var epsilon: Double?

  /// Reads a module; nil gives no hints.
  init(_ module: PickledModule?) {
    guard let module else { return }
    var epsilons: Set<Double> = []
    visit(module, path: "", &epsilons)
    epsilon = epsilons.count == 1 ? epsilons.first : nil
  }

  private mutating func visit(
    _ module: PickledModule, path: String, _ epsilons: inout Set<Double>
  ) {
    let name = module.className.split(separator: ".").last.map(String.init) ?? ""
    if module.className.hasPrefix("torch.nn.") {
      if let activation = Self.activation(name, module), !activations.contains(activation) {
        activations.append(activation)
      }
      switch name {
      case "Conv2d":
        if let stride = module.pair("stride", in: 1...Self.largest),
          let padding = module.pair("padding", in: 0...Self.largest)
        {
          let dilation = module.pair("dilation", in: 1...Self.largest) ?? [1, 1]
          steps[path] = Geometry.Step(stride: stride, padding: padding, dilation: dilation[0])
        }
      case "BatchNorm2d", "BatchNorm1d":
        if let epsilon = module.attributes["eps"]?.number { epsilons.insert(epsilon) }
      case "MaxPool2d", "AvgPool2d":
        if let window = module.window {
          pools.insert(name == "MaxPool2d" ? .max : .average)
          if !windows.contains(window) { windows.append(window) }
        }
      default: break
      }
    }
    for child in module.children {
      visit(child.module, path: path.isEmpty ? child.name : "\(path).\(child.name)", &epsilons)
    }
  }

  private static func activation(_ name: String, _ module: PickledModule) -> ActivationFunction? {
    switch name {
    case "ReLU": .relu
    case "ReLU6": .relu6
    case "LeakyReLU": .leakyReLU(module.attributes["negative_slope"]?.number ?? 0.01)
    case "ELU": .elu(module.attributes["alpha"]?.number ?? 1)
    case "SELU": .selu
    case "GELU": module.attributes["approximate"] == .text("tanh") ? .geluByTanh : .gelu
    case "SiLU": .silu
    case "Mish": .mish
    case "Tanh": .tanh
    case "Sigmoid": .sigmoid
    case "Softplus": .softplus
    case "Hardswish": .hardSwish
    case "Hardsigmoid": .hardSigmoid
    case "Hardtanh": .hardTanh
    default: nil
    }
  }
}

extension PickledModule {
  /// Height and width of an attribute that is one number or two, if both are in a range.
  fileprivate func pair(_ name: String, in range: ClosedRange<Int>) -> [Int]? {
    let numbers: [Int] =
      switch attributes[name] {
      case .integer(let value): [value, value]
      case .list(let values): values.compactMap(\.integer)
      default: []
      }
    return numbers.count == 2 && numbers.allSatisfy(range.contains) ? numbers : nil
  }

  /// The window of a pooling, if it is square.
  fileprivate var window: Geometry.Window? {
    let sizes = 1...ModuleHints.largest
    guard let size = pair("kernel_size", in: sizes), size[0] == size[1] else { return nil }
    let stride = attributes["stride"] == nil ? size : pair("stride", in: sizes)
    let padding = attributes["padding"] == nil ? [0, 0] : pair("padding", in: 0...size[0] / 2)
    guard let stride, let padding, stride[0] == stride[1], padding[0] == padding[1] else {
      return nil
    }
    return Geometry.Window(
      size[0], stride: stride[0], padding: padding[0],
      roundsUp: attributes["ceil_mode"]?.boolean ?? false)
  }
}
