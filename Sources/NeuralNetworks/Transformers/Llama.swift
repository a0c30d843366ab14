package import ComputationGraph

/// LLaMA (Touvron and others 2023), Qwen2 and Mistral with their heads.
///
/// RMS norms, rotary embeddings, several heads of queries to each of keys and values, and a gated
/// inner layer, `down(act(gate x) * up x)`. Names, shapes and order of parameters are those of
/// transformers.
package struct Llama: TransformersDefinition {
  package static let kind = "llama"
  package static let classNames = ["LlamaForCausalLM", "Qwen2ForCausalLM", "MistralForCausalLM"]
  package static let basePrefix = "model."

  let className: String
  let configuration: LlamaConfiguration
  let reads: TokenInputs

  package init(
    className: String, configuration: LlamaConfiguration, data: TransformersInputs
  ) throws {
    let expected: [LlamaConfiguration.Family: String] = [
      .llama: "LlamaForCausalLM", .qwen2: "Qwen2ForCausalLM", .mistral: "MistralForCausalLM",
    ]
    guard expected[configuration.family] == className else {
      throw ConfigurationError(
        "architectures", className, use: expected[configuration.family] ?? "another")
    }
    self.className = className
    self.configuration = configuration
    reads = try data.tokenInputs(takesTypes: false)
  }

  package func reading(_ data: TransformersInputs) throws -> Self {
    try Self(className: className, configuration: configuration, data: data)
  }

  /// The class of transformers.
  package var modelName: String { className }
  /// Tokens, and a mask where data have one.
  package var inputs: [ModelInput] { reads.modelInputs(vocabulary: configuration.vocabulary) }
  /// It does.
  package var predictsNextToken: Bool { true }

  /// Frequencies, which files of old versions hold; they follow from `config.json`.
  package func ignores(_ tensor: String) -> Bool {
    tensor.hasSuffix("rotary_emb.inv_freq")
  }

  package func original(of tensor: String) -> String? {
    configuration.tiesEmbeddings && tensor == "lm_head.weight" ? "model.embed_tokens.weight" : nil
  }

  /// Emits the logits of the next token at every position, `[n, t, vocabulary]`.
  package func build(
    _ inputs: [Value], in builder: inout ModelBuilder
  ) throws(ShapeError) -> [Value] {
    let (tokens, padding, _) = try reads.values(inputs, for: modelName)
    let c = configuration
    let table = builder.parameter(
      "model.embed_tokens.weight", [c.vocabulary, c.width], .embedding)
    let rotation = try RotaryTable(
      c.rotary, width: c.headWidth, positions: reads.length, longest: c.longest,
      in: &builder.graph)
    var x = try builder.graph.embedding(table, indices: tokens)
    // One mask for all layers with the same window; a window that holds all tokens is none.
    var masks: [Int: Value] = [:]
    for layer in 0..<c.layers {
      let window = min(c.windows[layer] ?? reads.length, reads.length)
      if masks[window] == nil {
        masks[window] = try builder.attentionMask(
          padding: padding, length: reads.length, isCausal: true,
          window: window < reads.length ? window : nil)
      }
      x = try block(x, "model.layers.\(layer)", mask: masks[window], rotation, in: &builder)
    }
    let norm = builder.rmsNorm("model.norm", width: c.width, epsilon: c.epsilon)
    x = try builder.apply(norm, to: x)
    let head =
      c.tiesEmbeddings
      ? table : builder.parameter("lm_head.weight", [c.vocabulary, c.width], .weight)
    return [try builder.graph.linear(x, weight: head)]
  }

  private func block(
    _ x: Value, _ name: String, mask: Value?, _ rotation: RotaryTable,
    in builder: inout ModelBuilder
  ) throws(ShapeError) -> Value {
    let c = configuration
    let (own, shared) = (c.heads * c.headWidth, c.keyHeads * c.headWidth)
    let isQwen = c.family == .qwen2
    func linear(_ part: String, _ inputs: Int, _ outputs: Int, bias: Bool) -> LinearLayer {
      builder.linearLayer("\(name).\(part)", inputs: inputs, outputs: outputs, bias: bias)
    }
    let hasBias = c.hasAttentionBias || isQwen
    let query = linear("self_attn.q_proj", c.width, own, bias: hasBias)
    let key = linear("self_attn.k_proj", c.width, shared, bias: hasBias)
    let value = linear("self_attn.v_proj", c.width, shared, bias: hasBias)
    let output = linear("self_attn.o_proj", own, c.width, bias: c.hasAttentionBias)
    let gate = linear("mlp.gate_proj", c.width, c.inner, bias: c.hasInnerBias)
    let up = linear("mlp.up_proj", c.width, c.inner, bias: c.hasInnerBias)
    let down = linear("mlp.down_proj", c.inner, c.width, bias: c.hasInnerBias)
    let firstNorm = builder.rmsNorm("\(name).input_layernorm", width: c.width, epsilon: c.epsilon)
    let secondNorm = builder.rmsNorm(
      "\(name).post_attention_layernorm", width: c.width, epsilon: c.epsilon)

    let normal = try builder.apply(firstNorm, to: x)
    let mixed = try builder.attention(
      queries: builder.apply(query, to: normal), keys: builder.apply(key, to: normal),
      values: builder.apply(value, to: normal), heads: c.heads, keyHeads: c.keyHeads,
      rotation: rotation, mask: mask, dropout: c.attentionDropout)
    let y = try builder.add(x, builder.apply(output, to: mixed))
    let inner = try builder.apply(secondNorm, to: y)
    let gated = try builder.graph.multiply(
      c.activation.function.apply(builder.apply(gate, to: inner), in: &builder.graph),
      builder.apply(up, to: inner))
    return try builder.add(y, builder.apply(down, to: gated))
  }
}
