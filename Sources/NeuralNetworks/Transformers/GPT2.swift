package import ComputationGraph

/// `config.json` of GPT-2.
package struct GPT2Configuration: Hashable, Sendable, Codable {
  let vocabulary: Int
  let positions: Int
  let width: Int
  let layers: Int
  let heads: Int
  let inner: Int?
  let activation: TransformerActivation
  let residualDropout: Double
  let embeddingDropout: Double
  let attentionDropout: Double
  let epsilon: Double
  let scalesByWidth: Bool
  let scalesByLayer: Bool
  let tiesEmbeddings: Bool

  private enum CodingKeys: String, CodingKey {
    case vocabulary = "vocab_size"
    case positions = "n_positions"
    case width = "n_embd"
    case layers = "n_layer"
    case heads = "n_head"
    case inner = "n_inner"
    case activation = "activation_function"
    case residualDropout = "resid_pdrop"
    case embeddingDropout = "embd_pdrop"
    case attentionDropout = "attn_pdrop"
    case epsilon = "layer_norm_epsilon"
    case scalesByWidth = "scale_attn_weights"
    case scalesByLayer = "scale_attn_by_inverse_layer_idx"
    case tiesEmbeddings = "tie_word_embeddings"
  }

  private enum Refused: String, CodingKey {
    case crossAttention = "add_cross_attention"
  }

  /// Reads the file.
  ///
  /// - Throws: `ConfigurationError` for values that are not supported; `DecodingError`.
  package init(from decoder: any Decoder) throws {
    let reader = try ConfigurationReader(decoder, keyedBy: CodingKeys.self)
    try ConfigurationReader(decoder, keyedBy: Refused.self).refuse(.crossAttention)
    vocabulary = try reader.size(.vocabulary, default: 50_257)
    positions = try reader.size(.positions, default: 1024)
    width = try reader.size(.width, default: 768)
    layers = try reader.size(.layers, default: 12, limit: 1 << 12)
    heads = try reader.size(.heads, default: 12)
    inner = try reader.optionalSize(.inner)
    activation = try reader.activation(.activation, default: .geluNew)
    residualDropout = try reader.rate(.residualDropout, default: 0.1)
    embeddingDropout = try reader.rate(.embeddingDropout, default: 0.1)
    attentionDropout = try reader.rate(.attentionDropout, default: 0.1)
    epsilon = try reader.positive(.epsilon, default: 1e-5)
    scalesByWidth = try reader.value(.scalesByWidth, default: true)
    scalesByLayer = try reader.value(.scalesByLayer, default: false)
    tiesEmbeddings = try reader.value(.tiesEmbeddings, default: true)
    guard width.isMultiple(of: heads) else {
      throw ConfigurationError("n_head", "\(heads)", use: "a divisor of n_embd, \(width)")
    }
  }
}

/// GPT-2 with its head, `GPT2LMHeadModel` (Radford and others 2019).
///
/// Names, shapes and order of parameters are those of transformers; linear weights are
/// `[inputs, outputs]`, and the head is the table of the tokens.
package struct GPT2: TransformersDefinition {
  package static let kind = "gpt2"
  package static let classNames = ["GPT2LMHeadModel"]
  package static let basePrefix = "transformer."

  let configuration: GPT2Configuration
  let reads: TokenInputs

  package init(
    className: String, configuration: GPT2Configuration, data: TransformersInputs
  ) throws {
    self.configuration = configuration
    reads = try data.tokenInputs(takesTypes: false)
  }

  package func reading(_ data: TransformersInputs) throws -> Self {
    try Self(className: modelName, configuration: configuration, data: data)
  }

  /// The class of transformers.
  package var modelName: String { Self.classNames[0] }
  /// Tokens, and a mask where data have one.
  package var inputs: [ModelInput] { reads.modelInputs(vocabulary: configuration.vocabulary) }
  /// It does.
  package var predictsNextToken: Bool { true }

  /// Masks of attention, which files of old versions hold.
  package func ignores(_ tensor: String) -> Bool {
    tensor.hasSuffix(".attn.bias") || tensor.hasSuffix(".attn.masked_bias")
  }

  package func original(of tensor: String) -> String? {
    configuration.tiesEmbeddings && tensor == "lm_head.weight" ? "transformer.wte.weight" : nil
  }

  /// Emits the logits of the next token at every position, `[n, t, vocabulary]`.
  package func build(
    _ inputs: [Value], in builder: inout ModelBuilder
  ) throws(ShapeError) -> [Value] {
    let (tokens, padding, _) = try reads.values(inputs, for: modelName)
    let c = configuration
    let table = builder.parameter(
      "transformer.wte.weight", [c.vocabulary, c.width], .embedding)
    let positions = builder.parameter(
      "transformer.wpe.weight", [c.positions, c.width], .embedding)
    let mask = try builder.attentionMask(padding: padding, length: reads.length, isCausal: true)
    var x = try builder.graph.embedding(table, indices: tokens)
    x = try builder.dropout(
      builder.addPositions(positions, to: x), rate: c.embeddingDropout)
    for layer in 0..<c.layers {
      x = try block(x, layer, mask: mask, in: &builder)
    }
    let norm = builder.layerNorm("transformer.ln_f", width: c.width, epsilon: c.epsilon)
    x = try builder.apply(norm, to: x)
    let head =
      c.tiesEmbeddings
      ? table : builder.parameter("lm_head.weight", [c.vocabulary, c.width], .weight)
    return [try builder.graph.linear(x, weight: head)]
  }

  private func block(
    _ x: Value, _ layer: Int, mask: Value?, in builder: inout ModelBuilder
  ) throws(ShapeError) -> Value {
    let c = configuration
    let name = "transformer.h.\(layer)"
    let inner = c.inner ?? 4 * c.width
    func linear(_ part: String, _ inputs: Int, _ outputs: Int) -> LinearLayer {
      builder.linearLayer(
        "\(name).\(part)", inputs: inputs, outputs: outputs, isTransposed: true)
    }
    let firstNorm = builder.layerNorm("\(name).ln_1", width: c.width, epsilon: c.epsilon)
    let attend = linear("attn.c_attn", c.width, 3 * c.width)
    let project = linear("attn.c_proj", c.width, c.width)
    let secondNorm = builder.layerNorm("\(name).ln_2", width: c.width, epsilon: c.epsilon)
    let expand = linear("mlp.c_fc", c.width, inner)
    let contract = linear("mlp.c_proj", inner, c.width)

    let joined = try builder.apply(attend, to: builder.apply(firstNorm, to: x))
    func part(_ index: Int) throws(ShapeError) -> Value {
      try builder.graph.slice(joined, axis: 2, start: index * c.width, size: c.width)
    }
    let width = c.scalesByWidth ? Double(c.width / c.heads).squareRoot() : 1
    let mixed = try builder.attention(
      queries: part(0), keys: part(1), values: part(2), heads: c.heads, mask: mask,
      scale: 1 / (width * (c.scalesByLayer ? Double(layer + 1) : 1)), dropout: c.attentionDropout)
    let y = try builder.add(
      x, builder.dropout(builder.apply(project, to: mixed), rate: c.residualDropout))
    let hidden = try c.activation.function.apply(
      builder.apply(expand, to: builder.apply(secondNorm, to: y)), in: &builder.graph)
    return try builder.add(
      y, builder.dropout(builder.apply(contract, to: hidden), rate: c.residualDropout))
  }
}
