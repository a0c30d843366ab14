import Foundation
import GraphFiles
import ModelImport
import NeuralNetworks
import TestSupport
import Testing

/// Programs that no exporter writes: read or refused, but never a trap, and never work without end.
@Suite struct ImporterFuzzTests {
  /// Mutations of each program; `BASIN_FUZZ` sets another number.
  private static let count =
    ProcessInfo.processInfo.environment["BASIN_FUZZ"].flatMap { Int($0) } ?? 400
  private static let first =
    ProcessInfo.processInfo.environment["BASIN_FUZZ_FIRST"].flatMap { Int($0) } ?? 0

  private static var files: [URL] {
    let fixtures = URL(filePath: #filePath).deletingLastPathComponent()
      .appending(path: "../../GraphFilesTests/Fixtures")
    var files = ["small.pt2", "traced.onnx", "plain.onnx"].map { fixtures.appending(path: $0) }
    if let models = try? SharedData.url("import/models") {
      files += ["mobile.pt2", "lstm.pt2", "gpt.pt2", "unet.onnx", "vit.onnx", "lstm.ts.onnx"].map {
        models.appending(path: $0)
      }
    }
    guard let path = ProcessInfo.processInfo.environment["BASIN_OPERATOR_TESTS"] else {
      return files
    }
    let corpus = URL(filePath: path).appending(path: "node")
    let names = (try? FileManager.default.contentsOfDirectory(atPath: corpus.path)) ?? []
    return files + names.sorted().map { corpus.appending(path: "\($0)/model.onnx") }
  }

  @Test func mutatedProgramsAreReadOrRefusedInOneLine() throws {
    var (runs, opened) = (0, 0)
    var slowest = Duration.zero
    for file in Self.files {
      guard let graph = try? GraphFile.read(file.path) else { continue }
      var program = graph.program
      if !program.tensors.contains(where: { $0.kind == .parameter }) { Self.addParameter(&program) }
      // Small programs of single operators are many.
      let count = program.nodes.count < 8 ? max(Self.count / 20, 1) : Self.count
      for seed in Self.first..<Self.first + count {
        var mutator = ProgramMutator(
          seed: seed,
          operations: SupportedOperators.groups(of: program.dialect)
            .flatMap(\.names))
        let other = mutator.mutated(program)
        let time = ContinuousClock().measure {
          do {
            let imported = try ImportedModel(other, name: "mutated")
            _ = try Model(.definition(AnyModelDefinition(imported)))
            opened += 1
          } catch {
            #expect(!"\(error)".contains("\n"))
          }
        }
        #expect(time < .seconds(5), "\(file.lastPathComponent), seed \(seed): \(time)")
        slowest = max(slowest, time)
        runs += 1
      }
    }
    print("\(runs) mutated programs, \(opened) of them read; the slowest took \(slowest)")
    #expect(opened > 0 && opened < runs)
  }

  /// Tests of single operators have inputs alone.
  private static func addParameter(_ program: inout GraphProgram) {
    for index in program.inputs.indices { program.inputs[index].shape.insert(1, at: 0) }
    program.tensors.append(
      ProgramTensor(name: "w", values: ["w"], kind: .parameter, element: .real, shape: [1]))
    let names = program.inputs.map(\.name)
    for name in names {
      program.nodes.insert(
        ProgramNode(
          operation: "Squeeze",
          arguments: [
            ProgramArgument(name: nil, isPositional: true, value: .value(name)),
            ProgramArgument(
              name: nil, isPositional: true,
              value: .tensor(.integer, shape: [1], elements: [0])),
          ], outputs: ["\(name) of one sample"]), at: 0)
    }
    for (index, node) in program.nodes.enumerated().dropFirst(names.count) {
      for (place, argument) in node.arguments.enumerated() {
        if case .value(let name) = argument.value, names.contains(name) {
          program.nodes[index].arguments[place].value = .value("\(name) of one sample")
        }
      }
    }
  }
}
