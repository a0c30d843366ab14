import DigitsReference
import Foundation
import TestSupport
import Testing

/// Every command on exported graphs, and trainings that start from one.
@Suite(.serialized, .enabled(if: SharedData.has("import/models"), SharedData.note))
struct GraphCommandTests {
  private static let networks = [
    "vit", "gpt", "llama", "mobile", "convnext", "sine", "lstm", "unet", "dense",
  ]

  private func path(_ file: String) throws -> String {
    try SharedData.url("import/models/\(file)").path
  }

  private func run(_ name: String, _ arguments: [String], in folder: URL) throws -> String {
    let run = try CommandRun(name, arguments, in: folder)
    #expect(run.status == 0, "\(name) \(arguments): \(run.errors)")
    return run.output
  }

  private func json(_ name: String, _ arguments: [String], in folder: URL) throws -> [String: Any] {
    let output = try run(name, arguments + ["--json", "--quiet"], in: folder)
    let object = try JSONSerialization.jsonObject(with: Data(output.utf8))
    return try #require(object as? [String: Any] ?? (object as? [[String: Any]])?.first)
  }

  /// Arguments of an analysis: the graph with its data and loss.
  private func analysis(_ network: String) throws -> [String] {
    [try path("\(network).pt2"), "--data", try path("\(network).npz")]
      + (network == "unet" ? ["--loss", "binary-cross-entropy"] : [])
  }

  private func analyse(_ model: [String], parameters: Int?, in folder: URL) throws {
    let summary = try json(
      "hessian", ["spectrum"] + model + ["--lanczos", "8", "--top", "1", "--dpi", "50"],
      in: folder)
    let spectrum = try #require(summary["spectrum"] as? [String: Any])
    let largest = try #require((spectrum["largest"] as? [[String: Any]])?.first)
    #expect((largest["value"] as? Double ?? .nan).isFinite)
    if let parameters { #expect(spectrum["dimension"] as? Int == parameters) }
    let surface = try json(
      "landscape", ["plot"] + model + ["--x", "-1:1:3", "--y", "-1:1:3", "--dpi", "50"],
      in: folder)
    #expect(surface["provenance"] != nil)
    let ratios = try json("gradratio", ["histogram"] + model + ["--dpi", "50"], in: folder)
    #expect(ratios["provenance"] != nil)
  }

  @Test(arguments: networks)
  func spectraSurfacesAndRatiosRunOnGraphs(_ network: String) throws {
    try withTemporaryFolder { folder in
      try analyse(analysis(network), parameters: nil, in: folder)
    }
  }

  @Test(arguments: ["vit", "gpt"], ["sgd", "adamw", "sam-adamw"])
  func graphsAreTrainedAndTheirCheckpointsOpenWithoutOptions(
    _ network: String, _ optimizer: String
  ) throws {
    try withTemporaryFolder { folder in
      let before = try json("trainer", ["evaluate"] + analysis(network), in: folder)
      _ = try run(
        "trainer",
        [
          "train", "--from", path("\(network).pt2"), "--data", path("\(network).npz"),
          "--optimizer", optimizer, "--epochs", "20", "--batch-size", "4", "--validation", "0",
          "--learning-rate", optimizer == "sgd" ? "0.05" : "0.003", "--output", "trained",
        ], in: folder)
      let model = folder.appending(path: "trained/model.ckpt").path
      let after = try json("trainer", ["evaluate", model], in: folder)
      let losses = try [before, after].map { try #require($0["loss"] as? Double) }
      // Eight samples are learnt by heart.
      #expect(losses[1] < 0.8 * losses[0], "\(losses)")
      try analyse([model], parameters: nil, in: folder)
    }
  }

  @Test func weightsOfACheckpointGoIntoAGraph() throws {
    try withTemporaryFolder { folder in
      let (graph, data) = (try path("gpt.pt2"), try path("gpt.npz"))
      _ = try run(
        "trainer",
        [
          "train", "--from", graph, "--data", data, "--epochs", "2", "--batch-size", "4",
          "--validation", "0", "--output", "trained",
        ], in: folder)
      let model = folder.appending(path: "trained/model.ckpt").path
      let own = try json("trainer", ["evaluate", model], in: folder)
      let given = try json(
        "trainer", ["evaluate", graph, "--data", data, "--weights", model], in: folder)
      #expect(own["loss"] as? Double == given["loss"] as? Double)
      // The file that is named is the graph; the weights beside it are named too.
      let ratios = try json(
        "gradratio", ["histogram", graph, "--data", data, "--weights", model, "--dpi", "50"],
        in: folder)
      let provenance = try #require(ratios["provenance"] as? [String: Any])
      let file = try #require((provenance["models"] as? [[String: Any]])?.first)
      #expect(file["format"] as? String == "PyTorch exported program")
      let settings = try #require(provenance["settings"] as? [String: String])
      #expect(settings["weights"]?.hasPrefix(model) == true)
    }
  }

  @Test func whatAGraphCannotSayIsAskedFor() throws {
    try withTemporaryFolder { folder in
      let doubtful = try CommandRun(
        "trainer", ["evaluate", path("llama.onnx"), "--data", path("llama.npz")], in: folder)
      #expect(doubtful.status == 1)
      #expect(doubtful.errors.contains("--constants frequency"))
      let told = try CommandRun(
        "trainer",
        [
          "evaluate", path("llama.onnx"), "--data", path("llama.npz"), "--constants", "frequency",
        ], in: folder)
      #expect(told.status == 0, "\(told.errors)")
      let noGraph = try CommandRun(
        "trainer", ["evaluate", try DigitsReference(.mlp).path, "--weights", "x"], in: folder)
      #expect(noGraph.status == 1 && noGraph.errors.contains("for --weights to choose"))
      let output = try CommandRun(
        "trainer",
        ["evaluate", path("vit.pt2"), "--data", path("vit.npz"), "--model-output", "3"],
        in: folder)
      #expect(output.status == 1 && output.errors.contains("--model-output"))
    }
  }
}
