import Checkpoints
import FileFormats
import Foundation
import ModelImport
import Testing

@testable import GraphFiles

/// Code and archives that nobody wrote: followed or refused in one line, never a trap, never without end.
@Suite struct NetworkCodeFuzzTests {
  private static let count =
    ProcessInfo.processInfo.environment["BASIN_FUZZ"].flatMap { Int($0) } ?? 300

  private struct Generator: RandomNumberGenerator {
    var state: UInt64
    mutating func next() -> UInt64 {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return state ^ state >> 29
    }
  }

  private static func fixture(_ name: String) throws -> [UInt8] {
    try FileBytes.read(
      URL(filePath: #filePath).deletingLastPathComponent()
        .appending(path: "../ModelImportTests/Zoo/Fixtures/\(name)").path)
  }

  /// Words that the code of other networks has.
  private static let words = [
    "self", "x", "0", "-1", "1e9", "9223372036854775807", "-9223372036854775808", "None", "[]",
    "()",
    "torch.view", "torch.size(x, 0)", "torch.slice(x, 0, 0, 9, 0)", ".forward", "int", "ops.prim.",
    "range(3)", "while True:\n      pass\n", "[x, x]", "annotate", "torch.cat", "torch.pad",
    "CONSTANTS.c0",
    "torch.zeros", "**", "//", "%", "<<", "torch.unbind", "torch.expand", "torch.arange",
  ]

  private static func mutated(_ text: [UInt8], _ generator: inout Generator) -> [UInt8] {
    var bytes = text
    for _ in 0...Int.random(in: 0..<4, using: &generator) where !bytes.isEmpty {
      let place = Int.random(in: 0..<bytes.count, using: &generator)
      let end = min(place + Int.random(in: 1..<12, using: &generator), bytes.count)
      switch Int.random(in: 0..<4, using: &generator) {
      case 0: bytes[place] = UInt8.random(in: 0...255, using: &generator)
      case 1: bytes.removeSubrange(place..<end)
      case 2:
        let word = words[Int.random(in: 0..<words.count, using: &generator)]
        bytes.replaceSubrange(place..<end, with: Array(word.utf8))
      default: bytes.insert(contentsOf: bytes[place..<end], at: place)
      }
    }
    return bytes
  }

  private static func follow(_ code: CodeFile, shape: [Int?]) throws -> Int {
    let inputs = code.inputNames.map { ProgramInput(name: $0, element: .real, shape: shape) }
    let program = try code.graph(inputs: inputs).graph.program
    return (try? ImportedModel(program, name: "mutated")) == nil ? 0 : 1
  }

  @Test(arguments: ["code.small.scripted.pt", "code.small.traced.pt", "code.einsum.scripted.pt"])
  func mutatedArchivesAreFollowedOrRefused(_ name: String) throws {
    let archive = try ZipArchive(try Self.fixture(name))
    let shape: [Int?] = name.contains("einsum") ? [1, 5] : [1, 1, 4, 4]
    var generator = Generator(state: 7)
    var followed = 0
    let texts = archive.entries.filter { $0.name.hasSuffix(".py") || $0.name.hasSuffix(".pkl") }
    for _ in 0..<Self.count {
      let chosen = texts[Int.random(in: 0..<texts.count, using: &generator)].name
      var writer = ZipWriter()
      for entry in archive.entries where !entry.name.hasSuffix(".debug_pkl") {
        let contents = Array(try archive.contents(of: entry))
        try writer.add(
          entry.name, entry.name == chosen ? Self.mutated(contents, &generator) : contents)
      }
      let source = ByteSource(try writer.finished()[...], path: "mutated.pt")
      let time = ContinuousClock().measure {
        do {
          let code = CodeFile(
            path: "mutated.pt", format: .torchScript, sha256: "",
            code: try TorchScriptReader.read(source))
          followed += try Self.follow(code, shape: shape)
        } catch {
          #expect(!"\(error)".contains("\n"), "\(error)")
        }
      }
      #expect(time < .seconds(20), "\(chosen): \(time)")
    }
    #expect(followed > 0 && followed < Self.count)
  }

  @Test func mutatedSourcesAreFollowedOrRefused() throws {
    let body = """
      def forward(self, x):
          y = [x]
          for i, layer in enumerate(self.layers):
              y.append(F.leaky_relu(layer(torch.cat(y[-1:], dim=1)), 0.1 * i))
          if x.size(0) > 2 or x.shape[1] == 3:
              x = sum(y) / math.sqrt(len(y))
          x = x.view(-1, self.count(x))[:, ::1] + self.fc(x) * self.w
          return F.log_softmax(x, dim=1)
      def count(self, x):
          n = 1
          for s in x.size()[1:]:
              n *= s
          return n
      """
    var generator = Generator(state: 3)
    var followed = 0
    for _ in 0..<Self.count {
      let text = String(decoding: Self.mutated(Array(body.utf8), &generator), as: UTF8.self)
      do {
        followed += try Self.follow(try NetworkCodeTests.network(text), shape: [1, 3])
      } catch {
        #expect(!"\(error)".contains("\n"), "\(error)")
      }
    }
    #expect(followed > 0 && followed < Self.count)
  }
}
