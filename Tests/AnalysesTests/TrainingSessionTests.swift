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
  private func configuration(seed: UInt64 = 1, epochs: Int = 2) throws -> TrainingConfiguration {
    TrainingConfiguration(
      architecture: .architecture(
        try .named(
          "mlp-4", input: .image(channels: 1, height: 8, width: 8), classCount: 10)),
      data: TrainingDataSettings(path: "digits"), epochs: epochs, batchSize: 256, seed: seed,
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

  @Test func anInterruptedTrainingKeepsTheSameEpochs() throws {
    let configuration = try configuration(epochs: 5)
    let keeping = try #require(KeptEpochs(parsing: "every=2"))
    try withTemporaryFolder { url in
      func files(_ folder: String) throws -> [String: CheckpointContents] {
        let paths = TrainingFiles(folder: url.path + folder).keptEpochs
        return try Dictionary(
          uniqueKeysWithValues: paths.map {
            (URL(filePath: $0).lastPathComponent, try CheckpointFile.read($0))
          })
      }
      func session(_ folder: String, restart: Bool = false) -> TrainingSession {
        TrainingSession(
          configuration: configuration, start: nil, folder: url.path + folder, restart: restart,
          keeping: keeping)
      }
      let watcher = Watcher()
      _ = try session("/whole").run(context: watcher.context())
      let whole = try files("/whole")
      #expect(whole.keys.sorted() == ["0", "2", "4", "5"].map { "epoch-\($0).ckpt" })
      let steps = try #require(watcher.lastStep?.total) / 5
      // In the first epoch, in the third, and in the last.
      for limit in [2, 2 * steps + 1, 2 * steps + 3] {
        #expect(throws: Stopped.self) {
          try session("/parts").run(context: Watcher(stopsAfter: limit).context())
        }
      }
      _ = try session("/parts").run(context: Watcher().context(threads: 2))
      let parts = try files("/parts")
      #expect(parts.mapValues(\.sha256) == whole.mapValues(\.sha256))

      // The first are the weights before any step, the last those of the finished network.
      let model = try configuration.architecture.model()
      let first = try TrainedModel(#require(whole["epoch-0.ckpt"]), model: model)
      #expect(first.point == model.initialPoint(seed: configuration.seed))
      let last = try TrainedModel(#require(whole["epoch-5.ckpt"]), model: model)
      #expect(last.point.weights.elements.array == (try weights(url.path + "/whole")))
      #expect(
        try whole.values.map { try TrainedModelMetadata($0)?.epoch }.compactMap(\.self).sorted()
          == [0, 2, 4, 5])

      // Others do not mix with them.
      try FileManager.default.removeItem(atPath: TrainingFiles(folder: url.path + "/parts").last)
      try FileManager.default.removeItem(atPath: TrainingFiles(folder: url.path + "/parts").model)
      let error = #expect(throws: TrainingError.self) {
        try session("/parts").run(context: Watcher().context())
      }
      #expect(error?.description.contains("epoch-2.ckpt: is of another training") == true)
      #expect(throws: Stopped.self) {
        try session("/parts", restart: true).run(context: Watcher(stopsAfter: 3).context())
      }
      #expect(try files("/parts").keys.sorted() == ["epoch-0.ckpt"])
    }
  }

  @Test func epochsThatWereDoneWithoutBeingKeptAreNamed() throws {
    let configuration = try configuration(epochs: 12)
    try withTemporaryFolder { url in
      #expect(throws: Stopped.self) {
        try TrainingSession(configuration: configuration, start: nil, folder: url.path)
          .run(context: Watcher(stopsAfter: 20).context())
      }
      let watcher = Watcher()
      _ = try TrainingSession(
        configuration: configuration, start: nil, folder: url.path,
        keeping: KeptEpochs(every: 1)
      ).run(context: watcher.context())
      #expect(
        watcher.events.contains(
          .remark(
            "epochs 0, 1, 2, 3 were done before without being kept; a training from its start keeps all"
          )))
      let names = TrainingFiles(folder: url.path).keptEpochs.map {
        URL(filePath: $0).lastPathComponent
      }
      #expect(names == (4...12).map { ($0 < 10 ? "epoch-0" : "epoch-") + "\($0).ckpt" })
    }
  }

  @Test(arguments: [
    "", "1", "every", "every=", "every=0", "every=-1", "every=1=2", "each=3", "every=x",
  ])
  func anIntervalIsAWholeNumber(text: String) {
    #expect(KeptEpochs(parsing: text) == nil)
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
