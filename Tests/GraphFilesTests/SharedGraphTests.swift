import Checkpoints
import FileFormats
import Foundation
import ModelImport
import TestSupport
import Testing

@testable import GraphFiles

/// The nine networks of `import/models`, exported in several forms.
@Suite(.enabled(if: SharedData.has("import/models"), SharedData.note))
struct SharedGraphTests {
  static let networks = [
    "vit", "gpt", "llama", "mobile", "convnext", "sine", "lstm", "unet", "dense",
  ]
  static let programs = networks.map { "\($0).pt2" } + ["vit.dynamic.pt2", "gpt.dynamic.pt2"]

  static func read(_ name: String) throws -> GraphFile {
    try GraphFile.read(try SharedData.url("import/models/\(name)").path)
  }

  /// Names of the parameters as PyTorch gave them, tied ones once.
  static func parameterNames(of network: String) throws -> [String] {
    let url = try SharedData.url("import/models/\(network).npz")
    let archive = try ZipArchive(try FileBytes.read(url.path))
    // An array of text: a header of 128 bytes, then 4 bytes a letter.
    let bytes = Array(try archive.contents(named: "parameters.npy"))
    let header = String(decoding: bytes.prefix(128), as: UTF8.self)
    let width = try #require(header.firstMatch(of: #/<U(\d+)/#).flatMap { Int($0.1) })
    return stride(from: 128, to: bytes.count, by: 4 * width).map { start in
      let letters = stride(from: start, to: start + 4 * width, by: 4).map { bytes[$0] }
      return String(decoding: letters.prefix { $0 != 0 }, as: UTF8.self)
    }
  }

  @Test(arguments: programs)
  func parametersOfProgramsAreThoseOfTheStateDict(file: String) throws {
    let graph = try Self.read(file)
    let network = String(file.prefix { $0 != "." })
    let parameters = graph.program.tensors.filter { $0.kind == .parameter }
    #expect(parameters.map(\.name) == (try Self.parameterNames(of: network)))
    #expect(graph.tensors.prefix(parameters.count).map(\.name) == parameters.map(\.name))
    #expect(graph.tensors.prefix(parameters.count).map(\.shape) == parameters.map(\.shape))
    #expect(graph.program.tensors.allSatisfy { $0.kind != .frozen })
    let tied = parameters.filter { !$0.aliases.isEmpty }
    #expect(tied.map(\.name) == (network == "gpt" ? ["token.weight"] : []))
    #expect(tied.map(\.aliases) == (network == "gpt" ? [["head.weight"]] : []))
    let first = try #require(graph.program.inputs.first)
    #expect(first.shape.first == (file.contains("dynamic") ? .some(nil) : .some(1)))
    #expect(graph.program.outputs.count == 1)
  }

  @Test(arguments: networks, ["onnx", "ts.onnx"])
  func modelsHaveTheParametersOfThePrograms(network: String, suffix: String) throws {
    // What no rule can tell from a parameter, and the name that the exporter gave a tied weight.
    let constants: [String: Set<String>] = ["llama.onnx": ["frequency"]]
    let tied = ["gpt.onnx": "head.weight"]
    let file = "\(network).\(suffix)"
    let graph = try GraphFile.read(
      try SharedData.url("import/models/\(file)").path, constants: constants[file] ?? [])
    let program = try Self.read("\(network).pt2")
    #expect(graph.foldedNames.isEmpty)
    let parameters = graph.program.tensors.filter { $0.kind == .parameter }.map(\.name)
    let expected = try Self.parameterNames(of: network).map {
      $0 == "token.weight" ? tied[file] ?? $0 : $0
    }
    #expect(Set(parameters) == Set(expected) && parameters.count == expected.count)
    if tied[file] == nil { #expect(parameters == expected) }
    for tensor in graph.tensors where tensor.name != "frequency" {
      let other = program.tensors.first {
        $0.name == tensor.name || tied[file] == tensor.name && $0.name == "token.weight"
      }
      #expect(tensor.array == other?.array, "\(tensor.name)")
    }
    #expect(graph.program.inputs.first?.shape.first == (suffix == "onnx" ? .some(nil) : .some(1)))
    #expect(graph.program.inputs.map(\.name) == program.program.inputs.map(\.name))
    #expect(graph.program.outputs == ["output"])
    let doubtful: [String: [String]] = [
      "vit": ["token", "position"], "convnext": ["scale"],
    ]
    #expect(graph.doubtfulNames == doubtful[network] ?? [], "\(file)")
  }

  @Test func aBufferThatCouldBeAParameterIsNamed() throws {
    #expect(try Self.read("llama.onnx").doubtfulNames == ["frequency"])
  }

  @Test func aLossInsideIsTheResult() throws {
    let graph = try Self.read("sine.loss.pt2")
    #expect(graph.program.inputs.count == 2)
    #expect(graph.program.outputs.count == 1)
  }

  @Test(arguments: ["sine.pt2", "lstm.pt2", "sine.ts.onnx", "unet.onnx"])
  func damageIsAnErrorOrHarmless(file: String) throws {
    let path = try SharedData.url("import/models/\(file)").path
    try forEachDamage(try FileBytes.read(path), step: 331) { damaged in
      if file.hasSuffix("pt2") {
        _ = try Fixture.exportedProgram(damaged)
      } else {
        _ = try ONNXReader.read(damaged, path: path, constants: [])
      }
    }
  }
}
