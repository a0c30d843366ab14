internal import Artifacts

/// Prints results: paths and a short text, or the summary object alone with `--json`.
package func printResult(
  _ summary: some Encodable, text: [String], paths: [String], asJSON: Bool
) throws {
  if asJSON {
    print(try JSON.encode(summary))
    return
  }
  for line in text { print(line) }
  for path in paths { print(path) }
}
