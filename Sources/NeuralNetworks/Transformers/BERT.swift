package import ComputationGraph

/// BERT (Devlin and others 2018) with a head: labels of a text, or the tokens that a mask hides.
///
/// Names, shapes and order of parameters are those of transformers.
package struct BERT: TransformersDefinition {
  package static let kind = "bert"
  package static let classNames = ["BertForSequenceClassification", "BertForMaskedLM"]
  package static let basePrefix = "bert."

  let className: String
  let configuration: BERTConfiguration
  let reads: TokenInputs

  package init(
    className: String, configuration: BERTConfiguration, data: TransformersInputs
  ) throws {
    self.className = className
    self.configuration = configuration
    reads = try data.tokenInputs(takesTypes: true)
  }

  private var classifies: Bool { className == Self.classNames[0] }

  package func reading(_ data: TransformersInputs) throws -> Self {
    try Self(className: className, configuration: configuration, data: data)
  }

  /// The class of transformers.
  package var modelName: String { className }
  /// Tokens, and mask and types where data have them.
  package var inputs: [ModelInput] {
    reads.modelInputs(vocabulary: configuration.vocabulary, types: configuration.types)
  }

  /// Numbers of the positions, and parts of pretraining that the class does not have.
  package func ignores(_ tensor: String) -> Bool {
    tensor == "bert.embeddings.position_ids" || tensor.hasPrefix("cls.seq_relationship.")
      || !classifies && tensor.hasPrefix("bert.pooler.")
  }

  /// Norms were once stored as gamma and beta.
  package static func parameter(of tensor: String) -> String? {
    if tensor.hasSuffix("LayerNorm.gamma") { return tensor.dropLast(5) + "weight" }
    if tensor.hasSuffix("LayerNorm.beta") { return tensor.dropLast(4) + "bias" }
    return nil
  }

  package func original(of tensor: String) -> String? {
    guard !classifies else { return nil }
    return switch tensor {
    case "cls.predictions.decoder.weight" where configuration.tiesEmbeddings:
      "bert.embeddings.word_embeddings.weight"
    case "cls.predictions.decoder.bias": "cls.predictions.bias"
    default: nil
    }
  }

  /// Emits the logits of the labels, `[n, labels]`, or of all tokens at every position.
  package func build(
    _ inputs: [Value], in builder: inout ModelBuilder
  ) throws(ShapeError) -> [Value] {
    let (tokens, padding, types) = try reads.values(inputs, for: modelName)
    let c = configuration
    let mask = try builder.attentionMask(padding: padding, length: reads.length, isCausal: false)
    let (embedded, table) = try embeddings(tokens, types, in: &builder)
    var x = embedded
    for layer in 0..<c.layers {
      x = try block(x, "bert.encoder.layer.\(layer)", mask: mask, in: &builder)
    }
    guard classifies else { return [try predictions(x, table, in: &builder)] }
    let pool = builder.linearLayer("bert.pooler.dense", inputs: c.width, outputs: c.width)
    let classify = builder.linearLayer("classifier", inputs: c.width, outputs: c.labels)
    let first = try builder.graph.reshape(
      builder.graph.slice(x, axis: 1, start: 0, size: 1),
      to: [builder.graph.shape(of: x)[0], c.width])
    let pooled = try builder.graph.unary(.tanh, builder.apply(pool, to: first))
    return [
      try builder.apply(
        classify, to: builder.dropout(pooled, rate: c.classifierDropout ?? c.dropout))
    ]
  }

  private func embeddings(
    _ tokens: Value, _ types: Value?, in builder: inout ModelBuilder
  ) throws(ShapeError) -> (Value, table: Value) {
    let c = configuration
    func table(_ name: String, _ rows: Int) -> Value {
      builder.parameter("bert.embeddings.\(name)_embeddings.weight", [rows, c.width], .embedding)
    }
    let words = table("word", c.vocabulary)
    let positions = table("position", c.positions)
    let parts = table("token_type", c.types)
    let norm = builder.layerNorm("bert.embeddings.LayerNorm", width: c.width, epsilon: c.epsilon)
    var x = try builder.graph.embedding(words, indices: tokens, padding: c.padding.token)
    let shape = builder.graph.shape(of: x)
    if let types {
      x = try builder.add(x, builder.graph.embedding(parts, indices: types))
    } else {
      let first = try builder.graph.reshape(
        builder.graph.slice(parts, axis: 0, start: 0, size: 1), to: [1, 1, c.width])
      x = try builder.add(x, builder.graph.broadcast(first, to: shape))
    }
    x = try builder.apply(norm, to: builder.addPositions(positions, to: x))
    return (try builder.dropout(x, rate: c.dropout), words)
  }

  private func block(
    _ x: Value, _ name: String, mask: Value?, in builder: inout ModelBuilder
  ) throws(ShapeError) -> Value {
    let c = configuration
    func linear(_ part: String, _ inputs: Int, _ outputs: Int) -> LinearLayer {
      builder.linearLayer("\(name).\(part)", inputs: inputs, outputs: outputs)
    }
    let query = linear("attention.self.query", c.width, c.width)
    let key = linear("attention.self.key", c.width, c.width)
    let value = linear("attention.self.value", c.width, c.width)
    let project = linear("attention.output.dense", c.width, c.width)
    let firstNorm = builder.layerNorm(
      "\(name).attention.output.LayerNorm", width: c.width, epsilon: c.epsilon)
    let expand = linear("intermediate.dense", c.width, c.inner)
    let contract = linear("output.dense", c.inner, c.width)
    let secondNorm = builder.layerNorm(
      "\(name).output.LayerNorm", width: c.width, epsilon: c.epsilon)

    let mixed = try builder.attention(
      queries: builder.apply(query, to: x), keys: builder.apply(key, to: x),
      values: builder.apply(value, to: x), heads: c.heads, mask: mask,
      dropout: c.attentionDropout)
    let attended = try builder.dropout(builder.apply(project, to: mixed), rate: c.dropout)
    let y = try builder.apply(firstNorm, to: builder.add(attended, x))
    let hidden = try c.activation.function.apply(builder.apply(expand, to: y), in: &builder.graph)
    let contracted = try builder.dropout(builder.apply(contract, to: hidden), rate: c.dropout)
    return try builder.apply(secondNorm, to: builder.add(contracted, y))
  }

  /// The head of hidden tokens; its matrix is the table of the tokens.
  private func predictions(
    _ x: Value, _ table: Value, in builder: inout ModelBuilder
  ) throws(ShapeError) -> Value {
    let c = configuration
    let name = "cls.predictions"
    let bias = builder.parameter("\(name).bias", [c.vocabulary], .bias)
    let dense = builder.linearLayer("\(name).transform.dense", inputs: c.width, outputs: c.width)
    let norm = builder.layerNorm(
      "\(name).transform.LayerNorm", width: c.width, epsilon: c.epsilon)
    let matrix =
      c.tiesEmbeddings
      ? table : builder.parameter("\(name).decoder.weight", [c.vocabulary, c.width], .weight)
    let hidden = try c.activation.function.apply(builder.apply(dense, to: x), in: &builder.graph)
    return try builder.graph.linear(builder.apply(norm, to: hidden), weight: matrix, bias: bias)
  }
}
