import Analyses
import AnalysisFigures
import ArgumentParser
import CommandSupport
import Communication

/// `landscape sharpness`.
struct Sharpness: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Measure how much the loss rises in balls around the weights.",
    discussion: """
      max-l2 and max-linf: the maximum of the loss over a ball of radius rho, minus the loss at the weights, \
      as SAM sees it; avg-sphere, avg-l2 and avg-linf: the mean over the sphere, over normal noise of standard \
      deviation rho, and over the cube. A maximum is looked for by projected gradient ascent with momentum (APGD), \
      once from the weights and then from random points; the best found is a lower bound of it. Beside it stands \
      rho ||g||, the rise to first order.

      --adaptive measures perturbations in units of each weight's magnitude. --m M is m-sharpness: every batch \
      of M samples has the maximum of its own, and the mean is taken; --subsets N does the same with N parts. \
      Both come with the standard error over the parts. --split test measures on test data, --split train,test on both.

      \(SharpnessSummary.meaning)
      """)

  @Argument(help: "Checkpoints: PyTorch, safetensors, or written by trainer.")
  var models: [String] = ["model.ckpt"]

  @OptionGroup(title: "Sharpness") var sharpness: SharpnessOptions
  @OptionGroup(title: "Model and data") var model: ModelOptions
  @OptionGroup(title: "Engine") var engine: EngineOptions
  @OptionGroup(title: "Figure") var figure: FigureFileOptions
  @OptionGroup(title: "Output") var output: OutputOptions
  @OptionGroup(title: "Pipelines") var pipeline: PipelineOptions<SharpnessSummary>

  func validate() throws {
    try pipeline.check(sharpness.configuration.checkGives)
  }

  func run() throws {
    try runCommand { ranks in
      let opened = try OpenedModels(
        models, options: model, output: output, folderNamed: "sharpness",
        ranks: ranks, takesParts: true)
      try pipeline.prepare(opened.models)
      let context = try RunContext(engine, isQuiet: output.quiet, ranks: ranks)
      var paths: [String] = []
      let summaries = try opened.map { model, folder in
        let summary = try model.sharpness(sharpness.configuration, in: folder, context: context)
        paths.append(folder.file("summary.json"))
        return summary
      }
      try ranks.endOthers()
      let drawn = try figure.files.write(sharpness: summaries, to: opened.folder())
      try pipeline.finish(
        zip(opened.models, summaries).map { MeasuredRun($0, $1) }, figures: drawn
      ) { logs in
        try printResult(
          summaries, text: SharpnessText.lines(summaries), paths: paths + drawn + logs,
          asJSON: output.json)
      }
    }
  }
}
