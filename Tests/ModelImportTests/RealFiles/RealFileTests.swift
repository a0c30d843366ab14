import Checkpoints
import ComputationGraph
import FileFormats
import Foundation
import GraphFiles
import LinearAlgebra
import NeuralNetworks
import ReferenceRuntime
import Testing

private let folder = ProcessInfo.processInfo.environment["BASIN_REAL_FILES"].map {
  URL(filePath: $0)
}

/// Models of packages that people install, in the folder that `BASIN_REAL_FILES` names.
@Suite(.enabled(if: folder != nil, "set BASIN_REAL_FILES to a folder made by write_real_files.py"))
struct RealFileTests {
  /// Largest differences, relative to the largest number of an output.
  ///
  /// The network of `nmp` takes logarithms of powers in single precision, some of them near zero.
  @Test(arguments: [
    ("nmp", 0, 1e-4), ("nmp", 1, 1e-4), ("nmp", 2, 1e-4),
    ("silero_vad_16k_sequence", 0, 1e-5), ("silero_vad_16k_sequence", 1, 1e-5),
    ("silero_vad_16k_sequence", 2, 1e-5),
  ])
  func outputsAreThoseOfOnnxruntime(_ name: String, output: Int, tolerance: Double) throws {
    let folder = try #require(folder)
    let file = try GraphFile.read(folder.appending(path: "\(name).onnx").path)
    let trained = try file.trainedModel(name: name, output: output)
    let reference = try NPZFile(path: folder.appending(path: "\(name).npz").path)
    var data: [String: [Double]] = [:]
    for input in trained.model.inputs {
      data[input.name] = try reference.array(input.name).doubles()
    }
    for segment in trained.model.layout.segments {
      data[segment.name] = trained.point.weights.elements[segment.range].array.map(Double.init)
    }
    for segment in trained.model.bufferLayout.segments {
      data[segment.name] = trained.point.buffers.elements[segment.range].array.map(Double.init)
    }
    let expected = try reference.array("output_\(output)")
    var graph = Graph()
    let nodes = try trained.model.instantiate(
      batch: expected.shape[0], mode: .inference, in: &graph)
    let found = ReferenceRuntime.evaluate(graph, outputs: [nodes.output], inputs: data)[0]
    let exact = expected.doubles()
    try #require(found.count == exact.count)
    let scale = exact.map(abs).max() ?? 0
    let error = zip(found, exact).map { abs($0 - $1) }.max() ?? 0
    #expect(error <= tolerance * scale, "off by \(error / scale)")
  }

  /// What is computed in them depends on data.
  @Test(arguments: [
    "silero_vad", "silero_vad_16k_op15", "silero_vad_half", "silero_vad_op18_ifless",
  ])
  func modelsThatDecideByDataAreRefusedInOneLine(_ name: String) throws {
    let folder = try #require(folder)
    let text = message(folder.appending(path: "\(name).onnx").path)
    #expect(text.contains("If: is not supported: what is computed depends on data"), "\(text)")
    #expect(!text.contains("\n"))
  }

  @Test func aModelWithoutParametersSaysSo() throws {
    let folder = try #require(folder)
    let text = message(folder.appending(path: "silero_vad_openvino_16k.onnx").path)
    #expect(text.hasSuffix("has no parameters to take derivatives by"), "\(text)")
  }

  @Test func weightsThatTheExporterMadeAreSaid() throws {
    let folder = try #require(folder)
    let path = folder.appending(path: "silero_vad_16k_sequence.onnx").path
    let warnings = try GraphFile.read(path).warnings()
    #expect(warnings.count == 1 && warnings[0].contains("onnx::LSTM_209"))
  }

  private func message(_ path: String) -> String {
    do throws(CheckpointError) {
      _ = try GraphFile.read(path).trainedModel(name: "model")
      return ""
    } catch {
      return "\(error)"
    }
  }
}
