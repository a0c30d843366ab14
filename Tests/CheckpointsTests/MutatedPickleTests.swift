import FileFormats
import Foundation
import LinearAlgebra
import Testing

@testable import Checkpoints

/// Damaged pickles inside sound archives: the checksums of zip hide nothing from the readers behind it.
///
/// `BASIN_FUZZ` sets another number of changed files of each kind.
@Suite struct MutatedPickleTests {
  private static let rounds =
    ProcessInfo.processInfo.environment["BASIN_FUZZ"].flatMap { Int($0) } ?? 150

  /// Values that mean much to a pickle: opcodes, lengths and ends of ranges.
  private static let bytes: [UInt8] =
    Array("().tRb}]squeacQNhjXMKJGIq\u{0}\u{1}\u{2}".utf8) + [
      0x7F, 0x80, 0x81, 0x85, 0x86, 0x87, 0xFF,
    ]

  /// Changes bytes, or repeats, moves or removes a range.
  private static func mutated(_ bytes: [UInt8], _ random: inout RandomStream) -> [UInt8] {
    guard !bytes.isEmpty else { return bytes }
    var result = bytes
    for _ in 0..<1 + random.integer(below: 4) where !result.isEmpty {
      let place = random.integer(below: result.count)
      let end = min(result.count, place + 1 + random.integer(below: 24))
      switch random.integer(below: 6) {
      case 0: result[place] = UInt8(random.integer(below: 256))
      case 1, 2: result[place] = Self.bytes[random.integer(below: Self.bytes.count)]
      case 3: result.insert(contentsOf: result[place..<end], at: place)
      case 4:
        let range = Array(result[place..<end])
        result.insert(contentsOf: range, at: random.integer(below: result.count + 1))
      default: result.removeSubrange(place..<end)
      }
    }
    return result
  }

  @Test(arguments: [
    "net.pt", "net-state.pth", "net-compiled.pt", "settings.pt", "device-numpy.pt",
    "device-host.pt",
    "subclass.pt", "kind-quantised.pt", "kind-rows.pt", "reparametrized-module.pt",
    "reparametrized-new.pt", "lightning.ckpt", "two.pt",
  ])
  func damagedPicklesAreErrorsOrHarmless(name: String) throws {
    let archive = try ZipArchive(try FileBytes.read(Fixture.path(name)))
    var random = RandomStream(seed: 13, label: "mutated \(name)", index: 0)
    for _ in 0..<Self.rounds {
      var writer = ZipWriter<MemorySink>()
      for entry in archive.entries {
        let contents = Array(try archive.contents(of: entry))
        try writer.add(
          entry.name,
          entry.name.hasSuffix("data.pkl") ? Self.mutated(contents, &random) : contents)
      }
      Self.expectErrorOrContents(try writer.finished(), name)
    }
  }

  @Test(arguments: ["net-0.pkl", "net-4.pkl", "tensors.pkl", "list.pkl", "settings-legacy.pt"])
  func damagedFilesAreErrorsOrHarmless(name: String) throws {
    let bytes = try FileBytes.read(Fixture.path(name))
    var random = RandomStream(seed: 13, label: "mutated \(name)", index: 0)
    for _ in 0..<Self.rounds { Self.expectErrorOrContents(Self.mutated(bytes, &random), name) }
  }

  private static func expectErrorOrContents(_ bytes: [UInt8], _ name: String) {
    do throws(FileFormatError) {
      let contents = try CheckpointFile.read(bytes, path: name)
      #expect(!contents.tensors.isEmpty)
      #expect(contents.remarks.allSatisfy { !$0.contains("\n") })
      _ = contents.recordedAccuracy
    } catch {
      #expect(!error.description.contains("\n"))
    }
  }
}
