import Analyses
internal import AnalysisFigures
import CommandSupport
import Communication
import LossSurfaces

extension Line {
  /// What profiles are taken of; nil where there is one line.
  var profiles: ProfilesConfiguration? {
    pairs.map {
      var result = ProfilesConfiguration()
      result.pairs = $0
      result.rise = rise
      result.surface = surface.configuration
      return result
    }
  }

  /// The line of every network, to another one or along a direction.
  func lines(of opened: OpenedModels, _ context: RunContext) throws -> [FinishedSurface] {
    let target = try other.map {
      try OpenedModel(
        path: $0, options: model, ranks: context.ranks.communicator, isQuiet: output.quiet)
    }
    return try opened.map { from, folder in
      if let target {
        try from.line(
          to: target, x: x ?? .standardBetweenModels, surface.configuration, in: folder,
          context: context)
      } else {
        try from.line(
          x: x ?? .standardOfLines, surface.configuration, in: folder, context: context)
      }
    }
  }

  /// Takes, draws and prints profiles.
  func run(
    _ profiles: ProfilesConfiguration, of opened: OpenedModels, in folder: RunFolder,
    _ context: RunContext
  ) throws {
    let runs = try opened.map { model, folder in
      try model.profiles(
        x: x ?? .standardOfLines, profiles, in: folder, context: context)
    }
    try context.ranks.communicator.endOthers()
    let paths = try figures.files.write(profiles: runs, to: folder)
    let files =
      runs.count == 1
      ? [folder.file("summary.json"), folder.file(ProfilesSummary.arraysFile)] : [folder.path]
    try pipeline.finish(
      zip(opened.models, runs).map { MeasuredRun($0, .profiles($1.summary)) }, figures: paths
    ) { logs in
      try printResult(
        runs.map(\.summary), text: ProfilesLines.text(runs.map(\.summary)),
        paths: files + paths + logs, asJSON: output.json)
    }
  }
}
