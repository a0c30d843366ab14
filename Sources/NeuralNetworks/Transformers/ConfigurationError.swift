/// Why a `config.json` describes no network that is known here.
package struct ConfigurationError: Error, Hashable, CustomStringConvertible {
  /// One line: the key, its value, what would do.
  package let description: String

  /// Refuses a value that would change what the network computes.
  init(_ key: String, _ value: String, use advice: String) {
    description = "config.json: \"\(key)\": \(value) is not supported; use \(advice)"
  }
}

/// Reads values of a `config.json`: what it leaves out has the default of transformers.
struct ConfigurationReader<Key: CodingKey> {
  private let container: KeyedDecodingContainer<Key>

  init(_ decoder: any Decoder, keyedBy: Key.Type) throws {
    container = try decoder.container(keyedBy: Key.self)
  }

  /// Whether a key is there, be it with null.
  func contains(_ key: Key) -> Bool { container.contains(key) }

  /// A value; null is as good as none.
  func optional<T: Decodable>(_ key: Key, _ type: T.Type = T.self) throws -> T? {
    try container.decodeIfPresent(T.self, forKey: key)
  }

  /// A value, or its default.
  func value<T: Decodable>(_ key: Key, default fallback: T) throws -> T {
    try optional(key) ?? fallback
  }

  /// A number of things, within limits that keep every product of two sizes exact.
  ///
  /// - Throws: `ConfigurationError` outside of `1 ... limit`.
  func size(_ key: Key, default fallback: Int, limit: Int = 1 << 22) throws -> Int {
    let size = try value(key, default: fallback)
    try check(key, size, in: 1...limit)
    return size
  }

  /// The same for a size that may be left out.
  func optionalSize(_ key: Key, limit: Int = 1 << 22) throws -> Int? {
    guard let size: Int = try optional(key) else { return nil }
    try check(key, size, in: 1...limit)
    return size
  }

  /// A probability of dropout.
  ///
  /// - Throws: `ConfigurationError` outside of `0 ..< 1`.
  func rate(_ key: Key, default fallback: Double) throws -> Double {
    let rate = try value(key, default: fallback)
    guard (0..<1).contains(rate) else {
      throw ConfigurationError(key.stringValue, "\(rate)", use: "a number in 0..<1")
    }
    return rate
  }

  /// A number above 0, like the summand under a root.
  func positive(_ key: Key, default fallback: Double) throws -> Double {
    let number = try value(key, default: fallback)
    guard number > 0, number.isFinite else {
      throw ConfigurationError(key.stringValue, "\(number)", use: "a number above 0")
    }
    return number
  }

  /// Name of an activation function.
  func activation(_ key: Key, default fallback: TransformerActivation) throws
    -> TransformerActivation
  {
    guard let name: String = try optional(key) else { return fallback }
    guard let activation = TransformerActivation(rawValue: name) else {
      throw ConfigurationError(
        key.stringValue, "\"\(name.prefix(40))\"",
        use: TransformerActivation.allCases.map(\.rawValue).joined(separator: ", "))
    }
    return activation
  }

  /// Refuses a switch that is on.
  func refuse(_ keys: Key...) throws {
    for key in keys where try value(key, default: false) {
      throw ConfigurationError(key.stringValue, "true", use: "false")
    }
  }

  private func check(_ key: Key, _ size: Int, in range: ClosedRange<Int>) throws {
    guard range.contains(size) else {
      throw ConfigurationError(
        key.stringValue, "\(size)", use: "\(range.lowerBound) to \(range.upperBound)")
    }
  }
}
