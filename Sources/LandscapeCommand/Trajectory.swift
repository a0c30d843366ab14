import Analyses
import AnalysisFigures
public import ArgumentParser
import CommandSupport
import Communication

extension CheckpointOrder: ExpressibleByArgument {}

/// `landscape trajectory`.
struct Trajectory: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract:
      "Draw the paths that trainings took, over the loss in the plane of their principal components.",
    discussion: """
      landscape trajectory runs/sgd runs/sam takes what trainer train --keep every=1 left in these \
      folders. Files that lie in one folder are one path, in the order of the numbers in their names; \
      several folders give several paths in one plane. The plane goes through the last checkpoint \
      of the first path, along the first two principal components of all checkpoints; coordinates \
      are distances in the space of weights.

      A path seen in a plane is not the path: how far each checkpoint is from the plane is recorded, and \
      its loss beside that at its projection. A random walk looks low-dimensional too: the share of \
      the variance that its components have stands beside that of each path, for walks with \
      as many steps of the same lengths.

      Batch norms with the running statistics of the centre (the default, as in plot) make another \
      network of weights that are far away; --batch-norm recalibrated estimates them at every point.
      """)

  @Argument(
    help:
      "Folders of trainer train --keep or of checkpoints, or files: PyTorch, safetensors, folders of transformers."
  )
  var checkpoints: [String]

  @Option(
    help:
      "A graph (.pt2, .onnx) or TorchScript file that the checkpoints are weights of, by their names."
  )
  var graph: String?

  @Option(
    help: "Order of files: auto (numbers where names differ in nothing else), given or numbers.")
  var order = CheckpointOrder.automatic

  @Flag(help: "All checkpoints are one path, wherever they lie.")
  var onePath = false

  @OptionGroup(title: "Model and data") var model: ModelOptions
  @OptionGroup(title: "Surface") var surface: TrajectoryOptions
  @OptionGroup(title: "Engine") var engine: EngineOptions
  @OptionGroup(title: "Figures") var figures: FigureOptions
  @OptionGroup(title: "Output") var output: OutputOptions

  func run() throws {
    try runCommand { ranks in
      let series = try CheckpointSeries.find(checkpoints, order: order, areOne: onePath)
      if !output.quiet { for one in series { note(TrajectoryText.order(of: one)) } }
      let opened = try OpenedTrajectory(
        series, graph: graph, model.configuration(for: model.split.onlyPart), ranks: ranks,
        report: TerminalReporter(isQuiet: output.quiet).show)
      let folder = try RunFolder(
        output.output ?? "trajectory-" + series.map(\.name).prefix(4).joined(separator: "-"))
      let trajectory = try opened.centre.trajectory(
        of: opened.paths, surface.configuration, in: folder,
        context: RunContext(engine, isQuiet: output.quiet, ranks: ranks))
      try ranks.endOthers()
      let paths = try figures.files.write(
        trajectory: trajectory, drawing: figures.drawing, to: folder)
      try printResult(
        trajectory.summary, text: TrajectoryText.lines(trajectory.summary),
        paths: [folder.file("trajectory.json"), folder.file("trajectory.npz")]
          + SurfaceText.paths(trajectory.surface, in: folder) + paths,
        asJSON: output.json)
    }
  }
}
