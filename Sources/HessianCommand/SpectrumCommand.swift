import Analyses
import AnalysisFigures
import ArgumentParser
import CommandSupport
import Communication

/// `hessian spectrum`.
struct SpectrumCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "spectrum",
    abstract: "Eigenvalues at both ends with error bounds, lambda1/lambda5, trace and density.",
    discussion: """
      Lanczos with full reorthogonalisation from a random start. The first run gives the \
      eigenvalues, one probe of the density, and most of the trace; --trace-samples products more \
      give the rest of the trace with a standard error. With --probes 0 only eigenvalues are \
      computed, and the run ends as soon as those asked for have converged.
      """)

  @Argument(help: "Checkpoints: PyTorch, safetensors, or written by trainer.")
  var models: [String] = ["model.ckpt"]

  @OptionGroup var spectrum: SpectrumOptions
  @OptionGroup(title: "Model and data") var model: ModelOptions
  @OptionGroup(title: "Curvature") var curvature: CurvatureOptions
  @OptionGroup(title: "Engine") var engine: EngineOptions
  @OptionGroup(title: "Figures") var figures: FigureFileOptions
  @OptionGroup(title: "Output") var output: OutputOptions
  @OptionGroup(title: "Pipelines") var pipeline: PipelineOptions<SpectrumSummary>

  func validate() throws {
    try pipeline.check(spectrum.configuration.checkGives)
  }

  func run() throws {
    try runCommand { ranks in
      let opened = try OpenedModels(
        models, options: model, output: output, folderNamed: "hessian",
        ranks: ranks)
      try pipeline.prepare(opened.models)
      let context = try RunContext(engine, isQuiet: output.quiet, ranks: ranks)
      let runs = try opened.map { model, folder in
        try model.spectrum(
          spectrum.configuration, of: curvature.configuration, in: folder, context: context)
      }
      try ranks.endOthers()
      let drawn = try figures.files.write(spectra: runs, to: opened.folder())
      let summaries = runs.map(\.summary)
      try pipeline.finish(
        zip(opened.models, summaries).map { MeasuredRun($0, $1) }, figures: drawn
      ) { paths in
        try printResult(
          summaries,
          text: summaries.flatMap(SpectrumText.lines) + SpectrumText.differences(summaries),
          paths: runs.flatMap(\.paths) + drawn + paths, asJSON: output.json)
      }
    }
  }
}
