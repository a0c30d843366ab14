import Analyses
import AnalysisFigures
import ArgumentParser
import Artifacts
import CommandSupport
import LossSurfaces

/// `landscape topology`.
struct Topology: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Basins and summits of finished surfaces, by persistence.",
    discussion: """
      A basin begins at a local minimum and ends at the saddle where it meets a lower one; its \
      persistence is the difference of both losses. A summit is the same from above. The \
      basin of the centre is left at its lowest saddle or over the edge of the plane: its depth and \
      width are up to there. What is less persistent than twice the change of the surface on every \
      second point may be the grid's own.

      Needs neither model nor data: give the folders that plot, grid or line wrote. A plane through the weights \
      shows two of their many dimensions: two basins here can be one in all of them.
      """)

  @Argument(help: "Folders that plot, grid or line wrote.")
  var runs: [String]

  @Option(
    name: .shortAndLong, help: "Folder for topology.json and the figure; default: each run's own.")
  var output: String?

  @OptionGroup(title: "Figure") var figure: FigureFileOptions

  @Flag(help: "Print the numbers as JSON.") var json = false

  func validate() throws {
    guard output == nil || runs.count == 1 else {
      throw ValidationError("--output takes one run; several write into their own folders.")
    }
  }

  func run() throws {
    try runCommand {
      let finished = try runs.map { try FinishedSurface(folder: $0) }
      var paths: [String] = []
      var summaries: [TopologySummary] = []
      for (run, path) in zip(finished, runs) {
        let topology = TopologySummary(of: run.surface)
        let folder = try RunFolder(output ?? path)
        try JSON.write(topology, to: folder.file("topology.json"))
        paths.append(folder.file("topology.json"))
        paths += try figure.files.write(
          TopologyFigure(run, topology).figure, "topology",
          sources: [run.summary.provenance.figureSource].compactMap { $0 }, to: folder)
        summaries.append(topology)
      }
      try printResult(
        summaries,
        text: zip(finished, summaries).flatMap { TopologyText.lines($0.summary.title, $1) },
        paths: paths, asJSON: json)
    }
  }
}
