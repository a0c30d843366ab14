import Analyses
import Artifacts
import Checkpoints
import Communication
import Datasets
import DigitsReference
import Foundation
import LinearAlgebra
import ModelSearch
import NeuralNetworks
import Synchronization
import TestSupport
import Testing

/// Files of other programs that several ranks open: one measures, the others follow its numbers.
@Suite struct RankedOpeningTests {
  /// The network of the digits as another program would have written it.
  private func foreignFile() throws -> String {
    let path = try temporaryPath("foreign.safetensors")
    try CheckpointFile.write(DigitsReference(.mlp).trained.storedTensors, metadata: [:], to: path)
    return path
  }

  private struct Opened: Equatable {
    let reading: MeasuredReading?
    let architecture: String
    let weights: [Float]
    let normalization: String
  }

  @Test func allRanksReadAFileAsOneProcessDoes() throws {
    let path = try foreignFile()
    let open = { @Sendable (ranks: any Communicator) in
      var known = KnownInputs()
      let model = try OpenedModel(
        path, ModelConfiguration(data: "digits"), known: &known, ranks: ranks, report: { _ in })
      return Opened(
        reading: model.reading, architecture: model.trained.model.name,
        weights: model.trained.point.weights.elements.array,
        normalization: "\(model.data.normalization)")
    }
    let alone = try open(Alone())
    #expect(alone.reading != nil)
    #expect(try ThreadRanks.run(3, open) == [alone, alone, alone])
  }

  /// Waiting for numbers of another search would never end.
  @Test func ranksThatOpenDifferentlySayInWhat() throws {
    let path = try foreignFile()
    let error = #expect(throws: AnalysisError.self) {
      try ThreadRanks.run(2) { ranks in
        var configuration = ModelConfiguration(data: "digits")
        configuration.normalization = ranks.isFirst ? nil : "none"
        var known = KnownInputs()
        _ = try OpenedModel(path, configuration, known: &known, ranks: ranks, report: { _ in })
      }
    }
    #expect(error?.description.contains("differs from rank 0") == true)
    #expect(error?.description.contains("in normalization;") == true)
  }

  /// On images that say nothing, with the numbers of a search on images that do.
  @Test func aSearchWithTheNumbersOfAnotherOneDoesNotMeasure() throws {
    let contents = try OpenedCheckpoint(path: foreignFile(), graph: GraphChoice()).contents
    guard
      case .images(let digits) = try FoundData(
        "digits", labels: .fine, view: .automatic, inputs: []
      )
      .open(.train)
    else { return #expect(Bool(false), "digits are images") }
    let blank = try Dataset(
      name: digits.name, split: digits.split, source: digits.source, shape: digits.shape,
      pixels: .bytes([UInt8](repeating: 0, count: digits.count * digits.shape.count), white: 16),
      labels: digits.labels, classCount: digits.classCount)
    func search(_ dataset: Dataset, known: SearchRecord? = nil) -> ModelSearch {
      ModelSearch(
        .init(
          contents: contents, dataset: dataset, normalization: nil, ownStatistics: nil, fixed: [],
          isStated: false, loss: nil),
        pool: WorkerPool(threadCount: 1), known: known
      ) { _, _ in }
    }
    let first = search(digits)
    let found = try #require(first.outcome())
    #expect(found.isAboveChance)
    let sent = try JSONEncoder().encode(first.record)
    let record = try JSONDecoder().decode(SearchRecord.self, from: sent)
    let followed = try #require(search(blank, known: record).outcome())
    #expect(followed.reading == found.reading)
    #expect(followed.normalization == found.normalization)
    #expect(try #require(search(blank).outcome()).reading != found.reading)
  }
}
