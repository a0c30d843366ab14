public import ArgumentParser
import Training

/// Where the files of a training go.
struct FolderOptions: ParsableArguments {
  @Option(name: .shortAndLong, help: "Folder for the results; . is the current one.")
  var output = "."

  @Flag(help: "Replace what an earlier run left in the folder.")
  var restart = false
}

/// How results are reported.
struct ReportOptions: ParsableArguments {
  @Flag(help: "Print the summary as JSON and nothing else on stdout.")
  var json = false

  @Flag(name: .shortAndLong, help: "No progress and no remarks on stderr; warnings stay.")
  var quiet = false
}

extension KeptEpochs: ExpressibleByArgument {
  /// Parses `every=N`.
  package init?(argument: String) { self.init(parsing: argument) }
}

/// Which epochs leave checkpoints.
struct KeepOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Leaves the network of every N-th epoch in the folder epochs, with that before the first step and the "
        + "last: 4 bytes for each parameter and running statistic, and a file; resnet20: 1.1 MB, resnet18: "
        + "45 MB.", valueName: "every=N"))
  var keep: KeptEpochs?
}
