import Analyses
import CommandSupport
import Foundation
import TestSupport
import Testing

/// Which files are a path, and in which order.
@Suite struct CheckpointSeriesTests {
  private func make(_ names: [String], in url: URL) throws {
    for name in names {
      let file = url.appending(path: name)
      try FileManager.default.createDirectory(
        at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
      try Data().write(to: file)
    }
  }

  private func names(_ series: [CheckpointSeries]) -> [[String]] {
    series.map { $0.entries.map { URL(filePath: $0.path).lastPathComponent } }
  }

  @Test func filesOfOneFolderComeInTheOrderOfTheirNumbers() throws {
    let series = try CheckpointSeries.find(
      ["a/net-1-epoch10.pt", "a/net-1-epoch2.pt", "a/net-1-epoch1.pt"], order: .automatic,
      areOne: false)
    #expect(names(series) == [["net-1-epoch1.pt", "net-1-epoch2.pt", "net-1-epoch10.pt"]])
    #expect(series[0].name == "a" && series[0].entries.map(\.number) == [1, 2, 10])
    let given = try CheckpointSeries.find(
      ["a/e10.pt", "a/e2.pt"], order: .given, areOne: false)
    #expect(names(given) == [["e10.pt", "e2.pt"]])
  }

  @Test func namesWithoutNumbersKeepTheirOrder() throws {
    let files = ["init.pt", "warm.pt", "final.pt"]
    let series = try CheckpointSeries.find(files, order: .automatic, areOne: false)
    #expect(names(series) == [files] && series[0].entries.map(\.number) == [nil, nil, nil])
  }

  @Test func anOrderThatContradictsNumbersIsAskedFor() throws {
    let files = ["e1.pt", "e10.pt", "e2.pt", "final.pt"]
    let error = #expect(throws: AnalysisError.self) {
      try CheckpointSeries.find(files, order: .automatic, areOne: false)
    }
    #expect(error?.description.hasPrefix("e10.pt: comes before e2.pt") == true)
    #expect(names(try CheckpointSeries.find(files, order: .given, areOne: false)) == [files])
    #expect(
      names(
        try CheckpointSeries.find(["e1.pt", "e2.pt", "final.pt"], order: .automatic, areOne: false))
        == [["e1.pt", "e2.pt", "final.pt"]])
  }

  @Test func everyFolderIsAPath() throws {
    let series = try CheckpointSeries.find(
      ["sgd/epochs/e1.pt", "sam/epochs/e2.pt", "sam/epochs/e1.pt", "sgd/epochs/e2.pt"],
      order: .automatic, areOne: false)
    #expect(series.map(\.name) == ["sgd", "sam"])
    #expect(series.map { $0.entries.count } == [2, 2])
    let one = try CheckpointSeries.find(
      ["run/10/model.pt", "run/9/model.pt", "run/8/model.pt"], order: .automatic, areOne: true)
    #expect(one.count == 1 && one[0].entries.map(\.number) == [8, 9, 10])
    let equal = try CheckpointSeries.find(
      ["a/net/1.pt", "b/net/1.pt"], order: .automatic, areOne: false)
    #expect(equal.map(\.name) == ["net", "net-2"])
  }

  @Test func foldersHoldTheirCheckpoints() throws {
    try withTemporaryFolder { url in
      try make(
        [
          "sgd/model.ckpt", "sgd/last.ckpt", "sgd/epochs/epoch-00.ckpt", "sgd/epochs/epoch-10.ckpt",
          "sgd/epochs/epoch-02.ckpt", "sgd/epochs/notes.txt", "other/e10.pth", "other/e9.pth",
          "other/.hidden", "other/log.csv", "hf/checkpoint-50/config.json",
          "hf/checkpoint-100/config.json", "mixed/e1.pt", "mixed/best.pt", "empty/readme.md",
        ], in: url)
      let series = try CheckpointSeries.find(
        ["sgd", "sgd/epochs", "other", "hf"].map { url.path + "/" + $0 }, order: .automatic,
        areOne: false)
      #expect(series.map(\.name) == ["sgd", "sgd-2", "other", "hf"])
      #expect(
        names(series) == [
          ["epoch-00.ckpt", "epoch-02.ckpt", "epoch-10.ckpt"],
          ["epoch-00.ckpt", "epoch-02.ckpt", "epoch-10.ckpt"],
          ["e9.pth", "e10.pth"], ["checkpoint-50", "checkpoint-100"],
        ])
      for (folder, text) in [
        ("mixed", "told apart by more than numbers"), ("empty", "no checkpoints"),
      ] {
        let error = #expect(throws: AnalysisError.self) {
          try CheckpointSeries.find([url.path + "/" + folder], order: .automatic, areOne: false)
        }
        #expect(error?.description.contains(text) == true)
        #expect(error?.description.contains("\n") == false)
      }
    }
  }

  @Test func endlessNumbersAreNoTrap() throws {
    let long = String(repeating: "9", count: 40)
    let series = try CheckpointSeries.find(
      ["e\(long).pt", "e1.pt", "e2.pt"], order: .automatic, areOne: false)
    #expect(names(series)[0].first == "e1.pt" && series[0].entries[2].number == .max)
  }
}
