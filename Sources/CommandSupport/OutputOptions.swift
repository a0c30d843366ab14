package import ArgumentParser

/// Where results go.
package struct OutputOptions: ParsableArguments {
  /// Folder for the results.
  @Option(
    name: .shortAndLong, help: "Folder for the results; default: named after command and model.")
  package var output: String?

  /// Whether stdout gets the summary object alone.
  @Flag(help: "Print the summary as JSON and nothing else on stdout.")
  package var json = false

  /// Whether stderr stays empty but for warnings and errors.
  @Flag(name: .shortAndLong, help: "No progress and no remarks on stderr; warnings stay.")
  package var quiet = false

  /// Creates the options with their defaults.
  package init() {}
}
