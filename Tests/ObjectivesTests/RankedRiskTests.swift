import Checkpoints
import Communication
import Datasets
import DigitsReference
import Foundation
import GraphRuntime
import LinearAlgebra
import NeuralNetworks
import Testing

@testable import Objectives

/// A risk whose samples several ranks share: the bits are those of one process.
struct RankedRiskTests {
  /// A network with its samples, and what batches it is taken through in.
  enum Network: String, CaseIterable {
    /// Micro-batches in groups, of an uneven number.
    case digits
    /// Small convolutions with batch norms, in micro-batches.
    case residual
    /// The same with statistics of batches, each of which is a pass of its own.
    case batches
    /// A transformer, whose threads share batches.
    case transformer
  }

  /// Everything that a risk computes, as bits.
  struct Bits: Equatable, Sendable {
    var values: [UInt64] = []
    var elements: [UInt32] = []

    mutating func add(_ value: RiskValue) {
      values += [value.loss.bitPattern, value.score.bitPattern, UInt64(value.correct)]
    }

    mutating func add(_ vector: Vector<Float>) { elements += vector.array.map(\.bitPattern) }
  }

  static func model(_ network: Network) throws -> (Model, ModelPoint, Samples, RiskOptions) {
    switch network {
    case .digits:
      let reference = try DigitsReference(.mlp)
      let part = try DatasetCatalog.open("digits", split: .train).prefix(samples: 300)
      let data = try NormalizedDataset(part, ChannelNormalization(parsing: "half"))
      return (
        reference.trained.model, reference.trained.point, SampleData.images(data).samples,
        RiskOptions(microBatch: 2)
      )
    case .residual, .batches:
      let model = try Model(
        Architecture.named(
          "resnet8-w4", input: .init(channels: 3, height: 8, width: 8), classCount: 4))
      var stream = RandomStream(seed: 5, label: "ranks")
      let samples = Samples(
        images: stream.normalVector(count: 150 * 192), shape: [3, 8, 8],
        labels: (0..<150).map { _ in Int32(stream.integer(below: 4)) })
      return (
        model, model.initialPoint(seed: 3), samples,
        network == .batches
          ? RiskOptions(normalization: .batch, batchSize: 8, weightDecay: 1e-3)
          : RiskOptions(microBatch: 4, weightDecay: 1e-3)
      )
    case .transformer:
      let json = #"{"n_layer": 1, "n_embd": 8, "n_head": 2, "vocab_size": 13, "n_positions": 40}"#
      let model = try Model(
        .definition(
          AnyModelDefinition(
            GPT2(
              className: "GPT2LMHeadModel",
              configuration: JSONDecoder().decode(GPT2Configuration.self, from: Data(json.utf8)),
              data: TransformersInputs(
                [.init(name: "input_ids", shape: [40], isInteger: true)], source: "data")))))
      var stream = RandomStream(seed: 6, label: "ranks")
      let tokens = SampleArray(
        "input_ids", [40], integers: (0..<200 * 40).map { _ in stream.integer(below: 13) })
      return (
        model, model.initialPoint(seed: 3), Samples(count: 200, inputs: [tokens], target: tokens),
        RiskOptions()
      )
    }
  }

  static func bits(
    _ network: Network, threads: Int, ranks: any Communicator
  ) throws -> Bits {
    let (model, point, samples, options) = try model(network)
    let risk = try EmpiricalRisk(
      model: model, samples: samples, options: options, pool: WorkerPool(threadCount: threads),
      ranks: ranks)
    var bits = Bits()
    bits.add(try risk.value(at: point))
    let (value, gradient) = try risk.gradient(at: point)
    bits.add(value)
    bits.add(gradient)
    bits.add(try risk.outputs(at: point))
    if network == .residual { bits.add(try risk.recalibratedBuffers(at: point).elements) }
    var stream = RandomStream(seed: 7, label: "direction")
    let directions: [Vector<Float>] = (0..<2).map { _ in
      stream.normalVector(count: model.layout.count)
    }
    for matrix in CurvatureMatrix.allCases {
      let settings = CurvatureSettings(
        matrix, targetSeed: 3, targetDraws: matrix == .sampledFisher ? 2 : 1, keptBytes: 200_000,
        directionsAtOnce: 2)
      let curvature = try risk.curvature(settings, at: point)
      // The third product takes over what the first two have kept.
      for direction in directions { bits.add(try curvature.product(with: direction)) }
      for product in try curvature.products(with: directions) { bits.add(product) }
    }
    return bits
  }

  @Test(arguments: Network.allCases)
  func `loss, gradient, outputs and all products have the bits of one process`(
    network: Network
  ) throws {
    let alone = try Self.bits(network, threads: 1, ranks: Alone())
    #expect(alone.elements.allSatisfy { Float(bitPattern: $0).isFinite })
    for size in 1...4 {
      for threads in 1...2 {
        let all = try ThreadRanks.run(size) {
          try Self.bits(network, threads: threads, ranks: $0)
        }
        for (rank, bits) in all.enumerated() {
          #expect(bits == alone, "rank \(rank) of \(size), \(threads) threads")
        }
      }
    }
  }

  /// Otherwise one rank would do it all, and the test above would show nothing.
  @Test(arguments: Network.allCases) func `samples are several groups`(network: Network) throws {
    let (model, _, samples, options) = try Self.model(network)
    let risk = try EmpiricalRisk(
      model: model, samples: samples, options: options, pool: .callerAlone)
    let size = options.normalization == .batch ? options.batchSize : risk.key(.loss).batch
    #expect(SumTree(batches: (samples.count + size - 1) / size).groups >= 2)
  }
}
