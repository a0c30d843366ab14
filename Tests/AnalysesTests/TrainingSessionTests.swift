import LinearAlgebra
import Analyses
import Artifacts
import Checkpoints
import Datasets
import Foundation
import NeuralNetworks
import Objectives
import TestSupport
import Testing
import Training

@Suite struct TrainingSessionTests {
  private func configuration(seed: UInt64 = 1) throws -> TrainingConfiguration {
    TrainingConfiguration(
      architecture: .architecture(
        try .named(
          "mlp-4", input: .image(channels: 1, height: 8, width: 8), classCount: 10)),
      data: TrainingDataSettings(path: "digits"), epochs: 2, batchSize: 256, seed: seed,
      learningRate: try Schedule(0.1))
  }

  private func weights(_ folder: String) throws -> [Float] {
    try TrainedModel.readDescribed(CheckpointFile.read(TrainingFiles(folder: folder).model))
      .model.point.weights.elements.array
  }

  @Test func anInterruptedTrainingGoesOnToTheSameBits() throws {
    let configuration = try configuration()
    try withTemporaryFolder { url in
      let (whole, parts) = (url.path + "/whole", url.path + "/parts")
      let watcher = Watcher()
      let summary = try TrainingSession(configuration: configuration, start: nil, folder: whole)
        .run(context: watcher.context())
      let steps = try #require(watcher.lastStep?.total)
      #expect(summary.result.steps == steps && watcher.endedTitles == ["training"])
      let session = TrainingSession(configuration: configuration, start: nil, folder: parts)
      #expect(throws: Stopped.self) {
        try session.run(context: Watcher(stopsAfter: steps / 2 + 1).context())
      }
      let second = Watcher()
      let again = try session.run(context: second.context(threads: 2))
      #expect(second.events.contains(.remark("continues after epoch 1 of 2")))
      #expect(try weights(parts) == weights(whole))
      #expect(again.result.testLoss == summary.result.testLoss)
      let found = try #require(try TrainingSummary.found(at: parts + "/summary.json"))
      #expect(found.configuration == configuration)
      let curve = try TrainingCurve(folder: parts, label: "a")
      #expect(curve.last == again.result.last && curve.summary.epochs == 2)
    }
  }

  @Test func anInterruptedSweepTrainsWhatIsMissing() throws {
    let members = SweepMember.plan(optimizers: [.sgd], sparsities: [], seeds: [1, 2])
    let configurations = [try configuration(seed: 1), try configuration(seed: 2)]
    let found = try FoundData("digits")
    let sweep = TrainingSweep(
      members: members, configurations: configurations, data: try found.open(.train), found: found,
      start: nil)
    try withTemporaryFolder { url in
      let watcher = Watcher()
      let whole = try sweep.run(in: url.path + "/whole", context: watcher.context())
      let steps = whole.runs.count * configurations[0].epochs * 6
      #expect(watcher.endedTitles == ["run 1 of 2", "run 2 of 2"])
      #expect(throws: Stopped.self) {
        try sweep.run(
          in: url.path + "/parts", context: Watcher(stopsAfter: steps / 2 + 4).context())
      }
      let second = Watcher()
      let again = try sweep.run(in: url.path + "/parts", context: second.context())
      #expect(second.endedTitles == ["run 2 of 2"])
      for (a, b) in zip(again.runs, whole.runs) {
        #expect(a.member == b.member && a.testLoss == b.testLoss)
        let folders = ["/parts/", "/whole/"].map { url.path + $0 + a.member.name }
        #expect(try weights(folders[0]) == weights(folders[1]))
      }
      #expect(again.provenance.seeds == ["training 1": 1, "training 2": 2])
      let text = try JSON.encode(again)
      let read = try JSON.decode(SweepSummary.self, from: Array(text.utf8), path: "memory")
      #expect(try JSON.encode(read) == text)
    }
  }
}
