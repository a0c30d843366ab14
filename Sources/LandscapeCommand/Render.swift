import ArgumentParser
import Artifacts
import CommandSupport
import Foundation
import LossSurfaces

/// `landscape render`.
struct Render: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Draw finished runs again; needs neither model nor data.",
    discussion: "Several surfaces are drawn side by side on one colour scale.")

  @Argument(help: "Folders that plot, grid or line wrote.")
  var runs: [String]

  @Option(name: .shortAndLong, help: "Folder for the figures; default: the first run's.")
  var output: String?

  @OptionGroup(title: "Figures") var figures: FigureOptions

  func run() throws {
    try runCommand {
      var surfaces: [(summary: SurfaceSummary, surface: LossSurface)] = []
      for path in runs {
        try requireFinished(path)
        let summary = try JSON.read(SurfaceSummary.self, from: path + "/summary.json")
        let name = summary.kind == "line" ? "line.npz" : "surface.npz"
        surfaces.append((summary, try LossSurface(path: path + "/" + name)))
      }
      let kinds = Set(surfaces.map(\.summary.kind))
      guard kinds.count == 1, let kind = kinds.first else {
        throw UsageError(description: "lines and surfaces cannot be drawn together")
      }
      let folder = try RunFolder(output ?? runs[0])
      let paths =
        kind == "line"
        ? try LineFigure(runs: surfaces, options: figures).write(to: folder)
        : try SurfaceFigures(runs: surfaces, options: figures).write(to: folder)
      for path in paths { print(path) }
    }
  }

  /// A grid that was interrupted has points but no summary yet.
  private func requireFinished(_ folder: String) throws {
    let manager = FileManager.default
    guard !manager.fileExists(atPath: folder + "/summary.json"),
      let points = try? String(contentsOfFile: folder + "/points.journal", encoding: .utf8)
    else { return }
    // One line for the configuration.
    let count = max(points.split(separator: "\n").count - 1, 0)
    throw UsageError(
      description: "\(folder): is unfinished, with \(count) points; give the command that made it "
        + "again, which continues it")
  }
}
