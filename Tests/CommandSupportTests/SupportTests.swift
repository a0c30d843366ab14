import GraphRuntime
import ArgumentParser
import Artifacts
import CommandSupport
import Datasets
import DigitsReference
import Foundation
import Objectives
import TestSupport
import Testing

@Suite struct RunRecordTests {
  private func engine(_ arguments: String...) throws -> EngineOptions {
    try EngineOptions.parse(arguments)
  }

  @Test func anAnalysisNamesItsModelsDataAndEngine() throws {
    let opened = try OpenedModel(
      path: DigitsReference(.mlp).path, options: ModelOptions.parse(["--samples", "8"]),
      isQuiet: true)
    let record = RunRecord(
      models: [opened, opened], engine: try engine("--threads", "3", "--convolution", "direct"),
      seeds: ["vectors": 7], batchNormalization: "inference", weightDecay: .inLoss(0.5),
      settings: ["batch size": "4"], started: Date(timeIntervalSinceNow: -2))
    let provenance = record.finished()
    #expect(provenance.models.map(\.sha256) == [opened.sha256, opened.sha256])
    #expect(provenance.data?.samples == 8 && provenance.data?.digest == opened.dataDigest)
    #expect(provenance.threads == 3 && provenance.seeds == ["vectors": 7])
    #expect(provenance.weightDecay == 0.5 && provenance.lossIncludesWeightDecay == true)
    #expect(provenance.settings["convolution"] == "direct")
    #expect(provenance.settings["batch size"] == "4")
    #expect(provenance.settings["normalization"] == opened.data.normalization)
    #expect(provenance.wallSeconds >= 2 && provenance.wallSeconds < 60)
  }

  @Test func weightDecayOfStepsIsNoPartOfLosses() throws {
    let record = RunRecord(
      data: .init(name: "d", split: "train", digest: "ab", samples: 2, path: "folder"),
      labels: .coarse, normalization: "none", convolution: .automatic, engine: try engine(),
      seeds: [:], batchNormalization: "batch", weightDecay: .inStep(0.1), settings: [:],
      started: Date())
    let provenance = record.finished(seconds: 12)
    #expect(provenance.weightDecay == 0.1 && provenance.lossIncludesWeightDecay == false)
    #expect(provenance.wallSeconds == 12 && provenance.settings["labels"] == "coarse")
    #expect(provenance.data?.path?.hasSuffix("/folder") == true)
    #expect(provenance.data?.path?.hasPrefix("/") == true)
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
      let error = #expect(throws: UsageError.self) { try RunFolder(file) }
      #expect(error?.description.contains("--output") == true)
    }
    #expect(try RunFolder(".").file("c.json") == "c.json")
  }
}

@Suite struct ProgressTests {
  @Test(arguments: [
    (0.04, "0.0 s"), (9.96, "10.0 s"), (59.4, "59 s"), (125, "2 min 5 s"),
    (7260, "2 h 1 min"), (.infinity, "unknown time"),
  ])
  func durationsHaveTheUnitThatFits(seconds: Double, text: String) {
    #expect(Progress.duration(seconds) == text)
  }
}

@Suite struct CommandRunnerTests {
  private struct Fault: Error, CustomStringConvertible {
    let description: String
  }

  @Test func errorsBecomeExitCodes() throws {
    func code(_ error: any Error) -> ExitCode? {
      #expect(throws: ExitCode.self) { try runCommand { throw error } }
    }
    #expect(code(Fault(description: "one\nline")) == .failure)
    #expect(code(Interrupted()) == ExitCode(130))
    #expect(code(ExitCode(7)) == ExitCode(7))
    #expect(throws: ValidationError.self) { try runCommand { throw ValidationError("usage") } }
    try runCommand {}
  }

  @Test(arguments: [["--threads", "0"], ["--threads", "1025"], ["--convolution", "fft"]])
  func engineOptionsOutOfRangeAreRefused(arguments: [String]) {
    #expect(throws: (any Error).self) { try EngineOptions.parse(arguments) }
  }

  @Test(arguments: [["--dpi", "9"], ["--dpi", "nan"], ["--format", "gif"]])
  func figureOptionsOutOfRangeAreRefused(arguments: [String]) {
    #expect(throws: (any Error).self) { try FigureFileOptions.parse(arguments) }
  }
}
