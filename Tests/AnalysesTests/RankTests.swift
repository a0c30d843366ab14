import Analyses
import Artifacts
import Checkpoints
import Communication
import Datasets
import DigitsReference
import Foundation
import HessianSpectra
import LossSurfaces
import NeuralNetworks
import Objectives
import TestSupport
import Testing
import Training

/// Analyses that several ranks do together: their files have the bits of one process.
@Suite struct RankTests {
  /// Runs an analysis on ranks that are threads, all in one folder.
  private func run(
    _ ranks: Int, threads: Int = 1, in folder: URL, cancelAfter checks: Int? = nil,
    _ analysis: @escaping @Sendable (RunContext, RunFolder) throws -> Void
  ) throws {
    _ = try ThreadRanks.run(ranks) { communicator in
      let left = Countdown(communicator.rank == ranks - 1 ? checks : nil)
      let context = RunContext(
        engine: EngineSettings(threads: threads),
        ranks: try RunRanks(communicator, threads: threads), command: ["test"], report: { _ in },
        cancellation: { try left.step() })
      try analysis(context, RunFolder(folder.path))
    }
  }

  private func bytes(_ folder: URL, _ name: String) throws -> Data {
    try Data(contentsOf: folder.appending(path: name))
  }

  private static let surface: @Sendable (RunContext, RunFolder) throws -> Void = {
    context, folder in
    var configuration = SurfaceConfiguration()
    configuration.batchNorm = .recalibrated
    configuration.batchSize = 16
    let axis = try #require(GridAxis(first: -1, last: 1, count: 4))
    _ = try OpenedModel.digits(.resnet, samples: 40).surface(
      x: axis, y: axis, configuration, in: folder, context: context)
  }

  private static let line: @Sendable (RunContext, RunFolder) throws -> Void = { context, folder in
    var configuration = ProfilesConfiguration()
    configuration.pairs = 2
    let axis = try #require(GridAxis(first: -1, last: 1, count: 5))
    _ = try OpenedModel.tiny().profiles(x: axis, configuration, in: folder, context: context)
  }

  private static let spectrum: @Sendable (RunContext, RunFolder) throws -> Void = {
    context, folder in
    var configuration = SpectrumConfiguration()
    configuration.steps = 12
    configuration.top = 2
    configuration.bottom = 1
    configuration.traceSamples = 4
    var curvature = CurvatureConfiguration()
    curvature.microBatch = 2
    _ = try OpenedModel.digits(samples: 64).spectrum(
      configuration, of: curvature, in: folder, context: context)
  }

  private static let map: @Sendable (RunContext, RunFolder) throws -> Void = { context, folder in
    var configuration = CurvatureMapConfiguration()
    configuration.steps = 10
    let axis = try #require(GridAxis(first: -0.2, last: 0.2, count: 2))
    _ = try OpenedModel.tiny().curvatureMap(
      x: axis, y: axis, configuration, in: folder, context: context)
  }

  private static let sharpness: @Sendable (RunContext, RunFolder) throws -> Void = {
    context, folder in
    var configuration = SharpnessConfiguration()
    configuration.measures = [.maximumL2, .averageL2]
    configuration.radii = [0.1]
    configuration.steps = 3
    configuration.draws = 3
    configuration.subsets = 2
    _ = try OpenedModel.tiny().sharpness(configuration, in: folder, context: context)
  }

  /// An analysis, and the file that holds its numbers.
  enum Analysis: String, CaseIterable {
    case surface = "surface.npz"
    case line = "profiles.npz"
    case spectrum = "spectrum.npz"
    case map = "curvature.npz"

    var run: @Sendable (RunContext, RunFolder) throws -> Void {
      switch self {
      case .surface: RankTests.surface
      case .line: RankTests.line
      case .spectrum: RankTests.spectrum
      case .map: RankTests.map
      }
    }
  }

