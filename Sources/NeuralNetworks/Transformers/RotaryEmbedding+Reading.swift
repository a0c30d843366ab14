extension RotaryEmbedding {
  /// Keys of a `config.json`, of transformers 5 and of earlier versions.
  enum Key: String, CodingKey {
    case parameters = "rope_parameters"
    case scaling = "rope_scaling"
    case theta = "rope_theta"
    case partialFactor = "partial_rotary_factor"
    case originalLength = "original_max_position_embeddings"
  }

  private enum ScalingKey: String, CodingKey, CaseIterable {
    case type
    case ropeType = "rope_type"
    case partialFactor = "partial_rotary_factor"
    case full = "full_attention"
    case sliding = "sliding_attention"
  }

  /// Reads the keys of a `config.json`: `rope_parameters`, or `rope_theta` and `rope_scaling`.
  ///
  /// - Throws: `ConfigurationError` for scalings and parts that are not known; `DecodingError`.
  init(configuration decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: Key.self)
    let reader = try ConfigurationReader(decoder, keyedBy: Key.self)
    let theta = try reader.positive(.theta, default: 10_000)
    try Self.refusePart(reader.optional(.partialFactor))
    let key = [Key.parameters, .scaling].first {
      container.contains($0) && (try? container.decodeNil(forKey: $0)) == false
    }
    guard let key else {
      self.init(theta: theta)
      return
    }
    let inner = try ConfigurationReader(
      container.superDecoder(forKey: key), keyedBy: ScalingKey.self)
    for name in [ScalingKey.full, .sliding] where inner.contains(name) {
      throw ConfigurationError(
        "\(key.rawValue), \(name.rawValue)", "angles of their own for kinds of layers",
        use: "one rope_type for all layers")
    }
    try Self.refusePart(inner.optional(.partialFactor))
    let type: String = try inner.optional(.ropeType) ?? inner.optional(.type) ?? "default"
    guard let scaling = Scaling(rawValue: type) else {
      throw ConfigurationError(
        "rope_type", "\"\(type.prefix(40))\"",
        use: Scaling.allCases.map(\.rawValue).joined(separator: ", "))
    }
    let numbers = try ConfigurationReader(
      container.superDecoder(forKey: key), keyedBy: CodingKeys.self)
    self.init(theta: try numbers.positive(.theta, default: theta))
    self.scaling = scaling
    if scaling != .none {
      factor = try numbers.optional(.factor)
      guard let factor, factor >= 1, factor.isFinite else {
        throw ConfigurationError(
          "\(key.rawValue), factor", factor.map { "\($0)" } ?? "null", use: "a number from 1 on")
      }
    }
    lowFrequencyFactor = try numbers.optional(.lowFrequencyFactor)
    highFrequencyFactor = try numbers.optional(.highFrequencyFactor)
    originalLength =
      try reader.optionalSize(.originalLength, limit: 1 << 30)
      ?? numbers.optionalSize(.originalLength, limit: 1 << 30)
    attentionFactor = try numbers.optional(.attentionFactor)
    betaFast = try numbers.optional(.betaFast)
    betaSlow = try numbers.optional(.betaSlow)
    scale = try numbers.optional(.scale)
    scaleOfAllDimensions = try numbers.optional(.scaleOfAllDimensions)
    truncates = try numbers.optional(.truncates)
    if scaling == .llama3 {
      guard let low = lowFrequencyFactor, let high = highFrequencyFactor, low > 0, high > low else {
        throw ConfigurationError(
          "\(key.rawValue)", "llama3 without low_freq_factor below high_freq_factor",
          use: "both factors")
      }
    }
  }

  private static func refusePart(_ part: Double?) throws {
    guard let part, part != 1 else { return }
    throw ConfigurationError(Key.partialFactor.rawValue, "\(part)", use: "1")
  }
}
