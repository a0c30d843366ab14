internal import Foundation

/// What is reported beside a loss.
public enum Metric: String, Hashable, Sendable, Codable, CaseIterable {
  /// Share of samples that count whose largest output is that of their class, or of events on the
  /// right side of one half; of rows, where the loss is one of numbers.
  case accuracy
  /// Share of rows that count, of all samples, whose largest output is that of their class; perplexity stands
  /// beside it.
  case tokenAccuracy = "token-accuracy"
  /// `1 - mean squared error / variance of the targets`, the variance of each output around its own
  /// mean; undefined for targets that are all equal.
  case r2

  /// Name for figures and tables.
  public var title: String {
    switch self {
    case .accuracy: "accuracy"
    case .tokenAccuracy: "token accuracy"
    case .r2: "R2"
    }
  }

  /// Name of an array or column that holds it.
  public var arrayName: String { rawValue.replacingOccurrences(of: "-", with: "_") }

  /// Whether it is a share of right answers, drawn in percent.
  public var isShare: Bool { self != .r2 }

  /// Label of an axis.
  public var label: String { isShare ? "\(title) (%)" : title }

  /// A value in the units of figures: percent for shares.
  public func drawn(_ score: Double) -> Double { isShare ? 100 * score : score }

  /// Name and value, like `accuracy 97.2 %` or `R2 0.913`.
  public func text(_ score: Double) -> String {
    "\(title) " + (isShare ? String(format: "%.4g %%", 100 * score) : String(format: "%.4g", score))
  }
}

/// Mean loss over samples, and the metric that belongs to it.
public struct RiskValue: Sendable, Equatable {
  /// Mean loss, with weight decay if the risk has it.
  public let loss: Double
  /// The part of it that is weight decay.
  public let decay: Double
  /// The metric; nil where there is none.
  public let metric: Metric?
  /// Its value; NaN without one, and where the loss is not finite.
  public let score: Double
  /// Rows that are right, where the metric counts them.
  public let correct: Int
  /// Rows that count.
  public let rows: Int
  /// Sum of their weights, by which means over several sets of samples are joined.
  public let weight: Double
  /// Number of samples.
  public let samples: Int

  /// Joins the parts.
  package init(
    loss: Double, decay: Double = 0, metric: Metric?, score: Double, correct: Int = 0, rows: Int,
    weight: Double? = nil, samples: Int
  ) {
    self.loss = loss
    self.decay = decay
    self.metric = metric
    self.score = loss.isFinite ? score : .nan
    self.correct = correct
    self.rows = rows
    self.weight = weight ?? Double(rows)
    self.samples = samples
  }

  /// The metric's value where it is a number; files hold no others.
  public var finiteScore: Double? { score.isFinite ? score : nil }

  /// The metric as text, like `776 of 846 right (91.73 %)`; nil without one.
  ///
  /// Perplexity is `exp` of the mean loss, and RMSE the square root of it, both without weight decay.
  public var text: String? {
    guard let metric else { return nil }
    let mean = loss - decay
    let percent = String(format: "%.2f %%", 100 * score)
    switch metric {
    case .accuracy: return "\(correct) of \(rows) right (\(percent))"
    case .tokenAccuracy:
      return "\(correct) of \(rows) tokens right (\(percent)), perplexity "
        + String(format: "%.4g", exp(mean))
    case .r2:
      return "RMSE " + String(format: "%.4g", mean.squareRoot()) + ", R2 "
        + (score.isNaN ? "undefined" : String(format: "%.4f", score))
    }
  }
}
