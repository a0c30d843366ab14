import Analyses
import ArgumentParser
import CommandSupport

/// Loss surfaces of trained networks.
@main
struct Landscape: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "landscape",
    abstract: "Draw the loss of a trained network around its weights.",
    discussion: """
      landscape plot model.ckpt evaluates the loss at w + a x + b y for two random directions x \
      and y, normalised filter by filter (Li et al. 2018), and draws it. A checkpoint written by \
      trainer needs no further option; for one that somebody else wrote, --data and --normalize \
      say what it was trained with. An interrupted run continues when the same command is given \
      again.

      \(EngineOptions.engineDescription)
      """,
    version: Toolkit.version,
    subcommands: [
      Plot.self, Grid.self, Render.self, Line.self, Trajectory.self, Connect.self, Curvature.self,
      Sharpness.self, Topology.self, Export.self, ReportCommand.self,
    ])
}
