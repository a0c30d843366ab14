internal import FileFormats
internal import Foundation
package import LossSurfaces
internal import Objectives

/// A surface or line with the words that a figure puts beside it, whatever made it.
package struct DescribedSurface: Sendable {
  /// The values.
  package let surface: LossSurface
  /// Whether it is a line.
  package let isLine: Bool
  /// Name for titles and legends.
  package let title: String
  /// What was evaluated.
  package let caption: String
  /// Loss and metric at the weights; nil where the grid does not have them.
  package let center: String?
  /// What it was made from, with its digest.
  package let source: String?
  /// Whether the ends of a line are networks.
  package let isBetweenModels: Bool
}

extension FinishedSurface {
  /// The surface with the words of its summary.
  package var described: DescribedSurface {
    DescribedSurface(
      surface: surface, isLine: summary.kind == "line", title: summary.title,
      caption: summary.caption(), center: summary.text(of: summary.center),
      source: summary.provenance.figureSource,
      isBetweenModels: summary.directions.cosine == nil && summary.directions.source != "random")
  }
}

extension LossLandscapeFile {
  /// Reads a file of loss-landscape for figures, one surface or line for each split that it holds.
  ///
  /// - Throws: As `init(path:)`.
  package static func described(path: String) throws -> [DescribedSurface] {
    let file = try LossLandscapeFile(path: path)
    let name = URL(filePath: path).lastPathComponent
    let digest = SHA256.hexDigest(of: try FileBytes.read(path))
    return file.parts.map { part in
      let center = part.surface.point(atX: 0, y: 0)
      var caption = "\(name), \(part.split)"
      if let directions = file.directions {
        caption += "; directions \(URL(filePath: directions).lastPathComponent)"
      }
      caption += "; samples, normalisation and batch norm are not in the file."
      if let center { caption += " At the centre: \(center)." }
      if part.missing > 0 {
        caption += " \(part.missing) of \(part.surface.loss.count) points were not evaluated."
      }
      let nonFinite = part.surface.nonFiniteCount - part.missing
      if nonFinite > 0 { caption += " \(nonFinite) points are not finite." }
      return DescribedSurface(
        surface: part.surface, isLine: file.isLine,
        title: "\(name.replacingOccurrences(of: ".h5", with: "")), \(part.split)", caption: caption,
        center: center, source: "\(name) sha256:\(digest)", isBetweenModels: false)
    }
  }
}

extension LossSurface {
  /// Loss and metric at a point of the grid; nil where it has no such point or no finite loss there.
  func point(atX x: Double, y: Double) -> String? {
    // Axes like numpy's linspace(-1, 1, 51) miss 0 by rounding.
    func index(_ list: [Double], _ value: Double) -> Int? {
      let span = (list.max() ?? 0) - (list.min() ?? 0)
      return list.firstIndex { abs($0 - value) <= 1e-12 * span }
    }
    guard let column = index(xs, x), let row = index(ys, y) else { return nil }
    let place = row * xs.count + column
    guard loss[place].isFinite else { return nil }
    let score = score[place].isFinite ? score[place] : nil
    return "loss \(fourDigits(loss[place]))"
      + (metric.flatMap { metric in score.map { ", " + metric.text($0) } } ?? "")
  }
}
