/// `config.json` of LLaMA, Qwen2 and Mistral, which are one network with switches.
package struct LlamaConfiguration: Hashable, Sendable, Codable {
  /// Whose defaults hold.
  enum Family: String, Codable {
    case llama, qwen2, mistral
  }

  let family: Family
  let vocabulary: Int
  let width: Int
  let inner: Int
  let layers: Int
  let heads: Int
  let keyHeads: Int
  let headWidth: Int
  let activation: TransformerActivation
  let longest: Int
  let epsilon: Double
  let tiesEmbeddings: Bool
  let rotary: RotaryEmbedding
  /// Whether the projections of attention have biases; those of Qwen2 have, but the last.
  let hasAttentionBias: Bool
  let hasInnerBias: Bool
  let attentionDropout: Double
  /// Keys that a query sees in each layer; nil for all.
  let windows: [Int?]

  private enum CodingKeys: String, CodingKey {
    case family = "model_type"
    case vocabulary = "vocab_size"
    case width = "hidden_size"
    case inner = "intermediate_size"
    case layers = "num_hidden_layers"
    case heads = "num_attention_heads"
    case keyHeads = "num_key_value_heads"
    case headWidth = "head_dim"
    case activation = "hidden_act"
    case longest = "max_position_embeddings"
    case epsilon = "rms_norm_eps"
    case tiesEmbeddings = "tie_word_embeddings"
    case rotary = "rope_parameters"
    case hasAttentionBias = "attention_bias"
    case hasInnerBias = "mlp_bias"
    case attentionDropout = "attention_dropout"
    case window = "sliding_window"
    case usesWindow = "use_sliding_window"
    case firstWindowLayer = "max_window_layers"
    case layerTypes = "layer_types"
  }

  /// Reads the file.
  ///
  /// - Throws: `ConfigurationError` for values that are not supported; `DecodingError`.
  package init(from decoder: any Decoder) throws {
    let reader = try ConfigurationReader(decoder, keyedBy: CodingKeys.self)
    let name: String = try reader.value(.family, default: "")
    guard let family = Family(rawValue: name) else {
      throw ConfigurationError(
        "model_type", "\"\(name.prefix(40))\"", use: "llama, qwen2 or mistral")
    }
    self.family = family
    vocabulary = try reader.size(.vocabulary, default: family == .qwen2 ? 151_936 : 32_000)
    width = try reader.size(.width, default: 4096)
    let inners: [Family: Int] = [.llama: 11_008, .qwen2: 22_016, .mistral: 14_336]
    inner = try reader.size(.inner, default: inners[family] ?? 11_008)
    layers = try reader.size(.layers, default: 32, limit: 1 << 12)
    heads = try reader.size(.heads, default: 32)
    let isNull = reader.contains(.keyHeads)
    let keyDefault: Int? = isNull ? nil : family == .qwen2 ? 32 : family == .mistral ? 8 : nil
    keyHeads = try reader.optionalSize(.keyHeads) ?? keyDefault ?? heads
    headWidth = try reader.optionalSize(.headWidth) ?? max(width / heads, 1)
    activation = try reader.activation(.activation, default: .silu)
    let lengths: [Family: Int] = [.llama: 2048, .qwen2: 32_768, .mistral: 131_072]
    longest = try reader.size(.longest, default: lengths[family] ?? 2048, limit: 1 << 30)
    epsilon = try reader.positive(.epsilon, default: 1e-6)
    tiesEmbeddings = try reader.value(.tiesEmbeddings, default: false)
    rotary = try RotaryEmbedding(configuration: decoder)
    let isLlama = family == .llama
    hasAttentionBias = try isLlama && reader.value(.hasAttentionBias, default: false)
    hasInnerBias = try isLlama && reader.value(.hasInnerBias, default: false)
    attentionDropout = try reader.rate(.attentionDropout, default: 0)
    windows = try Self.windows(reader, family, layers)
    guard heads.isMultiple(of: keyHeads) else {
      throw ConfigurationError(
        "num_key_value_heads", "\(keyHeads)", use: "a divisor of num_attention_heads, \(heads)")
    }
    guard headWidth.isMultiple(of: 2), rotary.scaling != .dynamic || headWidth > 2 else {
      throw ConfigurationError(
        "head_dim", "\(headWidth)", use: "an even number, with dynamic angles from 4 on")
    }
  }

  private static func windows(
    _ reader: ConfigurationReader<CodingKeys>, _ family: Family, _ layers: Int
  ) throws -> [Int?] {
    let none = [Int?](repeating: nil, count: layers)
    if family == .llama { return none }
    // Null means no window, an absent key the default.
    let window =
      reader.contains(.window) ? try reader.optionalSize(.window, limit: 1 << 30) : 4096
    let isOn = try family == .mistral || reader.value(.usesWindow, default: false)
    guard isOn, let window else { return none }
    if family == .mistral { return none.map { _ in window } }
    if let types: [String] = try reader.optional(.layerTypes) {
      let known = ["full_attention": nil, "sliding_attention": window]
      guard types.count == layers, types.allSatisfy({ known[$0] != nil }) else {
        throw ConfigurationError(
          "layer_types", "\(types.count) layers or other kinds",
          use: "full_attention or sliding_attention for each of \(layers) layers")
      }
      return types.map { $0 == "sliding_attention" ? window : nil }
    }
    let first: Int = try reader.value(.firstWindowLayer, default: 28)
    return (0..<layers).map { $0 >= first ? window : nil }
  }

  /// Writes keys from which the same configuration is read.
  package func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(family, forKey: .family)
    try container.encode(vocabulary, forKey: .vocabulary)
    try container.encode(width, forKey: .width)
    try container.encode(inner, forKey: .inner)
    try container.encode(layers, forKey: .layers)
    try container.encode(heads, forKey: .heads)
    try container.encode(keyHeads, forKey: .keyHeads)
    try container.encode(headWidth, forKey: .headWidth)
    try container.encode(activation, forKey: .activation)
    try container.encode(longest, forKey: .longest)
    try container.encode(epsilon, forKey: .epsilon)
    try container.encode(tiesEmbeddings, forKey: .tiesEmbeddings)
    try container.encode(rotary, forKey: .rotary)
    try container.encode(hasAttentionBias, forKey: .hasAttentionBias)
    try container.encode(hasInnerBias, forKey: .hasInnerBias)
    try container.encode(attentionDropout, forKey: .attentionDropout)
    let window = windows.compactMap(\.self).first
    try container.encode(window, forKey: .window)
    try container.encode(window != nil, forKey: .usesWindow)
    try container.encode(
      windows.map { $0 == nil ? "full_attention" : "sliding_attention" }, forKey: .layerTypes)
  }
}
