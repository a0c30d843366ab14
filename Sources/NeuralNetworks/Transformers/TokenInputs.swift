internal import ComputationGraph
internal import Settings

/// What a network of tokens reads of a sample.
package struct TokenInputs: Hashable, Sendable, Codable {
  /// Name of the tokens.
  package var tokens: String
  /// Tokens of a sample.
  package var length: Int
  /// Whether `attention_mask` says which tokens are there (1) and which are padding (0).
  package var hasAttentionMask: Bool
  /// Whether `token_type_ids` says which part of a sample each token belongs to.
  package var hasTokenTypes: Bool

  /// Names of the inputs beside the tokens, as transformers calls them.
  package static let (maskName, typesName) = ("attention_mask", "token_type_ids")

  /// Largest number of tokens of a sample: the scores of all pairs are in memory.
  package static let limit = 1 << 14

  /// Describes the inputs.
  package init(
    tokens: String = "input_ids", length: Int, hasAttentionMask: Bool = false,
    hasTokenTypes: Bool = false
  ) {
    self.tokens = tokens
    self.length = length
    self.hasAttentionMask = hasAttentionMask
    self.hasTokenTypes = hasTokenTypes
  }

  /// Whether tokens may have a name: no other input, and no parameter, of any graph has it.
  static func mayName(_ name: String) -> Bool {
    name != maskName && name != typesName && !name.isEmpty
      && name.allSatisfy { $0.isLetter || $0.isNumber || $0 == "_" || $0 == "-" }
  }

  /// Reads what a checkpoint says.
  ///
  /// - Throws: `DecodingError` for sizes and names that no inputs have.
  package init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    tokens = try container.decode(String.self, forKey: .tokens)
    length = try container.decode(Int.self, forKey: .length)
    hasAttentionMask = try container.decode(Bool.self, forKey: .hasAttentionMask)
    hasTokenTypes = try container.decode(Bool.self, forKey: .hasTokenTypes)
    guard Self.mayName(tokens), (1...Self.limit).contains(length) else {
      throw DecodingError.dataCorrupted(
        DecodingError.Context(
          codingPath: container.codingPath, debugDescription: "no row of tokens"))
    }
  }

  /// The inputs in their order.
  func modelInputs(vocabulary: Int, types: Int = 0) -> [ModelInput] {
    var inputs = [ModelInput(tokens, [length], kind: .index(bound: vocabulary))]
    if hasAttentionMask {
      inputs.append(ModelInput(Self.maskName, [length], kind: .index(bound: 2)))
    }
    if hasTokenTypes {
      inputs.append(ModelInput(Self.typesName, [length], kind: .index(bound: types)))
    }
    return inputs
  }

  /// The values of the inputs by what they are.
  func values(
    _ inputs: [Value], for name: String
  ) throws(ShapeError) -> (tokens: Value, mask: Value?, types: Value?) {
    guard (1...Self.limit).contains(length) else {
      throw ShapeError(
        name, "\(length) tokens per sample; give 1 to \(Self.limit), or cut them with \(.context)")
    }
    return (
      inputs[0], hasAttentionMask ? inputs[1] : nil,
      hasTokenTypes ? inputs[hasAttentionMask ? 2 : 1] : nil
    )
  }
}

/// How much is added to the scores of keys that are padding.
///
/// In single precision the scores vanish in it, and it in no sum of two: a query without any key reads
/// all of them alike, and no number is lost.
private let paddingScore = -1e30

extension ModelBuilder {
  /// Mask of attention, `[n or 1, 1, t or 1, t]`; nil where every query sees every key.
  ///
  /// - Parameters:
  ///   - padding: `[n, t]`, 1 for tokens that are there.
  ///   - length: Tokens of a sample.
  ///   - isCausal: Whether queries see no later keys.
  ///   - window: Number of keys that a query sees, its own and those before it; nil for all.
  /// - Returns: What is added to the scores.
  /// - Throws: `ShapeError` when padding has another shape.
  mutating func attentionMask(
    padding: Value?, length: Int, isCausal: Bool, window: Int? = nil
  ) throws(ShapeError) -> Value? {
    let causal =
      isCausal
      ? try graph.causalMask(queries: length, keys: length, rank: 4, window: window) : nil
    guard let padding else { return causal }
    let samples = graph.shape(of: padding)[0]
    let keys = try graph.reshape(
      graph.affine(padding, scale: -paddingScore, shift: paddingScore),
      to: [samples, 1, 1, length])
    guard let causal else { return keys }
    let shape: Shape = [samples, 1, length, length]
    return try graph.add(graph.broadcast(keys, to: shape), graph.broadcast(causal, to: shape))
  }
}
