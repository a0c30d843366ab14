import Foundation
import ModelImport
import Testing

private let corpora = ProcessInfo.processInfo.environment["BASIN_OPERATOR_TESTS"].map {
  URL(filePath: $0)
}

/// Tests of single operators, in the folder that `BASIN_OPERATOR_TESTS` names, made by `write_corpora.py`.
///
/// The lists in `passing` say which ones pass; they may only grow.
@Suite(.enabled(if: corpora != nil, "run Tests/ModelImportTests/Corpora/run"))
struct OperatorCorpusTests {
  @Test(arguments: ["node", "pytorch-converted", "pytorch-operator"])
  func operatorsComputeWhatTheirTestsSay(_ corpus: String) throws {
    let folder = try #require(corpora).appending(path: corpus)
    let names = try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted()
    let listed = try Self.listed(corpus)
    var found: [String] = []
    for name in names {
      let isListed = listed.contains(name)
      do {
        let one = try OperatorCase(folder.appending(path: name))
        let error = try one.error(.fixed)
        guard error <= 1 else {
          if isListed {
            Issue.record("\(corpus) \(name): off by \(error) times what rounding explains")
          } else {
            print("\(corpus) \(name): off by \(error)")
          }
          continue
        }
        found.append(name)
        for input in one.liveNames {
          // Not every operand may depend on the sample; but what is computed must be right.
          guard let error = try? one.error(.sampled(input)) else { continue }
          #expect(error <= 1, "\(corpus) \(name): off by \(error) with samples in \(input)")
        }
      } catch {
        if isListed {
          Issue.record("\(corpus) \(name): \(error)")
        } else {
          print("\(corpus) \(name): \(error)")
        }
      }
    }
    for name in listed where !names.contains(name) {
      Issue.record("\(corpus) \(name): is not there")
    }
    for name in found where !listed.contains(name) { print("+ \(corpus) \(name) passes") }
    print("\(corpus): \(found.count) of \(names.count) pass")
  }

  private static func listed(_ corpus: String) throws -> Set<String> {
    let file = URL(filePath: #filePath).deletingLastPathComponent()
      .appending(path: "passing/\(corpus).txt")
    return Set(
      try String(contentsOf: file, encoding: .utf8).split(separator: "\n").map(String.init))
  }
}
