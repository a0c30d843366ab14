package import Analyses
package import ArgumentParser
internal import Artifacts
internal import ExperimentLogs
internal import FileFormats
internal import Foundation

/// What a pipeline does with the numbers of a command: checks them, and passes them on to other programs.
///
/// The names of the numbers are those of `Result`, so that a misspelt one is found before any work.
package struct PipelineOptions<Result: MeasuredResult>: ParsableArguments {
  /// Conditions under which the command fails.
  @Option(
    name: .customLong("fail-if"),
    help: ArgumentHelp(
      "Ends with exit code \(PipelineFailure.exitCode) where a number of the result, like "
        + "'\(Self.example) > 1', makes the condition true or its error leaves that open; may be given several "
        + "times. Numbers: \(Result.numberNames).", valueName: "condition"),
    transform: Self.condition)
  package var conditions: [NumberCondition] = []

  /// Folder of event files.
  @Option(
    help: "Writes numbers and PNG figures into an event file of TensorBoard in this folder.",
    completion: .directory)
  package var tensorboard: String?

  /// Place on TensorBoard's horizontal axis.
  @Option(help: "Step in TensorBoard; default: the epoch that the checkpoint states.")
  package var step: Int?

  /// File of numbers.
  @Option(
    help: "Writes the numbers as one flat JSON object of names and values to this file.",
    completion: .file(extensions: ["json"]))
  package var metrics: String?

  /// Creates the options with their defaults.
  package init() {}

  private static func condition(_ text: String) throws -> NumberCondition {
    do {
      return try NumberCondition(parsing: text, of: Result.self)
    } catch {
      throw ValidationError(commandText(error))
    }
  }

  private static var example: String {
    Result.numberName("lambda1") != nil
      ? "lambda1" : Result.numberName("loss") != nil ? "loss" : "trace"
  }

  /// Checks what needs no files.
  package func validate() throws {
    if let step {
      guard tensorboard != nil else {
        throw ValidationError("--step \(step) is for --tensorboard; give that too.")
      }
      guard step >= 0 else { throw ValidationError("--step \(step) is below 0.") }
    }
  }

  /// Checks, before any work, that a run has the numbers of the conditions.
  ///
  /// - Parameter giving: Throws for a number that the other options leave out.
  /// - Throws: `ValidationError` with what it throws.
  package func check(_ giving: (NumberName) throws(AnalysisError) -> Void) throws {
    try checkOptions { for condition in conditions { try giving(condition.name) } }
  }

  /// Checks, before any work, that what the networks give can be told apart.
  ///
  /// - Parameter models: The networks, one of them several times where several parts of the data are asked for.
  /// - Throws: `UsageError` for a network that does not state its epoch, and for two at one step.
  package func prepare(_ models: [OpenedModel]) throws {
    var paths: [Int: String] = [:]
    let count = Set(models.map(\.path)).count
    guard metrics == nil || count < 2 else {
      throw UsageError(
        description: "--metrics is for one network, not \(count); give the command once for each")
    }
    guard tensorboard != nil else { return }
    for model in models {
      let place = try place(of: model.path, epoch: model.epoch)
      if let other = paths.updateValue(model.path, forKey: place), other != model.path {
        throw UsageError(
          description:
            "\(other) and \(model.path) would both be step \(place) in TensorBoard; give the "
            + "command once for each, with a folder of its own in --tensorboard")
      }
    }
  }

  private func place(of path: String, epoch: Int?) throws -> Int {
    guard let place = step ?? epoch else {
      throw UsageError(
        description:
          "\(path): does not state its epoch, which would be the step in TensorBoard; give "
          + "--step")
    }
    return place
  }

  /// Writes the numbers for other programs, has the result printed, and checks the conditions.
  ///
  /// - Parameters:
  ///   - runs: The results.
  ///   - course: Numbers of earlier steps, for charts alone.
  ///   - figures: Paths of figures; those that are no PNG files are left out.
  ///   - printing: Prints, with the paths of the files that were written here.
  /// - Throws: `ExitCode` where a condition holds or cannot be excluded, after everything is written and one line
  ///   on stderr; errors of files.
  package func finish(
    _ runs: [MeasuredRun<Result>], course: [(step: Int, numbers: [NamedNumber])] = [],
    figures: [String] = [], printing: (_ paths: [String]) throws -> Void
  ) throws {
    var paths: [String] = []
    if let metrics {
      // Where it cannot be made, the file cannot be written, which is said below.
      try? FileManager.default.createDirectory(
        at: URL(filePath: metrics).deletingLastPathComponent(), withIntermediateDirectories: true)
      try JSON.write(
        Dictionary(
          runs.flatMap { NumberSeries.values($0.numbers, group: Result.numberGroup) },
          uniquingKeysWith: { first, _ in first }), to: metrics)
      paths.append(metrics)
    }
    if let tensorboard {
      let steps = try runs.map {
        (step: try place(of: $0.title, epoch: $0.epoch), numbers: $0.numbers)
      }
      let entries = (course + steps).flatMap {
        NumberSeries.entries($0.numbers, group: Result.numberGroup, step: $0.step)
      }
      let last = steps.map(\.step).max() ?? 0
      let images = try figures.filter { $0.hasSuffix(".png") }.map { path in
        EventEntry(
          tag: Result.numberGroup + "/"
            + URL(filePath: path).deletingPathExtension().lastPathComponent,
          step: last, content: .image(try FileBytes.read(path)))
      }
      paths.append(try EventFile.write(entries + images, to: tensorboard))
    }
    try printing(paths)
    let results = runs.map { (title: $0.title, numbers: $0.numbers) }
    try PipelineFailure.check(conditions.compactMap { $0.objection(to: results) })
  }
}

/// A result of a command with what charts and messages say of it.
package struct MeasuredRun<Result: MeasuredResult> {
  /// What it is about, for messages.
  let title: String
  /// Epochs that the weights have seen, where that is known.
  let epoch: Int?
  /// The numbers.
  let numbers: [NamedNumber]

  /// Joins a result and what it is about.
  package init(_ result: Result, title: String, epoch: Int?) {
    self.title = title
    self.epoch = epoch
    numbers = result.numbers
  }

  /// A result of a network.
  package init(_ model: OpenedModel, _ result: Result) {
    self.init(result, title: model.path, epoch: model.epoch)
  }
}

/// The end of a command whose result a pipeline does not accept.
package enum PipelineFailure {
  /// Neither that of an error nor that of bad usage: the result is there and can be believed.
  package static let exitCode: Int32 = 3

  /// Ends the command where there is an objection.
  static func check(_ objections: [String]) throws {
    guard !objections.isEmpty else { return }
    standardError("failed: \(objections.joined(separator: "; ").onOneLine)\n")
    throw ExitCode(exitCode)
  }
}
