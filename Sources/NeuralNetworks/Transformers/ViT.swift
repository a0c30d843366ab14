package import ComputationGraph

/// `config.json` of ViT.
package struct ViTConfiguration: Hashable, Sendable, Codable {
  let width: Int
  let layers: Int
  let heads: Int
  let inner: Int
  let activation: TransformerActivation
  let dropout: Double
  let attentionDropout: Double
  let epsilon: Double
  /// Height and width of the images.
  let image: [Int]
  /// Height and width of a patch.
  let patch: [Int]
  let channels: Int
  let hasBias: Bool
  let labels: Int

  private enum CodingKeys: String, CodingKey {
    case width = "hidden_size"
    case layers = "num_hidden_layers"
    case heads = "num_attention_heads"
    case inner = "intermediate_size"
    case activation = "hidden_act"
    case dropout = "hidden_dropout_prob"
    case attentionDropout = "attention_probs_dropout_prob"
    case epsilon = "layer_norm_eps"
    case image = "image_size"
    case patch = "patch_size"
    case channels = "num_channels"
    case hasBias = "qkv_bias"
    case labels = "num_labels"
  }

  /// Reads the file.
  ///
  /// - Throws: `ConfigurationError` for values that are not supported; `DecodingError`.
  package init(from decoder: any Decoder) throws {
    let reader = try ConfigurationReader(decoder, keyedBy: CodingKeys.self)
    width = try reader.size(.width, default: 768)
    layers = try reader.size(.layers, default: 12, limit: 1 << 12)
    heads = try reader.size(.heads, default: 12)
    inner = try reader.size(.inner, default: 3072)
    activation = try reader.activation(.activation, default: .gelu)
    dropout = try reader.rate(.dropout, default: 0)
    attentionDropout = try reader.rate(.attentionDropout, default: 0)
    epsilon = try reader.positive(.epsilon, default: 1e-12)
    image = try Self.pair(reader, .image, default: 224)
    patch = try Self.pair(reader, .patch, default: 16)
    channels = try reader.size(.channels, default: 3, limit: 1 << 12)
    hasBias = try reader.value(.hasBias, default: true)
    labels = try LabelCount.read(decoder)
    guard width.isMultiple(of: heads) else {
      throw ConfigurationError(
        "num_attention_heads", "\(heads)", use: "a divisor of hidden_size, \(width)")
    }
    guard zip(image, patch).allSatisfy({ $0.isMultiple(of: $1) }),
      image[0] / patch[0] * (image[1] / patch[1]) < TokenInputs.limit
    else {
      throw ConfigurationError(
        "patch_size", "\(patch)",
        use: "divisors of image_size, \(image), with fewer than \(TokenInputs.limit) patches")
    }
  }

  /// One number for both extents, or two.
  private static func pair(
    _ reader: ConfigurationReader<CodingKeys>, _ key: CodingKeys, default fallback: Int
  ) throws -> [Int] {
    let one = try? reader.optional(key, Int.self)
    let numbers = try one.map { [$0, $0] } ?? reader.value(key, default: [fallback, fallback])
    guard numbers.count == 2, numbers.allSatisfy({ (1...1 << 14).contains($0) }) else {
      throw ConfigurationError(key.rawValue, "\(numbers)", use: "one size or two, 1 to \(1 << 14)")
    }
    return numbers
  }
}

