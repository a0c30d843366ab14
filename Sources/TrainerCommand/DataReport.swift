import ArgumentParser
import CommandSupport
import Datasets

/// `trainer data`.
struct DataReport: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "data", abstract: "What a data path contains.")

  @Argument(help: "\(dataHelp).")
  var path: String

  @OptionGroup(title: "Folders of images") var images: ImageOptions

  @Option(help: "Labels of CIFAR-100.")
  var labels = LabelChoice.fine

  @Flag(help: "Print the description as JSON.")
  var json = false

  func run() throws {
    try runCommand {
      let description = try FoundData(
        path, labels: labels, view: images.view ?? .automatic
      ).description()
      try printResult(description, text: [description.description], paths: [], asJSON: json)
    }
  }
}
