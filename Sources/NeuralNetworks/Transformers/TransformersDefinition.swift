internal import Settings

/// A network of the Python library transformers, made from the `config.json` of a folder.
package protocol TransformersDefinition: StoredModelDefinition {
  /// What `config.json` says.
  associatedtype Configuration: Codable & Hashable & Sendable

  /// Classes of transformers that it is, as `architectures` in `config.json` names them.
  static var classNames: [String] { get }

  /// Prefix of the names of all parameters but those of the head; files may leave it out.
  static var basePrefix: String { get }

  /// Makes the network of one of the classes for data.
  ///
  /// - Parameters:
  ///   - className: One of `classNames`.
  ///   - configuration: What `config.json` says.
  ///   - data: The inputs that data have; nil where only the parameters matter.
  /// - Throws: `ConfigurationError` when the data are no inputs of such a network.
  init(className: String, configuration: Configuration, data: TransformersInputs) throws

  /// The same network for other data.
  ///
  /// - Throws: As the initialiser.
  func reading(_ data: TransformersInputs) throws -> Self

  /// Whether files may hold a tensor that the network does not use.
  func ignores(_ tensor: String) -> Bool

  /// The name of a parameter that files call otherwise, or nil.
  static func parameter(of tensor: String) -> String?

  /// The parameter whose values a tensor must repeat, for weights that are tied; nil for all others.
  func original(of tensor: String) -> String?
}

extension TransformersDefinition {
  /// Other names of no parameter.
  package static func parameter(of tensor: String) -> String? { nil }

  /// No tied weights.
  package func original(of tensor: String) -> String? { nil }
}

/// The inputs that data have, which decide what a network reads.
package struct TransformersInputs: Hashable, Sendable {
  /// One array.
  package struct Input: Hashable, Sendable {
    let name: String
    let shape: [Int]
    let isInteger: Bool

    /// Describes an array: name, extents of a sample, whether it holds whole numbers.
    package init(name: String, shape: [Int], isInteger: Bool) {
      self.name = name
      self.shape = shape
      self.isInteger = isInteger
    }
  }

  let inputs: [Input]
  /// Where they come from, for messages.
  let source: String

  /// Describes the inputs of data.
  package init(_ inputs: [Input], source: String) {
    self.inputs = inputs
    self.source = source
  }

  /// The inputs of a network of tokens.
  ///
  /// The tokens are the only array that is neither mask nor types; all have one axis. Types are taken by
  /// networks with a table for them.
  ///
  /// - Throws: `TransformersInputError` when there are no such arrays, or more.
  func tokenInputs(takesTypes: Bool) throws -> TokenInputs {
    func has(_ name: String) -> Bool { inputs.contains { $0.name == name } }
    let mask = has(TokenInputs.maskName)
    let types = has(TokenInputs.typesName)
    let others = inputs.filter {
      $0.name != TokenInputs.maskName && $0.name != TokenInputs.typesName
    }
    guard let tokens = others.first(where: { $0.name == "input_ids" }) ?? others.first,
      others.count == 1, takesTypes || !types
    else {
      let names = inputs.map(\.name).joined(separator: ", ")
      throw TransformersInputError(
        "\(source): has the inputs \(names); the network takes input_ids and attention_mask"
          + (takesTypes ? " and token_type_ids" : ""))
    }
    guard tokens.isInteger, tokens.shape.count == 1 else {
      throw TransformersInputError(
        "\(source): '\(tokens.name)' has \(tokens.shape) per sample"
          + (tokens.isInteger ? "" : " of numbers with fractions")
          + "; the network takes rows of tokens, whole numbers [samples, tokens]"
          + (tokens.shape.isEmpty ? "; cut one long text with \(.context)" : ""))
    }
    guard TokenInputs.mayName(tokens.name) else {
      throw TransformersInputError(
        "\(source): '\(tokens.name)' is no name for tokens; call them input_ids")
    }
    return TokenInputs(
      tokens: tokens.name, length: tokens.shape[0], hasAttentionMask: mask, hasTokenTypes: types)
  }
}

/// Why data are no inputs of a network.
package struct TransformersInputError: Error, Hashable, CustomStringConvertible {
  /// One line for the user.
  package let description: String

  init(_ description: String) { self.description = description }
}
