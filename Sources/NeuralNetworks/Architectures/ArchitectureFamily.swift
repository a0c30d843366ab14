internal import ComputationGraph

/// One family of networks with its options chosen: a name and the function that builds it.
protocol ArchitectureDefinition: Sendable {
  /// Patterns of names with numbers in them and what they mean, for help texts.
  static var patterns: [ArchitecturePattern] { get }

  /// Names of all networks of fixed depth and usual width.
  static var names: [String] { get }

  /// Whether `-wN` behind these names gives the first stage N channels.
  static var takesWidth: Bool { get }

  /// Name with all options that differ from their defaults; no two networks share one.
  var name: String { get }

  /// Names of networks of the same tensors that differ in one decision, which tensors do not show.
  var lookalikes: [String] { get }

  /// How much less usual it is than one of its lookalikes, in the units of `ModelSearch`.
  func cost(beside usual: any ArchitectureDefinition) -> Double

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

/// A pattern of names and what it means.
package typealias ArchitecturePattern = (pattern: String, meaning: String)

extension ArchitectureDefinition {
  /// Names that are listed need no pattern.
  static var patterns: [ArchitecturePattern] { [] }

  /// Depths that the name counts are known only with the tensors.
  static var names: [String] { [] }

  /// Most networks are told by their tensors, or the few others are proposed with them.
  var lookalikes: [String] { [] }

  /// Most lookalikes are as usual as each other.
  func cost(beside usual: any ArchitectureDefinition) -> Double { 0 }

  /// Most families have fixed widths.
  static var takesWidth: Bool { false }

  /// Images, as most families.
  func accepts(_ input: Architecture.Input) -> Bool {
    if case .image = input { true } else { false }
  }
}

/// A family whose networks are a table.
protocol TabulatedFamily: ArchitectureDefinition {
  /// What distinguishes its networks.
  associatedtype Plan: Sendable

  /// The networks by name.
  static var plans: [String: Plan] { get }

  /// What a name with numbers in it says; nil for names that are none of the family.
  static func plan(reading parts: ArchitectureName) -> Plan?

  init(name: String, plan: Plan)
}

extension TabulatedFamily {
  static var names: [String] { plans.keys.sorted() }

  init?(name: String) {
    guard let plan = Self.plans[name] ?? Self.plan(reading: ArchitectureName(name)) else {
      return nil
    }
    self.init(name: name, plan: plan)
  }

  /// Most tables are all there is.
  static func plan(reading parts: ArchitectureName) -> Plan? { nil }
}

/// A network of one of the families; its name says all of it.
struct ArchitectureFamily: Hashable, Sendable {
  /// The network in its family.
  let definition: any ArchitectureDefinition

  /// All families, those for small images first.
  static let all: [any ArchitectureDefinition.Type] = [
    MultilayerPerceptron.self, NeuralProbabilisticLanguageModel.self, LeNet.self, VGG.self,
    CIFARResNet.self, ResNet.self, PreActivationResNet.self, SEResNet.self, WideResNet.self,
    ResNeXt29.self, DenseNet.self, GoogLeNet.self, InceptionV3.self, MobileNet.self,
    MobileNetV2.self, MobileNetV3.self, MNASNet.self, EfficientNet.self, ShuffleNet.self,
    ShuffleNetV2.self, SqueezeNet.self, RegNet.self, RepVGG.self, DualPathNetwork.self,
    DeepLayerAggregation.self, AlexNet.self, ConvNeXt.self, VisionTransformer.self,
    LucidrainsTransformer.self, EncoderTransformer.self, MLPMixer.self, ConvMixer.self,
    RecurrentNetwork.self,
  ]

  /// Reads a name, in any case of letters and with `_` for `-`.
  init?(name: String) {
    let name = Self.normalized(name)
    for family in Self.all {
      if let definition = family.init(name: name) {
        self.definition = definition
        return
      }
    }
    return nil
  }

  static func == (a: ArchitectureFamily, b: ArchitectureFamily) -> Bool {
    a.definition.name == b.definition.name
  }

  func hash(into hasher: inout Hasher) { hasher.combine(definition.name) }
}

extension ArchitectureFamily {
  /// Names that begin with another or are spelt most like it, three at most.
  static func names(like name: String) -> [String] {
    let wanted = normalized(name).prefix(64)
    let all =
      ["linear", "mlp-64-64", "lenet", "resnet20", "wideresnet-28-10"]
      + Self.all.flatMap { $0.names }
    let distances = all.map { name in
      (name.hasPrefix(wanted) ? 0 : editDistance(Array(wanted.utf8), Array(name.utf8)), name)
    }
    return distances.sorted { $0 < $1 }.prefix(3).map(\.1)
  }

  /// Small letters, with `-` for `_`.
  private static func normalized(_ name: String) -> String {
    String(name.lowercased().map { $0 == "_" ? "-" : $0 })
  }

  /// Fewest letters to put in, take out or change (Levenshtein 1966).
  private static func editDistance(_ a: [UInt8], _ b: [UInt8]) -> Int {
    var row = Array(0...b.count)
    for (i, letter) in a.enumerated() {
      var diagonal = row[0]
      row[0] = i + 1
      for (j, other) in b.enumerated() {
        let above = row[j + 1]
        row[j + 1] = min(row[j], above, diagonal - (letter == other ? 1 : 0)) + 1
        diagonal = above
      }
    }
    return row[b.count]
  }
}
