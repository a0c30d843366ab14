import Foundation
import Testing

/// What the fuzzer starts from and what it once found: read or refused, and soon.
@Suite(.serialized) struct FuzzRegressionTests {
  private static let tests = URL(filePath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent()

  private static func check(_ reader: FuzzedReader, _ bytes: [UInt8], _ name: String) {
    let time = ContinuousClock().measure { reader.run(bytes) }
    #expect(time < .seconds(10), "\(reader.name), \(name): \(time)")
  }

  @Test(arguments: FuzzedReader.all.map(\.name))
  func findingsStayFixed(_ name: String) throws {
    let reader = try #require(FuzzedReader.named(name))
    let folder = Self.tests.appending(path: "Fuzzing/Corpus/\(name)")
    let files = (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []
    for file in files.sorted() {
      Self.check(reader, Array(try Data(contentsOf: folder.appending(path: file))), file)
    }
  }

  /// A reader whose seeds are all refused is not fuzzed.
  @Test(arguments: FuzzedReader.all.map(\.name))
  func seedsAreRead(_ name: String) throws {
    let reader = try #require(FuzzedReader.named(name))
    let errors = try reader.seeds.map { reader.run(try $0.bytes(tests: Self.tests.path)) }
    #expect(
      errors.contains { $0 == nil } || name == "foreign-file",
      "\(errors.compactMap(\.self))")
  }

  /// Changed inputs of each reader; `BASIN_FUZZ` sets another number.
  private static let count =
    ProcessInfo.processInfo.environment["BASIN_FUZZ"].flatMap { Int($0) } ?? 100

  /// Containers are put together as they were, so that a mutation changes what it means to change.
  @Test(arguments: FuzzedReader.all.map(\.name))
  func mutatedInputsAreReadOrRefused(_ name: String) throws {
    let reader = try #require(FuzzedReader.named(name))
    let words = try reader.words?.bytes(tests: Self.tests.path) ?? []
    let seeds = try reader.seeds.map { try $0.bytes(tests: Self.tests.path) }
    for index in 0..<Self.count {
      var bytes = ByteMutator(seed: index, words: words)
      var mutator = StructuredMutator(reader, seed: index) { bytes.mutated($0, limit: $1) }
      let changed = mutator.mutated(seeds[index % seeds.count], limit: 1 << 20)
      Self.check(reader, try #require(changed), "mutation \(index)")
    }
  }

  @Test func namesAreThoseOfTheCorpus() throws {
    let names = FuzzedReader.all.map(\.name)
    #expect(Set(names).count == names.count)
    let folders = try FileManager.default.contentsOfDirectory(
      atPath: Self.tests.appending(path: "Fuzzing/Corpus").path)
    #expect(Set(folders).isSubset(of: names))
  }
}
