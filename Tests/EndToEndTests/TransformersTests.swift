import DigitsReference
import FileFormats
import Foundation
import TestSupport
import Testing

/// Every command on folders of transformers with token ids, and a training that starts from one.
@Suite(.serialized) struct TransformersCommandTests {
  private func run(_ name: String, _ arguments: [String], in folder: URL) throws -> String {
    let run = try CommandRun(name, arguments, in: folder)
    #expect(run.status == 0, "\(arguments): \(run.errors)")
    return run.output
  }

  private func json(_ name: String, _ arguments: [String], in folder: URL) throws -> [[String: Any]]
  {
    let output = try run(name, arguments + ["--json", "--quiet"], in: folder)
    let object = try JSONSerialization.jsonObject(with: Data(output.utf8))
    return try (object as? [[String: Any]]) ?? [#require(object as? [String: Any])]
  }

  private func relative(_ a: Double?, _ b: Double) -> Double { abs((a ?? .nan) - b) / abs(b) }

  @Test(arguments: [TransformersReference.Network.gpt2, .bertMasked, .vit])
  func spectraAreThoseOfTransformers(_ network: TransformersReference.Network) throws {
    let reference = try TransformersReference(network)
    try withTemporaryFolder { folder in
      let summary = try #require(
        json(
          "hessian",
          [
            "spectrum", reference.model, "--data", reference.data, "--lanczos", "100", "--top", "2",
            "--dpi", "50",
          ], in: folder
        ).first)
      let spectrum = try #require(summary["spectrum"] as? [String: Any])
      #expect(spectrum["dimension"] as? Int == reference.figures.parameters)
      for (key, expected) in [
        ("largest", reference.figures.largest), ("smallest", reference.figures.smallest),
      ] {
        let values = try #require(spectrum[key] as? [[String: Any]])
        #expect(values.count >= 2)
        for (value, expected) in zip(values, expected) {
          #expect(relative(value["value"] as? Double, expected) < 1e-4, "\(key) \(value)")
        }
      }
    }
  }

  @Test(arguments: [TransformersReference.Network.gpt2, .bertClasses])
  func surfacesLinesRatiosAndLayersRunOnFolders(
    _ network: TransformersReference.Network
  ) throws {
    let reference = try TransformersReference(network)
    let data = ["--data", reference.data]
    try withTemporaryFolder { folder in
      let ratio = try #require(
        json(
          "gradratio",
          ["histogram", reference.model, "--batch-size", "5", "--dpi", "50"] + data, in: folder
        ).first)
      #expect(relative(ratio["loss"] as? Double, reference.figures.loss) < 1e-5)
      _ = try run(
        "landscape",
        [
          "plot", reference.model, "--x", "-1:1:3", "--y", "-1:1:3", "--format", "svg", "-o",
          "plane", "-q",
        ] + data, in: folder)
      let file = try NPZFile(path: folder.appending(path: "plane/surface.npz").path)
      let losses = try file.array("loss").doubles()
      #expect(losses.count == 9 && relative(losses[4], reference.figures.loss) < 1e-5)
      let layers = try run(
        "hessian", ["layers", reference.model, "--dpi", "50", "-q"] + data, in: folder)
      #expect(layers.contains(network == .gpt2 ? "transformer.h.1" : "bert.encoder.layer.1"))
      _ = try run(
        "landscape", ["line", reference.model, "--x", "-1:1:3", "--dpi", "50", "-q"] + data,
        in: folder)
    }
  }

  /// A model written by a training from a folder needs no options, and reads texts of another length.
  @Test func aTrainingStartsFromAFolder() throws {
    let reference = try TransformersReference(.gpt2)
    let other = try TransformersReference(.llama).model
    try withTemporaryFolder { folder in
      let training = [
        "train", "--from", reference.model, "--data", reference.data, "--validation", "0",
        "--epochs", "2", "--batch-size", "5", "-q",
      ]
      let still = try json(
        "trainer", training + ["--learning-rate", "1e-30", "-o", "still"], in: folder)
      let configuration = try #require(still.first?["configuration"] as? [String: Any])
      #expect((configuration["architecture"] as? [String: Any])?["kind"] as? String == "gpt2")
      let same = try json("trainer", ["evaluate", "still/model.ckpt"], in: folder)
      #expect(relative(same.first?["loss"] as? Double, reference.figures.loss) < 1e-5)

      _ = try run("trainer", training, in: folder)
      let trained = try json("trainer", ["evaluate"], in: folder)
      let loss = try #require(trained.first?["loss"] as? Double)
      #expect(loss < reference.figures.loss - 1e-3, "\(loss)")
      // Finished: the same again does nothing, another start is another training.
      _ = try run("trainer", training, in: folder)
      let refused = try CommandRun(
        "trainer", training.map { $0 == reference.model ? other : $0 }, in: folder)
      #expect(
        refused.status == 1 && refused.errors.contains("settings (architecture, start)"),
        "\(refused.errors)")
      _ = try run("hessian", ["spectrum", "--lanczos", "5", "-q"], in: folder)
      let cut = try json(
        "trainer", ["evaluate", "--data", reference.data, "--context", "3"], in: folder)
      #expect(cut.first?["rows"] as? Int == 5 * 3 * 2)
    }
  }

  @Test func oneLongTextIsCutIntoRows() throws {
    let reference = try TransformersReference(.llama)
    try withTemporaryFolder { folder in
      var writer = NPZWriter()
      writer.add("text", NumericArray((0..<50).map { $0 * 7 % 29 }))
      try writer.write(to: folder.appending(path: "text.npz").path)
      let arguments = ["evaluate", reference.model, "--data", "text.npz"]
      let whole = try CommandRun("trainer", arguments, in: folder)
      #expect(
        whole.status == 1 && whole.errors.contains("cut one long text with --context"),
        "\(whole.errors)")
      let rows = try json("trainer", arguments + ["--context", "8"], in: folder)
      #expect(rows.first?["rows"] as? Int == 6 * 7)
      let provenance = try #require(rows.first?["provenance"] as? [String: Any])
      let settings = try #require(provenance["settings"] as? [String: String])
      #expect(settings["target"] == "next-token" && settings["context"] == "8")
    }
  }
}
