package import ComputationGraph

extension Architecture {
  /// What one sample is.
  package enum Input: Hashable, Sendable {
    /// An image.
    case image(channels: Int, height: Int, width: Int)
    /// A row of numbers.
    case features(Int)
    /// A row of tokens in `0 ..< vocabulary`.
    case tokens(length: Int, vocabulary: Int)

    /// An image.
    package init(channels: Int, height: Int, width: Int) {
      self = .image(channels: channels, height: height, width: width)
    }

    /// The extents of a sample.
    package var shape: Shape {
      switch self {
      case .image(let channels, let height, let width): [channels, height, width]
      case .features(let count): [count]
      case .tokens(let length, _): [length]
      }
    }

    /// Channels of an image; nil for other samples.
    var imageChannels: Int? {
      if case .image(let channels, _, _) = self { channels } else { nil }
    }

    /// The input of the model; its name is that of the arrays in data.
    var modelInput: ModelInput {
      switch self {
      case .image: ModelInput("images", shape)
      case .features: ModelInput("features", shape)
      case .tokens(_, let vocabulary): ModelInput("tokens", shape, kind: .index(bound: vocabulary))
      }
    }

    /// Whether all sizes are in range.
    var isUsable: Bool {
      let limit = Architecture.limits.elements
      var product = 1
      for extent in shape.dimensions {
        guard (1...limit).contains(extent), product <= limit / extent else { return false }
        product *= extent
      }
      guard case .tokens(_, let vocabulary) = self else { return true }
      return (1...Architecture.limits.classes).contains(vocabulary)
    }
  }
}

extension Architecture.Input: CustomStringConvertible {
  /// Text like `3x32x32`.
  package var description: String {
    switch self {
    case .image(let channels, let height, let width): "\(channels)x\(height)x\(width)"
    case .features(let count): "\(count) features"
    case .tokens(let length, let vocabulary): "\(length) tokens of \(vocabulary)"
    }
  }
}

extension Architecture.Input: Codable {
  private enum CodingKeys: String, CodingKey {
    case channels, height, width, features, length, vocabulary
  }

  /// Reads the extents.
  package init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    if let count = try container.decodeIfPresent(Int.self, forKey: .features) {
      self = .features(count)
    } else if let length = try container.decodeIfPresent(Int.self, forKey: .length) {
      self = .tokens(
        length: length, vocabulary: try container.decode(Int.self, forKey: .vocabulary))
    } else {
      self = .image(
        channels: try container.decode(Int.self, forKey: .channels),
        height: try container.decode(Int.self, forKey: .height),
        width: try container.decode(Int.self, forKey: .width))
    }
  }

  /// Writes the extents.
  package func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    switch self {
    case .image(let channels, let height, let width):
      try container.encode(channels, forKey: .channels)
      try container.encode(height, forKey: .height)
      try container.encode(width, forKey: .width)
    case .features(let count): try container.encode(count, forKey: .features)
    case .tokens(let length, let vocabulary):
      try container.encode(length, forKey: .length)
      try container.encode(vocabulary, forKey: .vocabulary)
    }
  }
}
