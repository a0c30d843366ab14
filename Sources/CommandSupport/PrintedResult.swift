internal import Artifacts
internal import Settings

/// Prints results: a short text, in which settings are called as the options are, and paths, or the summary object alone with `--json`.
package func printResult(
  _ summary: some Encodable, text: [String], paths: [String], asJSON: Bool
) throws {
  if asJSON {
    print(try JSON.encode(summary))
    return
  }
  for line in text { print(line.namingSettings(\.optionName)) }
  for path in paths { print(path) }
}
