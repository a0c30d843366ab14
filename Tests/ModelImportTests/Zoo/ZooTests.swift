import Checkpoints
import ComputationGraph
import Datasets
import FileFormats
import Foundation
import GraphFiles
import GraphRuntime
import LinearAlgebra
import ModelImport
import NeuralNetworks
import Objectives
import Testing

/// The networks beside this file, or those of a folder made by export_zoo.py.
private let zooFolder =
  ProcessInfo.processInfo.environment["BASIN_ZOO"].map { URL(filePath: $0) }
  ?? URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Fixtures")

/// The networks that `export_zoo.py` exported: those of `Fixtures`, or of the folder that `BASIN_ZOO` names.
@Suite struct ZooTests {
  static var programs: [String] {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: zooFolder.path)) ?? []
    return names.filter {
      $0.wholeMatch(of: #/.*\.(pt2|onnx|traced\.pt|scripted\.pt|module\.pt)/#) != nil
    }
    .sorted()
  }

  /// Single precision adds up in another order than PyTorch: at most some times its own distance from
  /// float64.
  private static let factor = 16.0

  /// The graph of a file, which code has for inputs of some shapes.
  private static func graph(_ path: String, _ reference: NPZFile) throws -> GraphFile {
    let code: CodeFile
    if path.hasSuffix(".module.pt") {
      code = try #require(try CheckpointFile.read(path).networkCode())
    } else {
      guard CodeFile.isCodeFile(path) else { return try graphFile(path, reference) }
      code = try CodeFile.read(path)
    }
    let inputs = try code.inputNames.map { name in
      let array = try reference.array(name)
      return ProgramInput(
        name: name, element: array.type.isFloatingPoint ? .real : .integer,
        shape: [1] + array.shape.dropFirst().map { $0 })
    }
    return try code.graph(inputs: inputs).graph
  }

  /// Reads a graph; of ONNX, which does not tell buffers from parameters, with the names of the buffers.
  private static func graphFile(_ path: String, _ reference: NPZFile) throws -> GraphFile {
    let graph = try GraphFile.read(path)
    let buffers = graph.doubtfulNames.filter { reference.contains("buffer/\($0)") }
    return buffers.isEmpty ? graph : try GraphFile.read(path, constants: Set(buffers))
  }

  /// Networks that are no functions of their weights (random numbers), or are not read from plain programs
  /// (writes into a part of a tensor).
  private static func isRefused(_ file: String) -> Bool {
    file == "tv.swin_v2.pt2" || file.hasPrefix("my.vae.")
  }

  @Test(arguments: programs.filter(isRefused))
  func whatIsNoFunctionOfTheWeightsIsRefused(_ file: String) throws {
    let reference = try Self.reference(of: file)
    #expect(throws: (any Error).self) {
      try Self.graph(zooFolder.appending(path: file).path, reference).trainedModel(name: file)
    }
  }

  /// The figures of a file's network.
  private static func reference(of file: String) throws -> NPZFile {
    try NPZFile(path: path(of: file))
  }

  private static func path(of file: String) -> String {
    let stem = file.replacing(
      #/(\.(functional|ts|traced|scripted|module))?\.(pt2|onnx|pt)$/#, with: "")
    return zooFolder.appending(path: "\(stem).npz").path
  }

  /// What ONNX does not say: that a row of a table has no gradient (`padding_idx`).
  private static func losesGradients(_ file: String) -> Bool {
    file.hasSuffix(".onnx") && (file.hasPrefix("hf.bert.") || file.hasPrefix("hf.roberta."))
  }

  /// What the new exporter of ONNX drops without a word: label smoothing.
  private static func losesLoss(_ file: String) -> Bool { file == "my.loss_inside.onnx" }

  @Test(arguments: programs.filter { !isRefused($0) && !losesLoss($0) })
  func outputsAndGradientsAreThoseOfPyTorch(_ file: String) throws {
    let folder = zooFolder
    let path = Self.path(of: file)
    let reference = try NPZFile(path: path)
    let graph = try Self.graph(folder.appending(path: file).path, reference)
    let trained = try graph.trainedModel(name: file)
    let model = trained.model
    guard
      case .arrays(let arrays) = try DatasetCatalog.openData(
        path, split: .train, inputs: model.inputs.map(\.name))
    else { throw RiskError(description: "no arrays") }
    func figures(_ name: String) throws -> [Double] {
      try reference.array("reference_\(name)").doubles()
    }
    let shape = model.outputShape.dimensions
    let target = SampleArray(
      "target", shape, Vector(try figures("target").map { Float($0) }))
    let samples = Samples(
      count: arrays.samples.count, inputs: arrays.samples.inputs, target: target)
    let risk = try EmpiricalRisk(
      model: model, loss: Loss(.squaredError), samples: samples,
      // What is looked at here are the rules, not what Winograd's kernels round.
      options: RiskOptions(convolution: .direct),
      pool: WorkerPool(threadCount: 2))
    let loss = try risk.value(at: trained.point).loss
    let exact = try figures("loss")[0]
    // The loss moves by at most 2 sqrt(loss) times the error of the outputs per element.
    let count = Double(try figures("output").count)
    let outputError = try figures("output_error")[0] / count.squareRoot()
    let bound = Self.factor * (2 * exact.squareRoot() * outputError + 1e-7 * exact)
    #expect(abs(loss - exact) <= bound, "loss \(loss), not \(exact); bound \(bound)")
    if Self.losesGradients(file) { return }
    var gradient = try risk.gradient(at: trained.point).gradient
    var expected = Vector(try figures("gradient").map { Float($0) })
    try #require(gradient.count == expected.count)
    if file.hasSuffix(".onnx") {
      // ONNX keeps the names, not the order.
      let inOrder = expected
      for segment in model.layout.segments {
        let start = Int(try reference.array("place/\(segment.name)").doubles()[0])
        try #require(start + segment.range.count <= inOrder.count)
        expected.setElements(
          from: segment.range.lowerBound, to: inOrder[start..<start + segment.range.count])
      }
    }
    gradient.add(expected, scaledBy: -1)
    let limit = Self.factor * (try figures("gradient_error")[0] + 1e-7 * expected.norm)
    #expect(
      gradient.norm <= limit,
      "gradient off by \(gradient.norm / expected.norm); bound \(limit / expected.norm)")
  }
}
