import Analyses
import ArgumentParser
import CommandSupport

/// `landscape render`.
struct Render: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Draw finished runs again; needs neither model nor data.",
    discussion: "Several surfaces are drawn side by side on one colour scale.")

  @Argument(help: "Folders that plot, grid, line or trajectory wrote.")
  var runs: [String]

  @Option(name: .shortAndLong, help: "Folder for the figures; default: the first run's.")
  var output: String?

  @OptionGroup(title: "Figures") var figures: FigureOptions

  func run() throws {
    try runCommand {
      let profiles = try runs.compactMap { try FinishedProfiles(folder: $0) }
      guard profiles.isEmpty || profiles.count == runs.count else {
        throw UsageError(description: "profiles and other runs cannot be drawn together")
      }
      if !profiles.isEmpty {
        let folder = try RunFolder(output ?? runs[0])
        for path in try figures.write(profiles: profiles, to: folder) { print(path) }
        return
      }
      let finished = try runs.map { try FinishedSurface(folder: $0) }
      let kinds = Set(finished.map(\.summary.kind))
      guard kinds.count == 1, let kind = kinds.first else {
        throw UsageError(description: "lines and surfaces cannot be drawn together")
      }
      let folder = try RunFolder(output ?? runs[0])
      let trajectory = runs.count == 1 ? try FinishedTrajectory(folder: runs[0]) : nil
      let paths =
        if let trajectory {
          try figures.write(trajectory: trajectory, to: folder)
        } else if kind == "line" {
          try figures.write(lines: finished, to: folder)
        } else {
          try figures.write(parts: finished, to: folder)
        }
      for path in paths { print(path) }
    }
  }
}