  @Test(arguments: Analysis.allCases)
  func `any number of ranks and threads writes the same arrays`(analysis: Analysis) throws {
    try withTemporaryFolder { folder in
      let alone = folder.appending(path: "alone")
      try run(1, in: alone, analysis.run)
      let expected = try bytes(alone, analysis.rawValue)
      for ranks in 2...4 {
        for threads in 1...2 {
          let own = folder.appending(path: "\(ranks)-\(threads)")
          try run(ranks, threads: threads, in: own, analysis.run)
          #expect(
            try bytes(own, analysis.rawValue) == expected, "\(ranks) ranks, \(threads) threads")
        }
      }
    }
  }

  @Test func `sharpness is the same on any number of ranks`() throws {
    try withTemporaryFolder { folder in
      var entries: [[SharpnessSummary.Entry]] = []
      for ranks in [1, 3] {
        let own = folder.appending(path: "\(ranks)")
        try run(ranks, in: own, Self.sharpness)
        entries.append(
          try JSON.read(SharpnessSummary.self, from: own.appending(path: "summary.json").path)
            .entries)
      }
      #expect(entries[0] == entries[1])
    }
  }

  /// The last rank is the one that is interrupted; the others end with it.
  @Test(arguments: Analysis.allCases, [1, 4, 9])
  func `an interrupted run goes on with another number of ranks to the same arrays`(
    analysis: Analysis, checks: Int
  ) throws {
    try withTemporaryFolder { folder in
      let (alone, broken) = (folder.appending(path: "alone"), folder.appending(path: "broken"))
      try run(1, in: alone, analysis.run)
      for ranks in [3, 1, 2] {
        do {
          try run(ranks, in: broken, cancelAfter: checks, analysis.run)
        } catch is Countdown.Ended {}
      }
      try run(4, in: broken, analysis.run)
      #expect(try bytes(broken, analysis.rawValue) == bytes(alone, analysis.rawValue))
    }
  }

  @Test func `ranks with other data are told before the work begins, and which differ`() throws {
    for analysis in ["surface", "spectrum"] {
      try withTemporaryFolder { folder in
        #expect {
          try run(3, in: folder) { context, folder in
            let other = context.ranks.communicator.rank == 2
            let model = try OpenedModel.digits(samples: other ? 31 : 32)
            if analysis == "surface" {
              let axis = try #require(GridAxis(first: -1, last: 1, count: 2))
              _ = try model.surface(x: axis, y: axis, in: folder, context: context)
            } else {
              _ = try model.spectrum(in: folder, context: context)
            }
          }
        } throws: { error in
          "\(error)".hasPrefix(
            "rank 2 on thread 2 differs from rank 0 on thread 0 in data, samples; give")
        }
        let written = try FileManager.default.contentsOfDirectory(atPath: folder.path)
        #expect(written.isEmpty)
      }
    }
  }

  /// Rules of steps: a plain one, an adaptive one, one with a mask for all.
  private static func training(_ optimizer: String) throws -> TrainingConfiguration {
    var configuration = TrainingConfiguration(
      architecture: .architecture(
        try .named(
          "mlp-8", input: .image(channels: 1, height: 8, width: 8), classCount: 10)),
      data: TrainingDataSettings(path: "digits"), epochs: 4, batchSize: 256, seed: 1,
      learningRate: try Schedule(optimizer == "adamw" ? 0.001 : 0.1))
    let rho = try Schedule(0.1)
    switch optimizer {
    case "adamw": configuration.optimizer = .adamW(AdamW(weightDecay: 0.1))
    case "sam": configuration.sharpness = SharpnessSettings(rho: rho)
    case "ssam-f":
      configuration.sharpness = SharpnessSettings(
        rho: rho, mask: MaskSettings(policy: .fisher, fisherSamples: 8))
    default: break
    }
    return configuration
  }

  private static func train(
    _ configuration: TrainingConfiguration
  ) -> @Sendable (RunContext, RunFolder) throws -> Void {
    { context, folder in
      // Folders of other ranks are not looked at: they may be on other machines.
      let own =
        context.ranks.communicator.isFirst
        ? folder.path : folder.path + "/of rank \(context.ranks.communicator.rank)"
      _ = try TrainingSession(configuration: configuration, start: nil, folder: own)
        .run(context: context)
    }
  }

  /// Whatever of a checkpoint is no time.
  private func tensors(_ folder: URL, _ name: String) throws -> [String: [Float]] {
    let contents = try CheckpointFile.read(folder.appending(path: name).path)
    return Dictionary(uniqueKeysWithValues: contents.tensors.map { ($0.name, $0.floats()) })
  }

  @Test(arguments: ["sgd", "adamw", "sam", "ssam-f"])
  func `a training writes the same checkpoints, and goes on with another number of ranks`(
    optimizer: String
  ) throws {
    let run = Self.train(try Self.training(optimizer))
    try withTemporaryFolder { folder in
      let alone = folder.appending(path: "alone")
      try self.run(1, in: alone, run)
      let expected = try bytes(alone, "model.ckpt")
      for (ranks, threads) in [(2, 1), (3, 2), (4, 1)] {
        let own = folder.appending(path: "\(ranks)")
        // The last rank is interrupted in the second epoch and the third.
        for (count, checks) in [(ranks, 9), (ranks - 1, 9)] {
          #expect(throws: Countdown.Ended.self) {
            try self.run(count, in: own, cancelAfter: checks, run)
          }
        }
        try self.run(ranks, threads: threads, in: own, run)
        #expect(try bytes(own, "model.ckpt") == expected, "\(ranks) ranks")
        #expect(try tensors(own, "last.ckpt") == tensors(alone, "last.ckpt"))
        let written = try FileManager.default.contentsOfDirectory(atPath: own.path)
        #expect(!written.contains { $0.hasPrefix("of rank") })
        let summary = try #require(
          try TrainingSummary.found(at: own.appending(path: "summary.json").path))
        #expect(summary.provenance.distribution?.ranks == ranks)
      }
    }
  }

  @Test func `ranks with another training are told before the first step`() throws {
    try withTemporaryFolder { folder in
      #expect {
        try run(2, in: folder) { context, folder in
          var configuration = try Self.training("sgd")
          if !context.ranks.communicator.isFirst { configuration.seed = 2 }
          try Self.train(configuration)(context, folder)
        }
      } throws: { error in
        "\(error)".hasPrefix(
          "rank 1 on thread 1 differs from rank 0 on thread 0 in configuration; give")
      }
      #expect(!FileManager.default.fileExists(atPath: folder.appending(path: "last.ckpt").path))
    }
  }

  @Test func `ranks share the trainings of a sweep, and leave out what is finished`() throws {
    let members = SweepMember.plan(optimizers: [.sgd], sparsities: [], seeds: [1, 2])
    let configurations = try members.map { member in
      var configuration = try Self.training("sgd")
      configuration.seed = member.seed
      return configuration
    }
    let sweep: @Sendable (RunContext, RunFolder) throws -> Void = { context, folder in
      let found = try FoundData("digits")
      _ = try TrainingSweep(
        members: members, configurations: configurations, data: try found.open(.train),
        found: found, start: nil
      ).run(in: folder.path, context: context)
    }
    try withTemporaryFolder { folder in
      let (alone, shared) = (folder.appending(path: "alone"), folder.appending(path: "shared"))
      try run(1, in: alone, sweep)
      // The first training has 24 steps, each of which asks once.
      #expect(throws: Countdown.Ended.self) { try run(3, in: shared, cancelAfter: 30, sweep) }
      let first = "\(members[0].name)/model.ckpt"
      let date = try FileManager.default.attributesOfItem(
        atPath: shared.appending(path: first).path)[.modificationDate]
      try run(2, in: shared, sweep)
      for member in members {
        let name = "\(member.name)/model.ckpt"
        #expect(try bytes(shared, name) == bytes(alone, name))
      }
      #expect(
        try FileManager.default.attributesOfItem(
          atPath: shared.appending(path: first).path)[.modificationDate] as? Date == date as? Date)
    }
  }

  @Test func `the record says how many ranks and threads there were`() throws {
    try withTemporaryFolder { folder in
      try run(3, threads: 2, in: folder, Self.line)
      let summary = try JSON.read(
        ProfilesSummary.self, from: folder.appending(path: "summary.json").path)
      #expect(summary.provenance.distribution?.text == "3 ranks on 3 hosts, 6 threads")
    }
  }
}
