import ArgumentParser
import CommandSupport
import Datasets

/// `trainer data`.
struct DataReport: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "data", abstract: "What a data path contains.")

  @Argument(help: "digits, a folder (CIFAR-10/100, IDX) or an .npz or safetensors file.")
  var path: String

  @Option(help: "Labels of CIFAR-100.")
  var labels = LabelChoice.fine

  @Flag(help: "Print the description as JSON.")
  var json = false

  func run() throws {
    try runCommand {
      let description = try DatasetCatalog.describe(path, labels: labels)
      try printResult(description, text: [description.description], paths: [], asJSON: json)
    }
  }
}
