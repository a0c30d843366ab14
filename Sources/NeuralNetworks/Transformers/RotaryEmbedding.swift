internal import ComputationGraph
internal import Foundation

/// Which angles a rotary embedding turns queries and keys by.
///
/// Su and others 2021; the scalings are those of transformers' `modeling_rope_utils.py`.
package struct RotaryEmbedding: Hashable, Sendable, Codable {
  /// How the frequencies are changed for longer texts.
  package enum Scaling: String, Hashable, Sendable, Codable, CaseIterable {
    /// Not at all.
    case none = "default"
    /// All divided by the factor.
    case linear
    /// A larger base past the longest text of the training (NTK).
    case dynamic
    /// Low frequencies divided, as in LLaMA 3.1.
    case llama3
    /// Low frequencies divided, and the angles' sines and cosines scaled (Peng and others 2023).
    case yarn
  }

  var scaling: Scaling
  var theta: Double
  var factor: Double?
  var lowFrequencyFactor: Double?
  var highFrequencyFactor: Double?
  var originalLength: Int?
  var attentionFactor: Double?
  var betaFast: Double?
  var betaSlow: Double?
  var scale: Double?
  var scaleOfAllDimensions: Double?
  var truncates: Bool?

  enum CodingKeys: String, CodingKey {
    case scaling = "rope_type"
    case theta = "rope_theta"
    case factor
    case lowFrequencyFactor = "low_freq_factor"
    case highFrequencyFactor = "high_freq_factor"
    case originalLength = "original_max_position_embeddings"
    case attentionFactor = "attention_factor"
    case betaFast = "beta_fast"
    case betaSlow = "beta_slow"
    case scale = "mscale"
    case scaleOfAllDimensions = "mscale_all_dim"
    case truncates = "truncate"
  }

  /// The angles without scaling.
  init(theta: Double) {
    scaling = .none
    self.theta = theta
  }

  /// Frequencies of the pairs of a head, and the factor of sines and cosines.
  ///
  /// - Parameters:
  ///   - width: Numbers of a head.
  ///   - positions: Tokens of a sample.
  ///   - longest: Longest text of the training, `max_position_embeddings`.
  /// - Returns: One frequency for each of `width / 2` pairs, and the factor.
  func frequencies(
    width: Int, positions: Int, longest: Int
  ) -> (frequencies: [Double], factor: Double) {
    let factor = factor ?? 1
    func plain(_ base: Double) -> [Double] {
      (0..<width / 2).map { pow(base, -2 * Double($0) / Double(width)) }
    }
    switch scaling {
    case .none: return (plain(theta), 1)
    case .linear: return (plain(theta).map { $0 / factor }, 1)
    case .dynamic:
      let length = Double(max(positions, longest))
      let growth = factor * length / Double(longest) - (factor - 1)
      return (plain(theta * pow(growth, Double(width) / Double(width - 2))), 1)
    case .llama3:
      let original = Double(originalLength ?? longest)
      let (low, high) = (lowFrequencyFactor ?? 1, highFrequencyFactor ?? 4)
      let scaled = plain(theta).map { frequency -> Double in
        let wavelength = 2 * Double.pi / frequency
        if wavelength < original / high { return frequency }
        if wavelength > original / low { return frequency / factor }
        let share = (original / wavelength - low) / (high - low)
        return (1 - share) * frequency / factor + share * frequency
      }
      return (scaled, 1)
    case .yarn: return yarn(plain(theta), width: width, longest: longest)
    }
  }

  private func yarn(
    _ plain: [Double], width: Int, longest: Int
  ) -> (frequencies: [Double], factor: Double) {
    let original = originalLength ?? longest
    let factor = factor ?? Double(longest) / Double(original)
    func scale(_ weight: Double) -> Double {
      factor <= 1 ? 1 : 0.1 * weight * log(factor) + 1
    }
    var attention = scale(1)
    if let one = self.scale, let all = scaleOfAllDimensions, one != 0, all != 0 {
      attention = scale(one) / scale(all)
    }
    /// The pair that turns so many times in the original length.
    func pair(turning turns: Double) -> Double {
      Double(width) * log(Double(original) / (turns * 2 * Double.pi)) / (2 * log(theta))
    }
    // Zero stands for the default, as in transformers.
    func turns(_ given: Double?, default fallback: Double) -> Double {
      given.flatMap { $0 == 0 ? nil : $0 } ?? fallback
    }
    var low = pair(turning: turns(betaFast, default: 32))
    var high = pair(turning: turns(betaSlow, default: 1))
    if truncates ?? true { (low, high) = (low.rounded(.down), high.rounded(.up)) }
    low = max(low, 0)
    high = min(high, Double(width - 1))
    if low == high { high += 0.001 }
    let frequencies = plain.enumerated().map { index, frequency in
      let ramp = min(max((Double(index) - low) / (high - low), 0), 1)
      return frequency / factor * ramp + frequency * (1 - ramp)
    }
    return (frequencies, attentionFactor ?? attention)
  }
}

/// Sines and cosines of the angles of all positions, as constants of a graph.
struct RotaryTable {
  private let cosines: Value
  private let sines: Value

  /// Angles of a table at most: the width comes from a file whose weights are looked at later.
  private static let maximumCount = 1 << 26

  /// Adds the tables, `[1, 1, t, d / 2]`.
  ///
  /// - Throws: `ShapeError` for tables beyond the bound.
  init(
    _ embedding: RotaryEmbedding, width: Int, positions: Int, longest: Int, in graph: inout Graph
  ) throws(ShapeError) {
    guard positions <= Self.maximumCount / max(width, 1) else {
      throw ShapeError("rotary embedding", "\(width) angles for each of \(positions) tokens")
    }
    let (frequencies, factor) = embedding.frequencies(
      width: width, positions: positions, longest: longest)
    let angles = (0..<positions).flatMap { position in
      frequencies.map { Double(position) * $0 }
    }
    let shape: Shape = [1, 1, positions, frequencies.count]
    cosines = try graph.constant(angles.map { cos($0) * factor }, shape)
    sines = try graph.constant(angles.map { sin($0) * factor }, shape)
  }

  /// Turns `x`, `[n, h, t, d]`: element `i` is the first coordinate of a pair, `i + d / 2` the second.
  func rotate(_ x: Value, in graph: inout Graph) throws(ShapeError) -> Value {
    let shape = graph.shape(of: x)
    let half = shape[3] / 2
    let first = try graph.slice(x, axis: 3, start: 0, size: half)
    let second = try graph.slice(x, axis: 3, start: half, size: half)
    let cosine = try graph.broadcast(cosines, to: graph.shape(of: first))
    let sine = try graph.broadcast(sines, to: graph.shape(of: first))
    return try graph.concatenate(
      [
        graph.subtract(graph.multiply(first, cosine), graph.multiply(second, sine)),
        graph.add(graph.multiply(second, cosine), graph.multiply(first, sine)),
      ], axis: 3)
  }
}
