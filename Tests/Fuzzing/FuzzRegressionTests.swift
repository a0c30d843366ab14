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

  /// Containers are put together as they were, so that a mutation changes what it means to change.
  @Test(arguments: FuzzedReader.all.map(\.name))
  func mutationsOfPartsKeepContainersWhole(_ name: String) throws {
    let reader = try #require(FuzzedReader.named(name))
    for seed in reader.seeds {
      let bytes = try seed.bytes(tests: Self.tests.path)
      for index in 0..<8 {
        var mutator = StructuredMutator(reader, seed: index) { bytes, _ in bytes.reversed() }
        let changed = mutator.mutated(bytes, limit: 1 << 20)
        Self.check(reader, try #require(changed), "mutation \(index)")
      }
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
