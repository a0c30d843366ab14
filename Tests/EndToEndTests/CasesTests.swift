import Foundation
import TestSupport
import Testing

/// Files as people have them, made after reports of bugs: one test for each case of the shared data.
///
/// A case has the command that its author gave, and in `cases.json` the loss of PyTorch where the file should open.
/// Most have random weights, so that no reading is above chance and the usual one is taken.
@Suite struct CasesTests {
  /// What has to come of a case.
  enum Outcome: Sendable {
    /// The loss of PyTorch.
    case loss
    /// Another loss than PyTorch's, which the file does not decide, with a warning that says so.
    case doubtful
    /// The command succeeds.
    case success
    /// One line of error, and no result.
    case refusal
    /// A wrong option.
    case usage
    /// Only what is said counts: several commands ran.
    case remark
  }

  struct Case: Sendable, CustomTestStringConvertible {
    let name: String
    let outcome: Outcome
    /// What output or errors say.
    var says: [String] = []
    /// Options that are added so that only the file is read and nothing is measured.
    var options: [String] = []

    var testDescription: String { name }
  }

  private struct Entry: Decodable {
    let name: String
    let command: String
    let loss: Double?
  }

  private static let folder = try? SharedData.url("cases")

  private static func entries() throws -> [Entry] {
    let file = try #require(folder).appending(path: "cases.json")
    return try JSONDecoder().decode([Entry].self, from: Data(contentsOf: file))
  }

  @Test(.enabled(if: SharedData.has("cases"), SharedData.note))
  func everyCaseIsTested() throws {
    #expect(Set(try Self.entries().map(\.name)) == Set(CaseList.all.map(\.name)))
  }

  @Test(.enabled(if: SharedData.has("cases"), SharedData.note), arguments: CaseList.all)
  func opensAsPyTorchDoesOrSaysWhyNot(example: Case) throws {
    let entry = try #require(try Self.entries().first { $0.name == example.name })
    try withTemporaryFolder { folder in
      // Commands write beside the files of a case, which stay as they are.
      let place = folder.appending(path: entry.name)
      let shared = try #require(Self.folder)
      try FileManager.default.copyItem(at: shared.appending(path: entry.name), to: place)
      try FileManager.default.createSymbolicLink(
        at: folder.appending(path: "data"), withDestinationURL: shared.appending(path: "data"))
      // A second is too short for a debug build to begin beside other tests; the work that is cut off takes hours.
      let command = entry.command.replacing("timeout -s TERM 1 ", with: "timeout -s TERM 10 ")
      let run = try CommandRun(
        shell: ([command] + example.options).joined(separator: " "), in: place)
      check(run, example, loss: entry.loss)
    }
  }

  private func check(_ run: CommandRun, _ example: Case, loss expected: Double?) {
    let all = "\(run.output)\n\(run.errors)"
    for text in example.says { #expect(all.contains(text), "\(text) is not in \(all)") }
    let found = run.output.firstMatch(of: #/loss ([-+.\deE]+)/#).flatMap { Double($0.1) }
    switch example.outcome {
    case .loss, .doubtful:
      #expect(run.status == 0, "\(run.errors)")
      guard let found, let expected else {
        Issue.record("no loss in \(all)")
        return
      }
      // What is printed has seven digits.
      let isSame = abs(found - expected) <= 2e-5 * max(1, expected)
      #expect(isSame == (example.outcome == .loss), "\(found), PyTorch \(expected): \(run.errors)")
      if !isSame { #expect(run.errors.contains("warning:"), "\(run.errors)") }
    case .success:
      #expect(run.status == 0 && !run.output.isEmpty, "\(run.errors)")
    case .refusal:
      #expect(run.status == 1 && run.output.isEmpty, "\(all)")
      let errors = run.errors.split(separator: "\n").filter { $0.hasPrefix("error: ") }
      #expect(errors.count == 1, "\(run.errors)")
    case .usage:
      #expect(run.status == 64 && run.output.isEmpty, "\(all)")
    case .remark: break
    }
  }
}