/// ViT with its head, `ViTForImageClassification` (Dosovitskiy and others 2020).
///
/// Names, shapes and order of parameters are those of the files of transformers.
package struct ViT: TransformersDefinition {
  package static let kind = "vit"
  package static let classNames = ["ViTForImageClassification"]
  package static let basePrefix = "vit."

  let configuration: ViTConfiguration

  package init(
    className: String, configuration: ViTConfiguration, data: TransformersInputs
  ) throws {
    self.configuration = configuration
  }

  package func reading(_ data: TransformersInputs) throws -> Self { self }

  /// The class of transformers.
  package var modelName: String { Self.classNames[0] }

  /// Images.
  package var inputs: [ModelInput] {
    [ModelInput("pixel_values", Shape([configuration.channels] + configuration.image))]
  }

  /// What only the class without a head has.
  package func ignores(_ tensor: String) -> Bool { tensor.hasPrefix("vit.pooler.") }

  /// The names inside transformers 5, which writes files with those of earlier versions.
  package static func parameter(of tensor: String) -> String? {
    let prefix = "vit.layers."
    guard tensor.hasPrefix(prefix) else { return nil }
    let parts = tensor.dropFirst(prefix.count).split(separator: ".", maxSplits: 1)
    guard parts.count == 2 else { return nil }
    var name = String(parts[1])
    for (new, old) in [
      ("attention.q_proj", "attention.attention.query"),
      ("attention.k_proj", "attention.attention.key"),
      ("attention.v_proj", "attention.attention.value"),
      ("attention.o_proj", "attention.output.dense"), ("mlp.fc1", "intermediate.dense"),
      ("mlp.fc2", "output.dense"),
    ] where name.hasPrefix(new + ".") {
      name = old + name.dropFirst(new.count)
      break
    }
    return "vit.encoder.layer.\(parts[0]).\(name)"
  }

  /// Emits the logits of the labels, `[n, labels]`.
  package func build(
    _ inputs: [Value], in builder: inout ModelBuilder
  ) throws(ShapeError) -> [Value] {
    let c = configuration
    var x = try embeddings(inputs[0], in: &builder)
    for layer in 0..<c.layers {
      x = try block(x, "vit.encoder.layer.\(layer)", in: &builder)
    }
    let norm = builder.layerNorm("vit.layernorm", width: c.width, epsilon: c.epsilon)
    let classify = builder.linearLayer("classifier", inputs: c.width, outputs: c.labels)
    let first = try builder.graph.slice(x, axis: 1, start: 0, size: 1)
    let normal = try builder.apply(norm, to: first)
    return [
      try builder.apply(
        classify,
        to: builder.graph.reshape(normal, to: [builder.graph.shape(of: x)[0], c.width]))
    ]
  }

  private func embeddings(
    _ images: Value, in builder: inout ModelBuilder
  ) throws(ShapeError) -> Value {
    let c = configuration
    let (rows, columns) = (c.image[0] / c.patch[0], c.image[1] / c.patch[1])
    let name = "vit.embeddings"
    let token = builder.parameter("\(name).cls_token", [1, 1, c.width], .embedding)
    let positions = builder.parameter(
      "\(name).position_embeddings", [1, rows * columns + 1, c.width], .embedding, filterAxis: 1)
    let filters = builder.parameter(
      "\(name).patch_embeddings.projection.weight",
      [c.width, c.channels, c.patch[0], c.patch[1]], .weight)
    let bias = builder.parameter(
      "\(name).patch_embeddings.projection.bias", [c.width], .bias)
    let samples = builder.graph.shape(of: images)[0]
    // Patches do not overlap, so their convolution is a matrix product.
    let size = c.channels * c.patch[0] * c.patch[1]
    let patches = try builder.graph.reshape(
      builder.graph.transpose(
        builder.graph.reshape(
          images, to: [samples, c.channels, rows, c.patch[0], columns, c.patch[1]]),
        [0, 2, 4, 1, 3, 5]), to: [samples, rows * columns, size])
    let embedded = try builder.graph.linear(
      patches, weight: builder.graph.reshape(filters, to: [c.width, size]), bias: bias)
    let first = try builder.graph.broadcast(token, to: [samples, 1, c.width])
    let x = try builder.graph.concatenate([first, embedded], axis: 1)
    let shape = builder.graph.shape(of: x)
    return try builder.dropout(
      builder.add(x, builder.graph.broadcast(positions, to: shape)), rate: c.dropout)
  }

  private func block(
    _ x: Value, _ name: String, in builder: inout ModelBuilder
  ) throws(ShapeError) -> Value {
    let c = configuration
    func linear(
      _ part: String, _ inputs: Int, _ outputs: Int, bias: Bool = true
    ) -> LinearLayer {
      builder.linearLayer("\(name).\(part)", inputs: inputs, outputs: outputs, bias: bias)
    }
    let query = linear("attention.attention.query", c.width, c.width, bias: c.hasBias)
    let key = linear("attention.attention.key", c.width, c.width, bias: c.hasBias)
    let value = linear("attention.attention.value", c.width, c.width, bias: c.hasBias)
    let project = linear("attention.output.dense", c.width, c.width)
    let expand = linear("intermediate.dense", c.width, c.inner)
    let contract = linear("output.dense", c.inner, c.width)
    let firstNorm = builder.layerNorm(
      "\(name).layernorm_before", width: c.width, epsilon: c.epsilon)
    let secondNorm = builder.layerNorm(
      "\(name).layernorm_after", width: c.width, epsilon: c.epsilon)

    let normal = try builder.apply(firstNorm, to: x)
    let mixed = try builder.attention(
      queries: builder.apply(query, to: normal), keys: builder.apply(key, to: normal),
      values: builder.apply(value, to: normal), heads: c.heads, mask: nil,
      dropout: c.attentionDropout)
    let y = try builder.add(
      x, builder.dropout(builder.apply(project, to: mixed), rate: c.dropout))
    let hidden = try c.activation.function.apply(
      builder.apply(expand, to: builder.apply(secondNorm, to: y)), in: &builder.graph)
    return try builder.add(
      y, builder.dropout(builder.apply(contract, to: hidden), rate: c.dropout))
  }
}
