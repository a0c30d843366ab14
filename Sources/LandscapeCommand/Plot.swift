import ArgumentParser
import CommandSupport

/// `landscape plot`.
struct Plot: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Evaluate the loss on a plane through the weights and draw it.")

  @OptionGroup var arguments: SurfaceArguments
  @OptionGroup(title: "Figures") var figures: FigureOptions

  func run() throws {
    try runCommand {
      let (folder, runs) = try arguments.run()
      try arguments.report(
        runs, in: folder, figures: figures.write(surfaces: runs, to: folder))
    }
  }
}

/// `landscape grid`.
struct Grid: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Evaluate the loss on a plane through the weights; render draws it later.")

  @OptionGroup var arguments: SurfaceArguments

  func run() throws {
    try runCommand {
      let (folder, runs) = try arguments.run()
      try arguments.report(runs, in: folder, figures: [])
    }
  }
}
