import ArgumentParser
internal import AnalysisFigures
import CommandSupport

/// `landscape plot`.
struct Plot: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Evaluate the loss on a plane through the weights and draw it.",
    discussion: """
      Several networks are drawn side by side on one colour scale, with the same random numbers behind their \
      directions. With --split train,test each is evaluated on both parts along the same axes, and the gap \
      between them is drawn and printed.
      """)

  @OptionGroup var arguments: SurfaceArguments
  @OptionGroup(title: "Figures") var figures: FigureOptions

  func run() throws {
    try runCommand { ranks in
      let (opened, runs) = try arguments.run(on: ranks)
      try arguments.report(
        runs, of: opened,
        figures: figures.files.write(
          surfaces: runs, drawing: figures.drawing, to: opened.folder()))
    }
  }
}

/// `landscape grid`.
struct Grid: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Evaluate the loss on a plane through the weights; render draws it later.")

  @OptionGroup var arguments: SurfaceArguments

  func run() throws {
    try runCommand { ranks in
      let (opened, runs) = try arguments.run(on: ranks)
      try arguments.report(runs, of: opened, figures: [])
    }
  }
}
