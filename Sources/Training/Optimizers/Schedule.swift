internal import Foundation

/// A number that changes in the course of a training, as a pure function of the step.
///
/// For the learning rate and for the radius of the perturbation.
public struct Schedule: Hashable, Sendable {
  /// How the number falls after the warm-up.
  public enum Decay: Hashable, Sendable {
    /// Not at all.
    case constant
    /// `(1 + cos(pi t / T)) / 2` (Loshchilov and Hutter 2017, without restarts).
    case cosine
    /// Multiplied by `factor` at each of the milestones, given as shares of the training.
    case step(factor: Double, milestones: [Double])
    /// `1 / sqrt(t)` with t counted from 1, as in the convergence theorems of sparse SAM.
    case inverseSquareRoot
  }

  /// Value after the warm-up, before any decay.
  public let initial: Double
  /// How it falls.
  public let decay: Decay
  /// Steps of linear growth from `initial / warmUp` to `initial`.
  public let warmUp: Int

  /// Creates a schedule.
  ///
  /// - Throws: `TrainingError` unless the numbers are finite and not negative.
  public init(
    _ initial: Double, decay: Decay = .constant, warmUp: Int = 0
  ) throws(TrainingError) {
    guard initial.isFinite, initial >= 0 else {
      throw TrainingError("a schedule starts at \(initial); give a number of 0 or more")
    }
    guard warmUp >= 0 else {
      throw TrainingError("a warm-up of \(warmUp) steps; give 0 or more")
    }
    if case .step(let factor, let milestones) = decay {
      guard factor.isFinite, factor >= 0, milestones.allSatisfy({ (0...1).contains($0) }) else {
        throw TrainingError(
          "a step schedule with factor \(factor) at \(milestones); give a factor of 0 or more and "
            + "shares of the training in 0...1")
      }
    }
    self.initial = initial
    self.decay = decay
    self.warmUp = warmUp
  }

  /// The value at a step.
  ///
  /// - Parameters:
  ///   - step: Counted from 0.
  ///   - total: Steps of the whole training.
  /// - Returns: The value, `initial` at most.
  public func value(step: Int, of total: Int) -> Double {
    if step < warmUp { return initial * Double(step + 1) / Double(warmUp) }
    let done = step - warmUp
    switch decay {
    case .constant: return initial
    case .cosine:
      let share = Double(done) / Double(max(total - warmUp, 1))
      return initial * (1 + cos(.pi * min(share, 1))) / 2
    case .step(let factor, let milestones):
      let passed = milestones.count { Double(step) >= $0 * Double(total) }
      return initial * pow(factor, Double(passed))
    case .inverseSquareRoot: return initial / Double(done + 1).squareRoot()
    }
  }
}

extension Schedule.Decay: CustomStringConvertible {
  /// Reads `constant`, `cosine`, `step`, `step=0.1@0.5,0.75` or `inverse-sqrt`.
  ///
  /// - Throws: `TrainingError` that lists what can be written.
  public init(parsing text: String) throws(TrainingError) {
    let parts = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
    switch (text, parts.first, parts.count) {
    case ("constant", _, _): self = .constant
    case ("cosine", _, _): self = .cosine
    case ("inverse-sqrt", _, _): self = .inverseSquareRoot
    case ("step", _, _): self = .step(factor: 0.1, milestones: [0.5, 0.75])
    case (_, "step", 2):
      let pieces = parts[1].split(separator: "@", omittingEmptySubsequences: false)
      let milestones = pieces.last?.split(separator: ",").map { Double($0) } ?? []
      guard pieces.count == 2, let factor = Double(pieces[0]), !milestones.contains(nil) else {
        throw Self.unknown(text)
      }
      self = .step(factor: factor, milestones: milestones.compactMap(\.self))
    default: throw Self.unknown(text)
    }
  }

  private static func unknown(_ text: String) -> TrainingError {
    TrainingError(
      "unknown schedule \"\(text.filter { !$0.isNewline })\"; use constant, cosine, step, "
        + "step=FACTOR@SHARE,SHARE or inverse-sqrt")
  }

  /// The text that `init(parsing:)` reads.
  public var description: String {
    switch self {
    case .constant: "constant"
    case .cosine: "cosine"
    case .step(let factor, let milestones):
      "step=\(factor)@" + milestones.map { "\($0)" }.joined(separator: ",")
    case .inverseSquareRoot: "inverse-sqrt"
    }
  }
}

extension Schedule: Codable {
  private enum CodingKeys: String, CodingKey {
    case initial, decay, warmUp
  }

  /// Reads a schedule and checks it.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    try self.init(
      container.decode(Double.self, forKey: .initial),
      decay: Decay(parsing: container.decode(String.self, forKey: .decay)),
      warmUp: container.decode(Int.self, forKey: .warmUp))
  }

  /// Writes the decay as its text.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(initial, forKey: .initial)
    try container.encode(decay.description, forKey: .decay)
    try container.encode(warmUp, forKey: .warmUp)
  }
}
