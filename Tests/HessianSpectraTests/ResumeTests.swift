import FileFormats
import Foundation
import HessianSpectra
import Krylov
import LinearAlgebra
import TestSupport
import Testing

/// An interrupted run, continued, gives the bits of an undisturbed one.
@Suite struct ResumeTests {
  private struct Stop: Error {}
  private let settings = SpectrumSettings(steps: 12, probes: 2, top: 3, bottom: 1, traceSamples: 4)
  private let products = 2 * 12 + 4

  private func dense() -> DenseSymmetricOperator<Float> {
    var stream = RandomStream(seed: 8, label: "dense")
    return DenseSymmetricOperator(diagonal: (0..<60).map { _ in Float(stream.normal()) })
  }

  /// Runs until `limit` products have been computed, at most.
  private func run(
    _ path: String, limit: Int, configuration: [String] = ["a"]
  ) throws -> (result: SpectrumResult?, counter: ProductCounter) {
    let counter = ProductCounter()
    let journal = try ProductJournal(path: path, configuration: configuration)
    let recorded = RecordedOperator(dense(), journal: journal, counter: counter) {
      if counter.computed >= limit { throw Stop() }
    }
    do {
      return (
        try computeSpectrum(of: recorded, settings: settings, blockSize: 4).result, counter
      )
    } catch is Stop {
      return (nil, counter)
    }
  }

  @Test(arguments: [0, 1, 7, 12, 14, 20, 27])
  func aContinuedRunHasTheSameBits(_ limit: Int) throws {
    let undisturbed = try computeSpectrum(of: dense(), settings: settings).result
    try withTemporaryFolder { folder in
      let path = folder.appending(path: "products").path
      #expect(try run(path, limit: limit).result == nil)
      let (result, counter) = try run(path, limit: .max)
      #expect(result == undisturbed)
      // The four products of the trace are one group.
      let kept = limit > 12 && limit < 16 ? 16 : limit
      #expect(counter.playedBack == kept && counter.total == products)
    }
  }

  @Test(arguments: [1, 63, 64, 200, 365])
  func aTornRecordIsComputedAgain(_ cut: Int) throws {
    let undisturbed = try computeSpectrum(of: dense(), settings: settings).result
    try withTemporaryFolder { folder in
      let path = folder.appending(path: "products").path
      _ = try run(path, limit: 9)
      let bytes = try FileBytes.read(path)
      try AtomicFile.write(Array(bytes.dropLast(cut)), to: path)
      let (result, counter) = try run(path, limit: .max)
      #expect(result == undisturbed && counter.playedBack == 8)
    }
  }

  @Test func aDamagedRecordEndsThePlayback() throws {
    let undisturbed = try computeSpectrum(of: dense(), settings: settings).result
    try withTemporaryFolder { folder in
      let path = folder.appending(path: "products").path
      _ = try run(path, limit: 9)
      var bytes = try FileBytes.read(path)
      // A record has 2 digests of 64 bytes and 60 floats; the third last is damaged.
      bytes[bytes.count - 3 * 368 + 100] ^= 1
      try AtomicFile.write(bytes, to: path)
      let (result, counter) = try run(path, limit: .max)
      #expect(result == undisturbed && counter.playedBack == 6)
    }
  }

  @Test func aJournalTellsHowMuchOfItIsPlayedBack() throws {
    try withTemporaryFolder { folder in
      let path = folder.appending(path: "products").path
      _ = try run(path, limit: 4)
      let size = try FileBytes.read(path).count
      let journal = try ProductJournal(path: path, configuration: ["a"])
      var shares: [Double] = []
      let recorded = RecordedOperator(dense(), journal: journal, counter: ProductCounter()) {
        if journal.playedBackShare == nil { throw Stop() }
      }
      do {
        _ = try computeSpectrum(
          of: recorded, settings: settings,
          progress: { _ in journal.playedBackShare.map { shares.append($0) } })
      } catch is Stop {}
      // The last of the four products leaves nothing; a record has 368 bytes.
      #expect(shares == (1...3).map { Double(size - (4 - $0) * 368) / Double(size) })
    }
  }

  @Test func productsOfOtherSettingsAreRefused() throws {
    try withTemporaryFolder { folder in
      let path = folder.appending(path: "products").path
      _ = try run(path, limit: 3)
      #expect(throws: SpectrumError.self) {
        try run(path, limit: 3, configuration: ["b"])
      }
      try AtomicFile.write(Array("something else entirely".utf8), to: path)
      #expect(throws: SpectrumError.self) { try run(path, limit: 3) }
    }
  }
}
