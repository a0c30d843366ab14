import ComputationGraph
import Foundation
import ReferenceRuntime
import TestSupport
import Testing

@testable import NeuralNetworks

/// Networks of public zoos have the names, shapes and outputs of their originals.
///
/// `Tests/Fixtures/architecture_reference.py` computed them from the originals in PyTorch, with all
/// tensors filled by a formula. The logits of large networks take minutes: `BASIN_ZOO_LOGITS=all`, or
/// beginnings of names, separated by commas.
@Suite struct ZooTests {
  struct Reference: Decodable, Sendable {
    let extent: Int
    let weights: Int
    let parameters: Int
    let buffers: Int
    let digest: String
    let logits: [Double]
  }

  static let references: [String: Reference] = {
    let file = URL(filePath: #filePath).deletingLastPathComponent()
      .deletingLastPathComponent().appending(path: "Fixtures/architectures.json")
    guard let data = try? Data(contentsOf: file) else { return [:] }
    return (try? JSONDecoder().decode([String: Reference].self, from: data)) ?? [:]
  }()

  static let names = references.keys.sorted()

  /// One of each kind of block, as small as there are.
  static let small =
    [
      "densenet-40-12", "mobilenet-v3-small-imagenet", "mobilenetv2-x0-5-chenyaofo",
      "preresnet29-bottleneck", "resnet29-bottleneck", "shufflenetg2", "shufflenetv2-0-5",
      "squeezenet1-1-imagenet", "vit-tiny-patch16-224-timm",
    ]
    + names.filter { name in
      name.contains("-lucidrains-")
        || ["convmixer", "encoder", "mixer-patch", "lstm", "gru", "rnn"].contains {
          name.hasPrefix($0)
        }
    }

  static let withLogits: [String] = {
    guard let choice = ProcessInfo.processInfo.environment["BASIN_ZOO_LOGITS"] else { return small }
    let beginnings = choice.split(separator: ",")
    return names.filter { name in choice == "all" || beginnings.contains { name.hasPrefix($0) } }
  }()

  private func model(_ name: String, _ reference: Reference) throws -> Model {
    try Model(
      .named(
        name,
        input: Architecture.Input(
          channels: 3, height: reference.extent, width: reference.extent), classCount: 3))
  }

  @Test func `references are there`() {
    #expect(Self.names.count > 150)
    #expect(Set(Self.small).isSubset(of: Self.names))
  }

  @Test(arguments: names)
  func `names, shapes and their order are those of the original`(name: String) throws {
    let reference = try #require(Self.references[name])
    let model = try model(name, reference)
    #expect(model.name == name)
    #expect(model.layout.count == reference.weights)
    #expect(model.layout.segments.count == reference.parameters)
    #expect(model.bufferLayout.segments.count == reference.buffers)
    let lines =
      model.layout.segments.map { "\($0.name) \($0.shape)" }
      + model.bufferLayout.segments.map { "\($0.name) \($0.shape)" }
    let text = lines.map { $0.replacing(", ", with: ",") + "\n" }.joined()
    #expect(Self.digest(text) == reference.digest)
    if let path = ProcessInfo.processInfo.environment["BASIN_ZOO_NAMES"] {
      try text.write(toFile: "\(path)/\(name).txt", atomically: true, encoding: .utf8)
    }
  }

  @Test(arguments: withLogits)
  func `logits are those of the original`(name: String) throws {
    let reference = try #require(Self.references[name])
    let model = try model(name, reference)
    let extent = reference.extent
    var point = ["images": Self.wave("images", 2 * 3 * extent * extent) { $0 }]
    for segment in model.layout.segments {
      // A ReLU stands behind SqueezeNet's logits: with biases of both signs they could all be zero.
      point[segment.name] = Self.fill(
        segment.name, segment.shape, isPositive: name.hasPrefix("squeezenet"))
    }
    for segment in model.bufferLayout.segments {
      let isMean = segment.role == .runningMean
      point[segment.name] = Self.wave(segment.name, segment.shape.count) {
        isMean ? 0.2 * $0 : 1 + 0.5 * $0
      }
    }
    var graph = Graph()
    let built = try model.instantiate(batch: 2, mode: .inference, in: &graph)
    let found = ReferenceRuntime.evaluate(graph, outputs: [built.output], inputs: point)
    // Two ways through hundreds of layers, each of which may add its roundings to those before.
    #expect(relativeError(found[0], reference.logits) < 1e4 * Tolerance.exactInDouble)
  }

  @Test func `counts of tensors are those of the networks`() throws {
    for family in ArchitectureFamily.all {
      for name in family.names {
        let counts = try #require(KnownNetwork.tensorCounts[name], "\(name)")
        let known = try #require(KnownNetwork.all.first { $0.name == name })
        let model = try Model(
          .named(
            name,
            input: Architecture.Input(
              channels: 3, height: known.usualExtent, width: known.usualExtent), classCount: 10))
        #expect(model.layout.segments.count == counts.parameters, "\(name)")
        #expect(model.bufferLayout.segments.count == counts.buffers, "\(name)")
      }
    }
  }

  @Test func `the help names every network once`() throws {
    let rows = Architecture.acceptedNames.filter { $0.pattern.hasPrefix("NAME") }
    var named: [String] = []
    for (pattern, meaning) in rows {
      let list = try #require(meaning.components(separatedBy: "NAME is ").last)
      named += list.components(separatedBy: ", ").map { $0 + pattern.dropFirst("NAME".count) }
    }
    #expect(named.sorted() == ArchitectureFamily.all.flatMap { $0.names }.sorted())
  }

  @Test func `the list in the documentation names every network`() throws {
    let file = URL(filePath: #filePath).deletingLastPathComponent()
      .deletingLastPathComponent().deletingLastPathComponent()
      .appending(path: "Docs/Architectures.md")
    let text = try String(contentsOf: file, encoding: .utf8)
    for name in ArchitectureFamily.all.flatMap({ $0.names }) {
      #expect(text.contains("`\(name)`"), "\(name)")
    }
  }

  // MARK: - The formula

  /// `sin(0.37 (i^2 mod 10007) + phase)` with a phase from the letters of the name, mapped.
  private static func wave(_ name: String, _ count: Int, _ body: (Double) -> Double) -> [Double] {
    let period = 10_007
    let phase = Double(name.utf8.reduce(0) { $0 + Int($1) } % 997)
    let once = (0..<min(count, period)).map { body(sin(0.37 * Double(($0 * $0) % period) + phase)) }
    var elements: [Double] = []
    elements.reserveCapacity(count + period)
    while elements.count < count { elements += once }
    return Array(elements.prefix(count))
  }

  private static func fill(_ name: String, _ shape: Shape, isPositive: Bool) -> [Double] {
    let fan = shape.dimensions.dropFirst().reduce(1, *)
    if shape.rank >= 2 && fan > 1 {
      let scale = 1.5 / Double(fan).squareRoot()
      return wave(name, shape.count) { scale * $0 }
    }
    guard name.hasSuffix("bias") else { return wave(name, shape.count) { 1 + 0.3 * $0 } }
    return wave(name, shape.count) { 0.2 * (isPositive ? abs($0) : $0) }
  }

  /// FNV-1a, 64 bits.
  private static func digest(_ text: String) -> String {
    var value: UInt64 = 0xcbf2_9ce4_8422_2325
    for byte in text.utf8 { value = (value ^ UInt64(byte)) &* 0x100_0000_01b3 }
    let digits = String(value, radix: 16)
    return String(repeating: "0", count: 16 - digits.count) + digits
  }
}
