import Analyses
import AnalysisFigures
public import ArgumentParser
import Artifacts
import CommandSupport
import Datasets
import Foundation
import Training

extension CurveShape: ExpressibleByArgument {}

/// `landscape connect`.
struct Connect: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Find a curve of low loss between two networks.",
    discussion: """
      The straight line between two trainings usually crosses high loss; a curve with one trained bend often \
      does not (Garipov et al. 2018). The curve is trained on the samples that are opened, with the \
      statistics of each batch for batch norms; the loss along curve and line is then taken with statistics \
      re-estimated at every place, on these samples and, where the data have a test split, on that. A \
      barrier is the rise above the straight line between the losses of both ends; its error is the \
      standard error over ten disjoint parts of the samples. The place of the maximum is chosen on the \
      same samples, so that a barrier near its error is none.
      """)

  @Argument(help: "Checkpoint at 0.")
  var first: String

  @Argument(help: "Checkpoint at 1.")
  var second: String

  @OptionGroup(title: "Curve") var curve: CurveOptions
  @OptionGroup(title: "Model and data") var model: ModelOptions
  @OptionGroup(title: "Engine") var engine: EngineOptions
  @OptionGroup(title: "Figure") var figures: FigureFileOptions
  @OptionGroup(title: "Output") var output: OutputOptions

  func run() throws {
    try runCommand {
      let opened = try OpenedModels(
        [first, second], options: model, output: output, folderNamed: "connection")
      let folder = try opened.folder()
      let summary = try opened.models[0].connection(
        to: opened.models[1], testing: try testing(), curve.configuration, in: folder,
        context: RunContext(engine, isQuiet: output.quiet))
      let paths = try figures.files.write(connection: summary, to: folder)
      try printResult(
        summary, text: ConnectionText.lines(summary),
        paths: ["summary.json", "curve.safetensors"].map(folder.file) + paths,
        asJSON: output.json)
    }
  }

  /// The first network on the test split, where there is one and another one was opened.
  private func testing() throws -> OpenedModel? {
    var options = model
    guard options.split != .test else { return nil }
    options.split = .test
    options.samples = nil
    do {
      return try OpenedModel(path: first, options: options, isQuiet: true)
    } catch let error as DatasetError where error.reason == .noSuchSplit {
      return nil
    }
  }
}

/// How the curve is made.
struct CurveOptions: ParsableArguments {
  private static let defaults = ConnectionConfiguration()

  @Option(help: "Shape of the curve: bezier, or polygon (straight pieces).")
  var curve = Self.defaults.curve.shape

  @Option(help: "Control points between the networks.")
  var bends = Self.defaults.curve.bends

  @Option(help: "Passes over the samples to train the bends.")
  var epochs = Self.defaults.curve.epochs

  @Option(help: "Samples of a step.")
  var batchSize = Self.defaults.curve.batchSize

  @Option(help: "Learning rate at the start; it falls to 0 as half a cosine.")
  var learningRate = Self.defaults.curve.learningRate

  @Option(help: "Share of the velocity that a step keeps.")
  var momentum = Self.defaults.curve.momentum

  @Option(help: "Weight decay of the points of the curve.")
  var weightDecay = Self.defaults.curve.weightDecay

  @Option(help: "Seed of the order of samples and of the places on the curve.")
  var seed = Self.defaults.curve.seed

  @Option(help: "Places on curve and line where the loss is taken, ends included.")
  var points = Self.defaults.points

  func validate() throws {
    do {
      try checkOptions { try configuration.validate() }
    } catch let error as TrainingError {
      throw ValidationError("\(error).")
    }
  }

  /// The configuration.
  var configuration: ConnectionConfiguration {
    var result = Self.defaults
    result.curve.shape = curve
    result.curve.bends = bends
    result.curve.epochs = epochs
    result.curve.batchSize = batchSize
    result.curve.learningRate = learningRate
    result.curve.momentum = momentum
    result.curve.weightDecay = weightDecay
    result.curve.seed = seed
    result.points = points
    return result
  }
}

/// What `landscape connect` prints.
enum ConnectionText {
  /// A line for each split and path.
  static func lines(_ summary: ConnectionSummary) -> [String] {
    summary.profiles.flatMap { profile in
      [
        (summary.settings.shape.name, profile.curve, profile.curveBarrier),
        ("line", profile.line, profile.lineBarrier),
      ].map { name, places, barrier in
        let highest = places.compactMap(\.loss).max() ?? .nan
        return
          "\(profile.split), \(name): highest loss \(String(format: "%.4g", highest)), barrier "
          + ConnectionFigure.text(barrier)
          + (barrier.flatMap { $0.height > 0 ? " at \(String(format: "%.3g", $0.t))" : nil } ?? "")
      }
    } + [
      "distance of the networks \(String(format: "%.4g", summary.distance)), length of the curve "
        + String(format: "%.4g", summary.length)
    ]
  }
}
