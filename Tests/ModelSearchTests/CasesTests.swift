import Analyses
import ArgumentParser
import Checkpoints
import CommandSupport
import Foundation
import LinearAlgebra
import NeuralNetworks
import Objectives
import TestSupport
import Testing

/// Files as people have them, made after reports of bugs: each opens as PyTorch computes it, or says why not.
///
/// One test for each case of the shared data that is about what a file of weights means. Most have random weights,
/// so that no reading is above chance and the usual one is taken.
@Suite struct CasesTests {
  /// What has to come of a case.
  enum Outcome: Sendable {
    /// The loss of PyTorch.
    case loss
    /// Another loss than PyTorch's, with a warning that says so.
    case warned(String)
    /// One line of error with these words.
    case refused(String)
  }

  struct Case: Sendable, CustomTestStringConvertible {
    let name: String
    let outcome: Outcome
    var testDescription: String { name }
  }

  /// A case of the shared list.
  private struct Entry: Decodable {
    let name: String
    let command: String
    let loss: Double?
  }

  static let cases: [Case] = [
    ("flower-npz", .loss), ("flower-npz-mlp", .loss),
    ("safetensors-resnet-renamed", .loss),
  ].map(Case.init)

  @Test(.enabled(if: SharedData.has("cases"), SharedData.note), arguments: cases)
  func isReadAsPyTorchDoesOrSaysWhyNot(example: Case) throws {
    let folder = try SharedData.url("cases")
    let entries = try JSONDecoder().decode(
      [Entry].self, from: Data(contentsOf: folder.appending(path: "cases.json")))
    let entry = try #require(entries.first { $0.name == example.name })
    let words = entry.command.split(separator: " ").map(String.init)
    #expect(words.prefix(2) == ["trainer", "evaluate"])
    let place = folder.appending(path: entry.name)
    func path(_ name: String) -> String { place.appending(path: name).standardizedFileURL.path }
    let data = try #require(words.firstIndex(of: "--data")) + 1
    var options = Array(words[3...])
    options[data - 3] = path(words[data])
    do {
      let opened = try OpenedModel(
        path: path(words[2]), options: ModelOptions.parse(options), isQuiet: true)
      let loss = try opened.risk(RiskOptions(), pool: WorkerPool(threadCount: 2))
        .value(at: opened.trained.point).loss
      let expected = try #require(entry.loss)
      let isSame = abs(loss - expected) <= 2e-5 * max(1, expected)
      switch example.outcome {
      case .loss: #expect(isSame, "\(loss) instead of \(expected), \(opened.trained.model.name)")
      case .warned(let text):
        #expect(opened.warnings.contains { $0.contains(text) }, "\(opened.warnings)")
      case .refused(let text): Issue.record("opened instead of \(text)")
      }
    } catch {
      guard case .refused(let text) = example.outcome else { throw error }
      #expect("\(error)".contains(text), "\(error)")
      #expect(!"\(error)".contains("\n"))
    }
  }
}
