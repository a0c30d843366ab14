internal import LossSurfaces

extension ProfilesSummary {
  /// What was evaluated, and how wide it is, for the caption of a figure.
  package func caption() -> String {
    "\(setting) \(width.text)"
  }

  /// What was evaluated, without what it gave.
  package var setting: String {
    SurfaceCaption(
      loss: loss, provenance: provenance, directions: directions,
      randomDirections: "\(pairs == 1 ? "1 pair" : "\(pairs) pairs") of random directions"
    ).sentence
  }
}

extension WidthSpread {
  /// The width with its spread, as far as it is known, in a sentence.
  package var text: String {
    let what = "Width at loss + \(fourDigits(rise))"
    if let estimate {
      return "\(what): \(fourDigits(estimate.mean)) ± \(errorText(estimate.standardError)) "
        + "(standard error over \(widths.count) directions)."
    }
    guard reached < widths.count else { return "\(what): \(text(of: median))." }
    return "\(what): median \(text(of: median)); "
      + "\(widths.count - reached) of \(widths.count) profiles do not reach that level."
  }

  /// A quantile, or its bound.
  package func text(of quartile: Quartile) -> String {
    (quartile.isKnown ? "" : "at least ") + fourDigits(quartile.value)
  }
}
