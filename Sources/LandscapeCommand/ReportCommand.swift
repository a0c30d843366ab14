import Analyses
import ArgumentParser
import CommandSupport
import FileFormats
import Reports

/// `landscape report`.
struct ReportCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "report",
    abstract: "Make one HTML page of finished runs, with surfaces to turn and curves to zoom.",
    discussion: """
      Takes folders that landscape, hessian, gradratio and trainer wrote, and folders that hold such \
      folders: surfaces, lines, sharpness, spectra, gradient ratios, trainings and all the others, several \
      networks side by side. The page needs no network and no other file.
      """)

  @Argument(help: "Folders of runs, or folders with such folders in them.")
  var runs: [String] = ["."]

  @Option(name: .shortAndLong, help: "The page to write.")
  var output = "report.html"

  func run() throws {
    try runCommand {
      let found = try ReportedRuns(folders: runs)
      for (folder, kind) in found.leftOut {
        note("\(folder): a result of kind \(kind) is not shown")
      }
      try AtomicFile.write(try Report(found, settingName: \.optionName).html(), to: output)
      print(output)
    }
  }
}
