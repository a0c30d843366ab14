import Analyses
import Foundation
import LossSurfaces

/// The topology of a surface in words.
enum TopologyText {
  /// Features that are listed.
  private static let most = 5

  static func lines(_ title: String, _ topology: TopologySummary) -> [String] {
    var lines = [title]
    if let centre = topology.centre {
      let isEdge = centre.exit == .edge
      lines.append(
        "  centre's basin   from \(place(centre.minimum)) up to \(fourDigits(centre.pass)), where it is left "
          + (isEdge ? "over the edge of the plane" : "to a lower basin"))
      lines.append(
        "                   depth \(fourDigits(centre.depth)), width \(fourDigits(centre.width))"
          + (isEdge ? ", both at least" : ""))
    }
    lines += list("basins", topology.basins, topology)
    lines += list("summits", topology.summits, topology)
    if topology.nonFinitePoints > 0 {
      lines.append("  not finite       \(topology.nonFinitePoints) points, which belong to nothing")
    }
    if topology.resolution == nil {
      lines.append(
        "  warning: which of these the grid makes is not known: it takes at least 5 points on both "
          + "sides, all finite")
    }
    return lines
  }

  private static func list(
    _ name: String, _ features: [TopologySummary.Feature], _ topology: TopologySummary
  ) -> [String] {
    let label = name.padding(toLength: 17, withPad: " ", startingAt: 0)
    var head = "  \(label)\(features.count)"
    if !features.isEmpty, let resolution = topology.resolution,
      let resolved = topology.resolved(features)
    {
      head +=
        ", \(resolved) of persistence above \(fourDigits(resolution.threshold)), which every second "
        + "point shows too"
    }
    var lines = [head]
    for feature in features.prefix(most) {
      let end =
        feature.saddle.map {
          "ends at \(place($0)), persistence \(fourDigits(feature.persistence ?? 0))"
        } ?? "the lowest"
      lines.append("                   \(place(feature.extremum)), \(end)")
    }
    if features.count > most {
      lines.append("                   and \(features.count - most) more")
    }
    return lines
  }

  private static func place(_ place: TopologySummary.Place) -> String {
    "\(fourDigits(place.loss)) at (\(fourDigits(place.x)), \(fourDigits(place.y)))"
  }
}
