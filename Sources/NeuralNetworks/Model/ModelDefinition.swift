public import ComputationGraph

/// Where models come from: anything that knows its inputs and can emit its nodes.
public protocol ModelDefinition: Hashable, Sendable {
  /// Name for people, with all options.
  var modelName: String { get }
  /// The inputs in their order.
  var inputs: [ModelInput] { get }
  /// Whether each output is about the token behind the one at its place, so that tokens alone are data.
  var predictsNextToken: Bool { get }
  /// Whether data are the arrays that are named like its inputs, and nothing else.
  var readsNamedArrays: Bool { get }
  /// What the numbers of the first output are: decides which loss is the usual one.
  var outputScale: OutputScale { get }
  /// What a user must know before using its numbers, in plain words.
  var warnings: [String] { get }

  /// Emits the nodes from inputs to outputs; parameters and buffers are registered on the way.
  ///
  /// - Parameters:
  ///   - inputs: The inputs with their sample axis, in order.
  ///   - builder: Receives the nodes.
  /// - Returns: The outputs, samples first.
  /// - Throws: `ShapeError` when the inputs do not fit.
  func build(_ inputs: [Value], in builder: inout ModelBuilder) throws(ShapeError) -> [Value]
}

extension ModelDefinition {
  /// Most models do not.
  public var predictsNextToken: Bool { false }

  /// Most models take whatever the data hold.
  public var readsNamedArrays: Bool { false }

  /// Most models give logits, or numbers of another kind.
  public var outputScale: OutputScale { .numbers }

  /// Most models hold no surprises.
  public var warnings: [String] { [] }
}

/// A definition that files can hold.
package protocol StoredModelDefinition: ModelDefinition, Codable {
  /// Name of the kind of definition in files; never changes.
  static var kind: String { get }
}

/// How a model can be made again: what files say of it.
package enum ModelRecipe: Hashable, Sendable {
  /// A built-in architecture.
  case architecture(Architecture)
  /// Any other definition; files can hold it if it is a `StoredModelDefinition`.
  case definition(AnyModelDefinition)

  /// What emits the nodes.
  package var definition: any ModelDefinition {
    switch self {
    case .architecture(let architecture): architecture
    case .definition(let definition): definition.value
    }
  }

  /// Makes the model.
  ///
  /// - Throws: `ShapeError` when the inputs are too small for it.
  package func model() throws(ShapeError) -> Model { try Model(self) }
}

/// Any definition, compared by its value.
package struct AnyModelDefinition: Hashable, Sendable {
  /// The definition.
  package let value: any ModelDefinition

  /// Wraps a definition.
  package init(_ value: any ModelDefinition) { self.value = value }

  /// Whether both are equal and of the same type.
  package static func == (a: AnyModelDefinition, b: AnyModelDefinition) -> Bool {
    AnyHashable(a.value) == AnyHashable(b.value)
  }

  /// Hashes the definition.
  package func hash(into hasher: inout Hasher) { value.hash(into: &hasher) }
}
