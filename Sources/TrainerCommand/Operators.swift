import ArgumentParser
import ModelImport

/// Lists the operators of exported graphs that can be read.
struct Operators: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "operators",
    abstract: "List the operators of exported graphs (.pt2, .onnx) that can be read.")

  @Flag(help: "Print the tables of Docs/Operators.md.")
  var markdown = false

  func run() {
    guard !markdown else {
      print(SupportedOperators.markdown, terminator: "")
      return
    }
    for (dialect, groups) in [
      ("PyTorch", SupportedOperators.aten), ("ONNX", SupportedOperators.onnx),
    ] {
      for group in groups {
        print("\(dialect): \(group.title)")
        for name in group.names { print("  \(name)") }
      }
    }
  }
}
