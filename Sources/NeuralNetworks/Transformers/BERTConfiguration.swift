/// `config.json` of BERT.
package struct BERTConfiguration: Hashable, Sendable, Codable {
  let vocabulary: Int
  let width: Int
  let layers: Int
  let heads: Int
  let inner: Int
  let activation: TransformerActivation
  let dropout: Double
  let attentionDropout: Double
  let classifierDropout: Double?
  let positions: Int
  let types: Int
  let epsilon: Double
  /// Token whose row in the table gets no gradient.
  let padding: PaddingToken
  let tiesEmbeddings: Bool
  let labels: Int

  private enum CodingKeys: String, CodingKey {
    case vocabulary = "vocab_size"
    case width = "hidden_size"
    case layers = "num_hidden_layers"
    case heads = "num_attention_heads"
    case inner = "intermediate_size"
    case activation = "hidden_act"
    case dropout = "hidden_dropout_prob"
    case attentionDropout = "attention_probs_dropout_prob"
    case classifierDropout = "classifier_dropout"
    case positions = "max_position_embeddings"
    case types = "type_vocab_size"
    case epsilon = "layer_norm_eps"
    case padding = "pad_token_id"
    case tiesEmbeddings = "tie_word_embeddings"
    case labels = "num_labels"
  }

  private enum Refused: String, CodingKey {
    case isDecoder = "is_decoder"
    case crossAttention = "add_cross_attention"
    case positionKind = "position_embedding_type"
  }

  /// Reads the file.
  ///
  /// - Throws: `ConfigurationError` for values that are not supported; `DecodingError`.
  package init(from decoder: any Decoder) throws {
    let reader = try ConfigurationReader(decoder, keyedBy: CodingKeys.self)
    let refused = try ConfigurationReader(decoder, keyedBy: Refused.self)
    try refused.refuse(.isDecoder, .crossAttention)
    let kind: String = try refused.value(.positionKind, default: "absolute")
    guard kind == "absolute" else {
      throw ConfigurationError(
        Refused.positionKind.rawValue, "\"\(kind.prefix(40))\"", use: "absolute")
    }
    vocabulary = try reader.size(.vocabulary, default: 30_522)
    width = try reader.size(.width, default: 768)
    layers = try reader.size(.layers, default: 12, limit: 1 << 12)
    heads = try reader.size(.heads, default: 12)
    inner = try reader.size(.inner, default: 3072)
    activation = try reader.activation(.activation, default: .gelu)
    dropout = try reader.rate(.dropout, default: 0.1)
    attentionDropout = try reader.rate(.attentionDropout, default: 0.1)
    classifierDropout =
      try reader.optional(.classifierDropout, Double.self) == nil
      ? nil : reader.rate(.classifierDropout, default: 0)
    positions = try reader.size(.positions, default: 512)
    types = try reader.size(.types, default: 2)
    epsilon = try reader.positive(.epsilon, default: 1e-12)
    // Null means no padding, an absent key token 0.
    padding = PaddingToken(
      token: reader.contains(.padding) ? try reader.optional(.padding) : 0)
    tiesEmbeddings = try reader.value(.tiesEmbeddings, default: true)
    labels = try LabelCount.read(decoder)
    guard width.isMultiple(of: heads) else {
      throw ConfigurationError(
        "num_attention_heads", "\(heads)", use: "a divisor of hidden_size, \(width)")
    }
    guard (0..<vocabulary).contains(padding.token ?? 0) else {
      throw ConfigurationError(
        "pad_token_id", "\(padding.token ?? 0)", use: "null or a token below \(vocabulary)")
    }
  }
}

/// A token, or none, which files say with null: an absent key is token 0.
struct PaddingToken: Hashable, Codable {
  let token: Int?

  init(token: Int?) { self.token = token }

  init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    token = container.decodeNil() ? nil : try container.decode(Int.self)
  }

  func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    if let token { try container.encode(token) } else { try container.encodeNil() }
  }
}

/// Number of labels of a classifier, as transformers finds it.
enum LabelCount {
  private enum Key: String, CodingKey {
    case names = "id2label"
    case count = "num_labels"
  }

  /// As many as `id2label` names, otherwise `num_labels`, otherwise 2.
  ///
  /// - Throws: `ConfigurationError` for none or too many; `DecodingError`.
  static func read(_ decoder: any Decoder) throws -> Int {
    let reader = try ConfigurationReader(decoder, keyedBy: Key.self)
    if let names: [String: String] = try reader.optional(.names) {
      guard (1...1 << 22).contains(names.count) else {
        throw ConfigurationError(Key.names.rawValue, "\(names.count) labels", use: "1 or more")
      }
      return names.count
    }
    return try reader.size(.count, default: 2)
  }
}
