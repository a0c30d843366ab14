import Analyses
import Artifacts
import Communication
import DigitsReference
import Foundation
import HessianSpectra
import LossSurfaces
import TestSupport
import Testing

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

  @Test func `the record says how many ranks and threads there were`() throws {
    try withTemporaryFolder { folder in
      try run(3, threads: 2, in: folder, Self.line)
      let summary = try JSON.read(
        ProfilesSummary.self, from: folder.appending(path: "summary.json").path)
      #expect(summary.provenance.distribution?.text == "3 ranks on 3 hosts, 6 threads")
    }
  }
}
