import FileFormats
import Testing

@testable import Checkpoints

/// Pickles name a value again with two bytes, so that a small file may stand for any number of values.
@Suite struct SharedValuesTests {
  /// What is said of a pickle, and how long it took.
  private func refusal(_ bytes: [UInt8]) -> (text: String, time: Duration) {
    var text = ""
    let time = ContinuousClock().measure {
      do throws(FileFormatError) {
        _ = try CheckpointFile.read(bytes, path: "test")
      } catch {
        text = error.description
      }
    }
    return (text, time)
  }

  /// A text as a pickle writes it.
  private func text(_ name: String) -> [UInt8] {
    [UInt8(ascii: "X"), UInt8(name.utf8.count), 0, 0, 0] + Array(name.utf8)
  }

  @Test func longListsThatAreRepeatedAreRefusedAtOnce() {
    let count = 60_000
    // {'a': [{}, list, list, ...]} with a list of as many Nones.
    var bytes: [UInt8] = [0x80, 2] + Array("}".utf8) + text("a") + Array("](}](".utf8)
    bytes += [UInt8](repeating: UInt8(ascii: "N"), count: count) + Array("eq".utf8) + [0]
    for _ in 0..<count { bytes += [UInt8(ascii: "h"), 0] }
    bytes += Array("es.".utf8)
    let refusal = refusal(bytes)
    #expect(refusal.text.contains("repeats its lists"), "\(refusal.text)")
    #expect(refusal.time < .seconds(10))
  }

  @Test func modulesThatHoldModulesTwiceAreRefusedSoon() {
    func module(_ children: [UInt8]) -> [UInt8] {
      var bytes = Array("c__main__\nNet\n)\u{81}}(".unicodeScalars.map { UInt8($0.value) })
      for (name, value) in [("_parameters", []), ("_buffers", []), ("_modules", children)] {
        bytes += text(name) + Array("}(".utf8) + value + Array("u".utf8)
      }
      return bytes + Array("ub".utf8)
    }
    var bytes: [UInt8] = [0x80, 2, UInt8(ascii: "(")] + module([]) + [UInt8(ascii: "q"), 0]
    for level: UInt8 in 1...30 {
      let inner = [UInt8(ascii: "h"), level - 1]
      bytes += module(text("a") + inner + text("b") + inner) + [UInt8(ascii: "q"), level]
    }
    // Of the stack all but the last is dropped.
    bytes += Array("1h".utf8) + [30, UInt8(ascii: ".")]
    let refusal = refusal(bytes)
    #expect(refusal.text.contains("holds more than"), "\(refusal.text)")
    #expect(refusal.time < .seconds(30))
  }
}
