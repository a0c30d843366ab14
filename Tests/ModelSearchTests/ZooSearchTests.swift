import Analyses
import Artifacts
import ArgumentParser
import Checkpoints
import CommandSupport
import Datasets
import Foundation
import LinearAlgebra
import NeuralNetworks
import Objectives
import TestSupport
import Testing

/// The small trained networks of the shared zoo, opened by default as their authors left them.
@Suite struct ZooSearchTests {
  /// What is known of a network.
  private struct Truth: Decodable {
    let data: String
    let samples: Int
    let layers: String
    let mean: [Double]?
    let std: [Double]?
    let loss: Double
    let file: String
  }

  private enum Verdict: Equatable {
    case right
    case wrong(String)
    case refused(String)
  }

  /// The networks; none without the shared data.
  static let networks: [String] = {
    guard let zoo = try? SharedData.url("zoo"),
      let folders = try? FileManager.default.contentsOfDirectory(atPath: zoo.path)
    else { return [] }
    return folders.filter {
      FileManager.default.fileExists(atPath: zoo.appending(path: "\($0)/truth.json").path)
    }.sorted()
  }()

  /// Within 1 percent of the true loss, or within 3 percent with the true layers among those that are named as
  /// equally good.
  @Test(.enabled(if: SharedData.has("zoo"), SharedData.note), arguments: networks)
  func networksOfTheZooAreReadRight(name: String) throws {
    let folder = try SharedData.url("zoo").appending(path: name)
    let truth = try JSONDecoder().decode(
      Truth.self, from: Data(contentsOf: folder.appending(path: "truth.json")))
    switch try verdict(truth, in: folder) {
    case .right: break
    case .refused(let text), .wrong(let text): Issue.record("\(name): \(text)")
    }
  }

  @Test(.enabled(if: SharedData.has("zoo"), SharedData.note))
  func theZooHasAllItsNetworks() {
    #expect(Self.networks.count == 33)
  }

  private func verdict(_ truth: Truth, in folder: URL) throws -> Verdict {
    let data = try SharedData.url(truth.data == "mnist" ? "zoo/data/mnist" : "cifar10")
    let opened: OpenedModel
    do {
      opened = try OpenedModel(
        path: folder.appending(path: truth.file).path,
        options: ModelOptions.parse([
          "--data", data.path, "--split", "test", "--samples", "\(truth.samples)",
        ]), isQuiet: true)
    } catch {
      return .refused("\(error)")
    }
    let loss = try opened.risk(RiskOptions(), pool: WorkerPool(threadCount: 2))
      .value(at: opened.trained.point).loss
    let distance = abs(loss - truth.loss) / truth.loss
    let reading = opened.reading
    if let reading {
      let losses = reading.ties.map(\.loss)
      #expect(losses == losses.sorted(), "what is as good does not come with the lowest loss first")
      #expect(losses.allSatisfy { $0 <= 1.03 * reading.chosen.loss }, "\(losses) are not as good")
      #expect(Set(losses).count == losses.count && !losses.contains(reading.chosen.loss))
    }
    if distance < 0.01 { return .right }
    let known = try plain(truth.layers)
    let values = try zip2(truth.mean, truth.std).map { try ChannelNormalization(mean: $0, std: $1) }
    let normalization = values?.description ?? ChannelNormalization.perImage.description
    // A name is that of the same network, whose layers no list says.
    let isNamed =
      reading?.ties.contains { tie in
        tie.normalization == normalization
          && (!LayerNetwork.isList(tie.architecture) || (try? plain(tie.architecture)) == known)
      } ?? false
    if distance < 0.03 && isNamed { return .right }
    return .wrong(
      "loss \(loss) instead of \(truth.loss), \(opened.trained.model.name) instead of \(truth.layers)"
    )
  }

  private func zip2<A, B>(_ a: A?, _ b: B?) -> (A, B)? {
    if let a, let b { (a, b) } else { nil }
  }

  /// The layers that do something outside of training and to the loss.
  private func plain(_ text: String) throws -> [Layer] {
    try Layer.list(text).filter { layer in
      switch layer {
      case .dropout, .logSoftmax, .softmax: false
      default: true
      }
    }
  }
}
