package import ComputationGraph
internal import Settings

/// What a built-in network is: its family, what it takes and how many numbers it gives.
///
/// Written in files as its name, like `resnet20`, with the input and the number of outputs.
package struct Architecture: Hashable, Sendable {
  /// The family with its options.
  let family: ArchitectureFamily
  /// What a sample is.
  package let input: Input
  /// Number of outputs: classes, tokens or numbers.
  package let classCount: Int

  /// Name with all options, like `resnet20-b`; `named` understands it.
  package var name: String { family.definition.name }

  /// Architectures of the same tensors that differ in one decision, which tensors do not show.
  package var lookalikes: [Architecture] {
    family.definition.lookalikes.compactMap {
      try? Self.named($0, input: input, classCount: classCount)
    }
  }

  /// How much less usual it is than one of its lookalikes: what a tenth of the logarithm of the loss has to make up for.
  package func cost(beside usual: Architecture) -> Double {
    family.definition.cost(beside: usual.family.definition)
  }

  /// Whether it was made for images of some hundred pixels, as in ImageNet.
  package var isForLargeImages: Bool { name.contains("-imagenet") || name.hasSuffix("-timm") }

  /// The architecture with a name.
  ///
  /// - Throws: `ArchitectureError` when the name is not known or a size is out of range.
  package static func named(
    _ name: String, input: Input, classCount: Int
  ) throws(ArchitectureError) -> Architecture {
    guard let family = ArchitectureFamily(name: name) else {
      throw .unknownName(name, closest: ArchitectureFamily.names(like: name))
    }
    return try Architecture(family: family, input: input, classCount: classCount)
  }

  /// The architecture with a name, for the first of several readings of a sample that it takes.
  ///
  /// - Throws: `ArchitectureError` as `named`; where it takes none, making its model says so.
  package static func named(
    _ name: String, anyOf inputs: [Input], classCount: Int
  ) throws(ArchitectureError) -> Architecture {
    guard let family = ArchitectureFamily(name: name) else {
      throw .unknownName(name, closest: ArchitectureFamily.names(like: name))
    }
    guard let input = inputs.first(where: family.definition.accepts) ?? inputs.first else {
      preconditionFailure("no input")
    }
    return try Architecture(family: family, input: input, classCount: classCount)
  }

  /// Largest number of elements of a sample, and of outputs or tokens.
  static let limits = (elements: 1 << 26, classes: 1 << 20)

  init(
    family: ArchitectureFamily, input: Input, classCount: Int
  ) throws(ArchitectureError) {
    guard input.isUsable else { throw .unusableInput(input) }
    guard (1...Self.limits.classes).contains(classCount) else {
      throw .unusableClassCount(classCount)
    }
    self.family = family
    self.input = input
    self.classCount = classCount
  }
}

extension Architecture: ModelDefinition {
  /// The name with all options.
  package var modelName: String { name }

  /// Images, features or tokens.
  package var inputs: [ModelInput] { [input.modelInput] }

  /// Emits the layers of the family.
  package func build(
    _ inputs: [Value], in builder: inout ModelBuilder
  ) throws(ShapeError) -> [Value] {
    guard family.definition.accepts(input) else {
      throw ShapeError(name, "does not take \(input); choose another \(.architecture)")
    }
    return [try family.definition.build(inputs[0], for: self, in: &builder)]
  }
}

extension Architecture: Codable {
  private enum CodingKeys: String, CodingKey {
    case name, input
    case classCount = "classes"
  }

  /// Writes name, input and classes.
  package func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(name, forKey: .name)
    try container.encode(input, forKey: .input)
    try container.encode(classCount, forKey: .classCount)
  }

  /// Reads an architecture.
  ///
  /// - Throws: `ArchitectureError` for an unknown name or sizes out of range.
  package init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    self = try Self.named(
      container.decode(String.self, forKey: .name),
      input: container.decode(Input.self, forKey: .input),
      classCount: container.decode(Int.self, forKey: .classCount))
  }
}

/// Why there is no architecture of that description.
package enum ArchitectureError: Error, CustomStringConvertible {
  /// The name fits no pattern.
  case unknownName(String, closest: [String])
  /// Sizes of samples out of range.
  case unusableInput(Architecture.Input)
  /// Number of classes out of range.
  case unusableClassCount(Int)

  /// One line for the user.
  package var description: String {
    switch self {
    case .unknownName(let name, let closest):
      "unknown architecture \"\(name)\"; closest: \(closest.joined(separator: ", ")); "
        + "the help of \(.architecture) lists all"
    case .unusableInput(let input):
      "samples of \(input) cannot be used; every extent must be 1 or more, the product at most "
        + "\(Architecture.limits.elements)"
    case .unusableClassCount(let count):
      "\(count) outputs cannot be used; give 1 to \(Architecture.limits.classes)"
    }
  }
}
