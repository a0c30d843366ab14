import Analyses
import AnalysisFigures
import ArgumentParser
import Artifacts
import CommandSupport
import Foundation
import Training

/// `trainer curves`.
struct Curves: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Draw loss and metric over the epochs of one or several trainings.",
    discussion: """
      Reads history.json of each folder and needs neither model nor data; a training that is still \
      running can be drawn too.
      """)

  @Argument(help: "Folders that trainer train wrote; . is the current one.")
  var runs: [String] = ["."]

  @OptionGroup(title: "Figures") var names: LabelOptions
  @OptionGroup(title: "Figures") var figures: FigureFileOptions
  @OptionGroup(title: "Output") var folder: CurveFolderOptions

  struct LabelOptions: ParsableArguments {
    @Option(
      parsing: .upToNextOption, help: "Name of each run in the legend; default: its folder.")
    var labels: [String] = []
  }

  struct CurveFolderOptions: ParsableArguments {
    @Option(name: .shortAndLong, help: "Folder for figure and table; default: the first run's.")
    var output: String?

    @Flag(help: "Print the summary as JSON and nothing else on stdout.")
    var json = false
  }

  func validate() throws {
    guard names.labels.isEmpty || names.labels.count == runs.count else {
      throw ValidationError("--labels has \(names.labels.count) names for \(runs.count) runs.")
    }
    guard Set(names.labels).count == names.labels.count else {
      throw ValidationError("--labels gives two runs the same name.")
    }
  }

  func run() throws {
    try runCommand {
      let labels = names.labels.isEmpty ? Self.labels(of: runs) : names.labels
      let curves = try zip(runs, labels).map { try TrainingCurve(folder: $0, label: $1) }
      let folder = try RunFolder(folder.output ?? runs[0])
      let table = folder.file("curves.csv")
      try TrainingCurve.table(curves).write(to: table)
      let paths = try figures.files.write(
        CurvesFigure(curves).figure, "curves", sources: curves.map(\.label), to: folder)
      try printResult(
        curves.map(\.summary), text: curves.map(TrainingText.line), paths: paths + [table],
        asJSON: self.folder.json)
    }
  }

  /// The folders' own names, or their whole paths where two are the same.
  static func labels(of runs: [String]) -> [String] {
    let names = runs.map { URL(filePath: $0).standardizedFileURL.lastPathComponent }
    guard Set(names).count < names.count else { return names }
    return Set(runs).count == runs.count ? runs : runs.enumerated().map { "\($1) (\($0 + 1))" }
  }
}
