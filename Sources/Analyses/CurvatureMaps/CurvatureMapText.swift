internal import LossSurfaces

extension CurvatureMapSummary {
  /// What a map of the ratio can say, and what it cannot.
  package static let meaning =
    "A ratio near 0 means that no direction of all the weights curves down nearly as strongly as one curves "
    + "up: the loss is nearly convex at that point. A plane that looks convex says nothing of the kind, since it "
    + "is a slice. The map holds at its points only, for these samples, and is no measure of how well the "
    + "network generalises."

  /// What was evaluated, and how exactly, for the caption of a figure.
  package func caption() -> String {
    let settings = SurfaceCaption(
      loss: source.lossFunction, provenance: source.provenance, directions: directions
    ).sentence
    return settings + " " + exactness
  }

  /// How exactly the ends are known, in a sentence or two.
  package var exactness: String {
    let points = x.count * y.count - nonFinitePoints
    var text = "Lanczos from the neighbour's vectors, residual tolerance \(configuration.tolerance)"
    let unconverged = max(unconvergedLargest, unconvergedSmallest)
    text +=
      unconverged == 0
      ? ", reached at all points."
      : "; not reached by λmax at \(unconvergedLargest) and by λmin at \(unconvergedSmallest) of "
        + "\(points) points (crosses)."
    if let missed = checks.map(\.missed).max() {
      text +=
        missed <= configuration.tolerance
        ? " Random starts at the corners find the same ends."
        : " Random starts at the corners find ends up to \(fourDigits(100 * missed)) % further out."
    }
    if nonFinitePoints > 0 { text += " \(nonFinitePoints) points are not finite." }
    return text
  }
}
