internal import ComputationGraph

/// One family of networks with its options chosen: a name and the function that builds it.
protocol ArchitectureDefinition: Hashable, Sendable {
  /// Name with all options that differ from their defaults.
  var name: String { get }

  /// Reads a name, if it is one of the family.
  init?(name: String)

  /// Whether it can take such samples.
  func accepts(_ input: Architecture.Input) -> Bool

  /// Emits the layers in the order of the original definition.
  ///
  /// - Returns: The outputs `[n, classCount]`, or one row of them per token.
  func build(
    _ images: Value, for architecture: Architecture, in network: inout ModelBuilder
  ) throws(ShapeError) -> Value
}

extension ArchitectureDefinition {
  /// Images, as most families.
  func accepts(_ input: Architecture.Input) -> Bool {
    if case .image = input { true } else { false }
  }
}

/// The closed set of families.
enum ArchitectureFamily: Hashable, Sendable {
  case multilayerPerceptron(MultilayerPerceptron)
  case languageModel(NeuralProbabilisticLanguageModel)
  case leNet(LeNet)
  case vgg(VGG)
  case cifarResNet(CIFARResNet)
  case resNet(ResNet)
  case wideResNet(WideResNet)

  /// Reads a name, in any case of letters and with `_` for `-`.
  init?(name: String) {
    let name = String(name.lowercased().map { $0 == "_" ? "-" : $0 })
    if let family = MultilayerPerceptron(name: name) {
      self = .multilayerPerceptron(family)
    } else if let family = NeuralProbabilisticLanguageModel(name: name) {
      self = .languageModel(family)
    } else if let family = LeNet(name: name) {
      self = .leNet(family)
    } else if let family = VGG(name: name) {
      self = .vgg(family)
    } else if let family = CIFARResNet(name: name) {
      self = .cifarResNet(family)
    } else if let family = ResNet(name: name) {
      self = .resNet(family)
    } else if let family = WideResNet(name: name) {
      self = .wideResNet(family)
    } else {
      return nil
    }
  }

  /// The definition of the family.
  var definition: any ArchitectureDefinition {
    switch self {
    case .multilayerPerceptron(let definition): definition
    case .languageModel(let definition): definition
    case .leNet(let definition): definition
    case .vgg(let definition): definition
    case .cifarResNet(let definition): definition
    case .resNet(let definition): definition
    case .wideResNet(let definition): definition
    }
  }
}

/// The parts of a name like `resnet20-b-w8`: a stem, numbers and options.
struct ArchitectureName {
  private var parts: [Substring]

  init(_ name: String) { parts = name.split(separator: "-", omittingEmptySubsequences: false) }

  /// Removes the next part if it is `text`.
  mutating func take(_ text: String) -> Bool {
    guard parts.first == text[...] else { return false }
    parts.removeFirst()
    return true
  }

  /// Removes the next part if it is `prefix` and a number in `range`, and gives the number.
  mutating func takeNumber(after prefix: String = "", in range: ClosedRange<Int>) -> Int? {
    guard let part = parts.first, part.hasPrefix(prefix) else { return nil }
    let digits = part.dropFirst(prefix.count)
    guard !digits.isEmpty, digits.allSatisfy({ $0.isASCII && $0.isNumber }),
      let number = Int(digits), range.contains(number)
    else { return nil }
    parts.removeFirst()
    return number
  }

  /// Whether nothing is left.
  var isEmpty: Bool { parts.isEmpty }
}
