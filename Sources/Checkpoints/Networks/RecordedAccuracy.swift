/// An accuracy that the training program wrote into a checkpoint.
package struct RecordedAccuracy: Sendable, Hashable {
  /// The name under which it stands, like `best_prec1`.
  package let key: String
  /// The share of right answers in percent.
  package let percent: Double

  /// Joins the parts.
  package init(key: String, percent: Double) {
    self.key = key
    self.percent = percent
  }

  private static let words: Set<String> = [
    "acc", "acc1", "accuracy", "prec1", "top1", "accs", "precision1",
  ]
  /// Words of what is no share of right answers on other data than those of the training.
  private static let others: Set<String> = [
    "train", "training", "tr", "acc5", "prec5", "top5", "loss", "err", "error", "epoch", "target",
    "goal", "threshold", "min", "history", "patience", "adv", "robust", "accumulate", "every",
  ]

  /// Looks for it among the notes of a checkpoint.
  ///
  /// That of the test data goes before that of the validation, and both before others; a number up to 1 is
  /// a fraction.
  init?(scalars: [String: Double], texts: [String: String]) {
    var numbers = scalars
    for (name, text) in texts where numbers[name] == nil {
      numbers[name] = Double(text.hasSuffix("%") ? String(text.dropLast()) : text)
    }
    let candidates = numbers.compactMap {
      name, value -> (rank: Int, name: String, value: Double)? in
      guard let rank = Self.rank(name), value > 0, value <= 100 else { return nil }
      return (rank, name, value)
    }
    guard let best = candidates.min(by: { ($0.rank, $0.name) < ($1.rank, $1.name) }) else {
      return nil
    }
    key = best.name
    percent = best.value > 1 ? best.value : 100 * best.value
  }

  /// How likely a name is that of the accuracy on held-out data, 0 the likeliest; nil for other names.
  private static func rank(_ name: String) -> Int? {
    let found = Checkpoints.words(in: name)
    guard found.contains(where: words.contains) || hasPair(found) else { return nil }
    guard !found.contains(where: others.contains) else { return nil }
    let order: [Set<String>] = [["test", "eval"], ["val", "valid", "validation"], ["best"]]
    return order.firstIndex { !$0.isDisjoint(with: found) } ?? order.count
  }

  /// `acc@1` and `top_1` are two words.
  private static func hasPair(_ found: [String]) -> Bool {
    zip(found, found.dropFirst()).contains { ["prec", "top"].contains($0) && $1 == "1" }
  }
}
