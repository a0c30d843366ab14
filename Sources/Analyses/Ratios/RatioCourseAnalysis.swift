internal import Artifacts
internal import Checkpoints
internal import Datasets
internal import Foundation
internal import GradientRatios
internal import GraphRuntime
internal import LinearAlgebra
public import NeuralNetworks
internal import Objectives
internal import Training

extension OpenedModel {
  /// Follows the share of gradient ratios below 0 over trainings of this network.
  ///
  /// - Parameters:
  ///   - paths: Checkpoints of one or several trainings.
  ///   - configuration: How the gradients are computed; its kind of statistics and its mask do not matter.
  ///   - modes: Which statistics batch norms use, one after the other.
  ///   - folder: Gets finished checkpoints (`course.journal`, with which the same call continues an interrupted run to the
  ///     same bits) and `summary.json` and `course.csv`; nil to keep nothing.
  ///   - context: Threads, progress and cancellation.
  /// - Returns: The shares.
  /// - Throws: As `gradientRatios`, and what reading checkpoints throws.
  /// - Complexity: Two gradients of every batch for each checkpoint and mode.
  public func ratioCourse(
    of paths: [TrajectoryPath], _ configuration: RatioConfiguration = RatioConfiguration(),
    modes: [NormalizationMode] = [.batch, .inference], in folder: RunFolder?,
    context: RunContext = RunContext()
  ) throws -> RatioCourse {
    let started = Date()
    try configuration.validate()
    let reader = CheckpointReader(
      paths.flatMap(\.checkpoints), model: self, memory: ByteCount(bytes: 0),
      pool: try context.engine.pool())
    let hasNorms = trained.model.bufferLayout.count > 0
    // Without batch norms both kinds are the same.
    let modes = hasNorms ? modes : [.inference]
    let shares = try RatioCourseRun(
      model: self, configuration: configuration, modes: modes, reader: reader, folder: folder,
      context: context
    ).evaluate()
    let record = RunRecord(
      models: [self], context: context, seeds: [:],
      batchNormalization: modes.map(\.rawValue).joined(separator: ", "), weightDecay: .inLoss(0),
      settings: ["batch size": "\(configuration.batchSize)"], started: started)
    let (places, numbers) = (reader.places(of: paths), reader.numbers(of: paths))
    let runs = paths.indices.map { run in
      RatioCourse.Run(
        name: paths[run].name,
        points: zip(places[run], numbers[run]).flatMap { index, number in
          zip(modes, shares[index]).map { mode, shares in
            shares.point(
              of: reader.checkpoints[index].path, reader.origin(index).sha256, number: number,
              batchNorm: hasNorms ? mode : nil)
          }
        })
    }
    let course = RatioCourse(
      kind: "course", provenance: record.finished(), architecture: trained.model.name,
      parameters: trained.model.layout.count, rho: configuration.rho,
      batchSize: configuration.batchSize, samples: shares[0][0].samples,
      numbering: reader.numbering(of: paths), layers: trained.model.layout.segments.map(\.name),
      runs: runs)
    if let folder {
      try JSON.write(course, to: folder.file("summary.json"))
      try course.table.write(to: folder.file("course.csv"))
    }
    return course
  }
}

/// The ratios of one checkpoint as counts.
private struct RatioShares {
  let loss: Double
  let samples: Int
  /// Of the gradients over all batches.
  let whole: RatioCount
  /// Of each batch, by tensors.
  let batches: [[RatioCount]]

  func point(
    of path: String, _ sha256: String, number: Int, batchNorm: NormalizationMode?
  ) -> RatioCourse.Point {
    let layers = batches.first?.indices.map { layer in
      Spread(batches.compactMap { $0[layer].share })
    }
    return RatioCourse.Point(
      path: path, sha256: sha256, number: number, batchNorm: batchNorm, loss: loss,
      shareBelowZero: whole.share,
      batches: Spread(batches.compactMap { $0.reduce(RatioCount(), +).share }),
      layers: layers ?? [])
  }

  /// The numbers of a record.
  var values: [Double] {
    [loss, Double(samples), Double(batches.count)]
      + ([whole] + batches.flatMap(\.self)).flatMap { [Double($0.finite), Double($0.belowZero)] }
  }

  init(_ ratio: GradientRatio) {
    loss = ratio.loss
    samples = ratio.samples
    batches = ratio.batches
    whole = RatioCount(
      plain: ratio.plain, perturbed: ratio.perturbed, in: 0..<ratio.plain.count)
  }

  /// Reads a record; nil for one of another shape.
  init?(_ values: [Double], layers: Int) {
    guard values.count >= 5, let samples = Int(exactly: values[1]),
      let batches = Int(exactly: values[2]), (0...values.count).contains(batches),
      values.count == 5 + 2 * batches * layers
    else { return nil }
    let counts = stride(from: 3, to: values.count, by: 2).compactMap { place in
      Int(exactly: values[place]).flatMap { finite in
        Int(exactly: values[place + 1]).map { RatioCount(finite: finite, belowZero: $0) }
      }
    }
    guard counts.count == 1 + batches * layers else { return nil }
    loss = values[0]
    self.samples = samples
    whole = counts[0]
    self.batches = (0..<batches).map { Array(counts[(1 + $0 * layers)..<(1 + ($0 + 1) * layers)]) }
  }
}

/// Evaluates what the journal does not hold yet.
private struct RatioCourseRun {
  let model: OpenedModel
  let configuration: RatioConfiguration
  let modes: [NormalizationMode]
  let reader: CheckpointReader
  let folder: RunFolder?
  let context: RunContext

  /// Everything that the shares depend on.
  private struct Dependencies: Encodable {
    let checkpoints: [String]
    let modes: [NormalizationMode]
    let configuration: RatioConfiguration
    let data: String
    let samples: Int
    let normalization: String
    let loss: Loss
    let convolution: String
    let libraries: [String: String]
    let version: String
  }

  /// The shares of every checkpoint, by modes.
  func evaluate() throws -> [[RatioShares]] {
    let count = reader.checkpoints.count
    let layers = model.trained.model.layout.segments.count
    return try context.work("ratios") { work in
      for index in 0..<count {
        try context.checkCancellation()
        work.showPreparation("reading checkpoints", share: Double(index) / Double(count))
        _ = try reader.point(index)
      }
      let journal = try folder.map { folder in
        try Journal(path: folder.file("course.journal"), configuration: dependencies)
      }
      var known: [Int: RatioShares] = [:]
      for record in journal?.records ?? [] {
        known[record.key] = RatioShares(record.values, layers: layers)
      }
      return try (0..<count).map { index in
        try modes.enumerated().map { place, mode in
          let key = index * modes.count + place
          work.show(key, of: count * modes.count)
          if let shares = known[key] { return shares }
          var own = configuration
          own.batchNorm = mode
          let shares = RatioShares(
            try model.ratio(at: try reader.point(index), own, context) { _, _ in
              try context.checkCancellation()
            })
          try journal?.append(Journal.Record(key: key, values: shares.values))
          return shares
        }
      }
    }
  }

  private var dependencies: Dependencies {
    Dependencies(
      checkpoints: reader.checkpoints.indices.map { reader.origin($0).sha256 }, modes: modes,
      configuration: configuration, data: model.dataDigest, samples: model.data.count,
      normalization: model.data.normalization, loss: model.loss.loss,
      convolution: context.engine.convolution.rawValue, libraries: Toolkit.libraries,
      version: Toolkit.version)
  }
}
