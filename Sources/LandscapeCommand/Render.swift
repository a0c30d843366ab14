import Analyses
import AnalysisFigures
import ArgumentParser
import CommandSupport
import Foundation
import LossSurfaces

/// `landscape render`.
struct Render: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Draw finished runs again, or files of loss-landscape; needs neither model nor data.",
    discussion: """
      Several surfaces are drawn side by side on one colour scale. An .h5 file that loss-landscape \
      (Li et al. 2018) wrote is drawn as it stands, train and test where it has both; points that it \
      has not evaluated (-1) are marked like those that are not finite.
      """)

  @Argument(
    help:
      "Folders that plot, line, trajectory, curvature, sharpness or connect wrote, or .h5 files of loss-landscape."
  )
  var runs: [String]

  @Option(
    name: .shortAndLong,
    help: "Folder for the figures; default: the first run's, or one beside an .h5 file.")
  var output: String?

  @OptionGroup(title: "Figures") var figures: FigureOptions

  func run() throws {
    try runCommand {
      let folder = { try RunFolder(output ?? defaultFolder) }
      let paths: [String]
      if runs.contains(where: isFile) {
        let described = try runs.flatMap { path in
          isFile(path)
            ? try LossLandscapeFile.described(path: path)
            : [try FinishedSurface(folder: path).described]
        }
        try checkKinds(described.map(\.isLine))
        paths =
          described[0].isLine
          ? try figures.write(lines: described, to: folder())
          : try figures.write(surfaces: described, to: folder())
      } else {
        paths = try figures.files.write(
          runs.map { ($0, try FinishedRun(folder: $0)) }, drawing: figures.drawing, to: folder)
      }
      for path in paths { print(path) }
    }
  }

  private func checkKinds(_ areLines: [Bool]) throws {
    guard Set(areLines).count == 1 else {
      throw UsageError(description: "lines and surfaces cannot be drawn together")
    }
  }

  /// Where figures go by default: beside a file, into a folder of its name.
  private var defaultFolder: String {
    let path = runs[0]
    guard isFile(path) else { return path }
    return path.hasSuffix(".h5") ? String(path.dropLast(3)) : path + "-figures"
  }

  private func isFile(_ path: String) -> Bool {
    let target = URL(filePath: path).resolvingSymlinksInPath().path
    let type = try? FileManager.default.attributesOfItem(atPath: target)[.type]
    return type as? FileAttributeType == .typeRegular
  }
}
