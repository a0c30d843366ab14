import GraphRuntime
import Datasets
import Analyses
import Artifacts
import Foundation
import Objectives
import Settings
import TestSupport
import Testing

@Suite struct SettingTests {
  @Test func settingsTakeTheNamesOfTheReadersProgram() {
    let text = "half of \(.memory) \(ByteCount(bytes: 3 << 29)) " + "is for \(.top)"
    #expect(text == "half of `memory` 1.5G is for `top`")
    #expect(text.namingSettings { "<\($0.rawValue)>" } == "half of <memory> 1.5G is for <top>")
  }

  @Test(arguments: ["", "`", "a `b` c", "`top", "``", "a`top`b`x", "`top``top`"])
  func whatIsNoSettingStaysAsItIs(text: String) {
    #expect(text.namingSettings { "`\($0.rawValue)`" } == text)
  }
}

@Suite struct RunContextTests {
  @Test func theTaskCancelsARunThatNobodyElseWatches() async throws {
    let task = Task {
      withUnsafeCurrentTask { $0?.cancel() }
      try RunContext(engine: EngineSettings(threads: 1)).checkCancellation()
    }
    await #expect(throws: CancellationError.self) { try await task.value }
    try RunContext().checkCancellation()
  }

  @Test func workThatFailsEndsItsReport() {
    let watcher = Watcher()
    #expect(throws: Stopped.self) {
      try watcher.context().work("counting") { work in
        work.show(1, of: 2)
        throw Stopped()
      }
    }
    #expect(
      watcher.events == [
        .step(title: "counting", done: 1, total: 2, detail: ""), .ended(title: "counting"),
      ])
  }
}

@Suite struct ByteCountTests {
  @Test(arguments: [
    ("8G", 8 << 30), ("500M", 500 << 20), ("1.5k", 1536), ("64KiB", 65536), ("7", 7),
  ])
  func unitsArePowersOf1024(text: String, bytes: Int) {
    #expect(ByteCount(parsing: text)?.bytes == bytes)
  }

  @Test(arguments: ["", "G", "-1G", "nan", "1e30T", "8X"])
  func whatIsNoAmountIsNil(text: String) {
    #expect(ByteCount(parsing: text) == nil)
  }
}

@Suite struct RunFolderTests {
  @Test func foldersAreMadeAndFilesInTheWayAreAnError() throws {
    try withTemporaryFolder { folder in
      let path = folder.appending(path: "a/b").path
      #expect(try RunFolder(path).file("c.json") == path + "/c.json")
      #expect(FileManager.default.fileExists(atPath: path))
      _ = try RunFolder(path)
      let file = folder.appending(path: "file").path
      try Data().write(to: URL(filePath: file))
      #expect(
        throws: AnalysisError("cannot be made a folder; give another \(.output)", subject: file)
      ) { try RunFolder(file) }
    }
    #expect(try RunFolder(".").file("c.json") == "c.json")
  }
}

@Suite struct RunRecordTests {
  @Test func anAnalysisNamesItsModelsDataAndEngine() throws {
    let opened = try OpenedModel.digits(samples: 8)
    let record = RunRecord(
      models: [opened, opened],
      context: RunContext(
        engine: EngineSettings(threads: 3, convolution: .direct), command: ["a", "b"]),
      seeds: ["vectors": 7], batchNormalization: "inference", weightDecay: .inLoss(0.5),
      settings: ["batch size": "4"], started: Date(timeIntervalSinceNow: -2))
    let provenance = record.finished()
    #expect(provenance.models.map(\.sha256) == [opened.sha256, opened.sha256])
    #expect(provenance.data?.samples == 8 && provenance.data?.digest == opened.dataDigest)
    #expect(provenance.threads == 3 && provenance.seeds == ["vectors": 7])
    #expect(provenance.command == ["a", "b"])
    #expect(provenance.weightDecay == 0.5 && provenance.lossIncludesWeightDecay == true)
    #expect(provenance.settings["convolution"] == "direct")
    #expect(provenance.settings["batch size"] == "4")
    #expect(provenance.settings["normalization"] == opened.data.normalization)
    #expect(provenance.wallSeconds >= 2 && provenance.wallSeconds < 60)
  }

  @Test func weightDecayOfStepsIsNoPartOfLosses() throws {
    let record = RunRecord(
      data: .init(name: "d", split: "train", digest: "ab", samples: 2, path: "folder"),
      labels: .coarse, normalization: "none", convolution: .automatic, context: RunContext(),
      seeds: [:], batchNormalization: "batch", weightDecay: .inStep(0.1), settings: [:],
      started: Date())
    let provenance = record.finished(seconds: 12)
    #expect(provenance.weightDecay == 0.1 && provenance.lossIncludesWeightDecay == false)
    #expect(provenance.wallSeconds == 12 && provenance.settings["labels"] == "coarse")
    #expect(provenance.data?.path?.hasSuffix("/folder") == true)
    #expect(provenance.data?.path?.hasPrefix("/") == true)
  }
}
