import DigitsReference
import FileFormats
import Foundation
import TestSupport
import Testing

/// Every command on a regression and on tokens, with checkpoints and data of somebody else and no other
/// option that says what they are; figures of PyTorch in float64.
@Suite(.serialized) struct LossCommandTests {
  private func run(_ name: String, _ arguments: [String], in folder: URL) throws -> String {
    let run = try CommandRun(name, arguments, in: folder)
    #expect(run.status == 0, "\(arguments): \(run.errors)")
    return run.output
  }

  private func json(_ name: String, _ arguments: [String], in folder: URL) throws -> [[String: Any]]
  {
    let output = try run(name, arguments + ["--json", "--quiet"], in: folder)
    let object = try JSONSerialization.jsonObject(with: Data(output.utf8))
    return try #require(object as? [[String: Any]])
  }

  private func relative(_ a: Double?, _ b: Double) -> Double { abs((a ?? .nan) - b) / abs(b) }

  private func metric(_ network: LossReference.Network) -> (name: String, loss: String) {
    switch network {
    case .diabetes: ("r2", "squared-error")
    case .license: ("token-accuracy", "cross-entropy")
    }
  }

  @Test(arguments: LossReference.Network.allCases)
  func evaluateSaysLossAndMetricOfBothSplits(_ network: LossReference.Network) throws {
    let reference = try LossReference(network)
    try withTemporaryFolder { folder in
      let arguments = ["evaluate", reference.model, "--data", reference.data]
      let results = try json("trainer", arguments, in: folder)
      #expect(results.compactMap { $0["split"] as? String } == ["train", "test"])
      for (result, figures) in zip(results, [reference.figures.train, reference.figures.test]) {
        #expect(relative(result["loss"] as? Double, figures.loss) < 1e-5)
        #expect(relative(result["score"] as? Double, figures.score) < 1e-5)
        #expect(result["metric"] as? String == metric(network).name)
        let loss = try #require(result["lossFunction"] as? [String: Any])
        #expect(loss["kind"] as? String == metric(network).loss)
        #expect(result["rows"] as? Int == figures.rows)
        #expect(result["correct"] as? Int == (network == .license ? figures.correct : nil))
      }
      let text = try run("trainer", arguments + ["-q"], in: folder)
      switch network {
      case .diabetes:
        #expect(text.hasPrefix("train: RMSE 0.6005, R2 0.6529, loss 0.36062"), "\(text)")
      case .license:
        #expect(
          text.hasPrefix(
            "train: 918 of 1978 tokens right (46.41 %), perplexity 6.401, loss 1.85647"),
          "\(text)")
      }
    }
  }

  /// The same tokens, with 255 in place of -100 where they do not count.
  @Test func anotherClassMayBeTheOneThatDoesNotCount() throws {
    let reference = try LossReference(.license)
    try withTemporaryFolder { folder in
      let file = try NPZFile(path: reference.data)
      var writer = NPZWriter()
      for name in file.names {
        let array = try file.array(name)
        let values = try #require(array.integers()).map { UInt8($0 == -100 ? 255 : $0) }
        writer.add(name, NumericArray(values, shape: array.shape))
      }
      try writer.write(to: folder.appending(path: "bytes.npz").path)
      let data = ["--data", "bytes.npz", "--ignore-class", "255"]
      let original = ["evaluate", reference.model, "--data", reference.data, "-q"]
      #expect(
        try run("trainer", ["evaluate", reference.model, "-q"] + data, in: folder)
          == run("trainer", original, in: folder))
      let training = ["train", "--epochs", "1", "-q", "--output"]
      _ = try run("trainer", training + ["own"] + data, in: folder)
      // A model knows what did not count, and has no output for it.
      let reopened = try json("trainer", ["evaluate", "own/model.ckpt"], in: folder)
      _ = try run("trainer", training + ["other", "--data", reference.data], in: folder)
      let other = try json("trainer", ["evaluate", "other/model.ckpt"], in: folder)
      for key in ["loss", "score"] {
        #expect(reopened[0][key] as? Double == other[0][key] as? Double)
      }
      #expect(reopened[0]["rows"] as? Int == reference.figures.train.rows)
      let numbers = try LossReference(.diabetes)
      let refused = try CommandRun(
        "trainer",
        ["evaluate", numbers.model, "--data", numbers.data, "--loss", "squared-error"]
          + ["--ignore-class", "-1"], in: folder)
      #expect(refused.status == 1)
      #expect(
        refused.errors.contains("squared-error has no classes, and so none that does not count"),
        "\(refused.errors)")
    }
  }

  @Test(arguments: LossReference.Network.allCases, ["hessian", "gauss-newton", "fisher"])
  func spectraAreThoseOfPyTorch(_ network: LossReference.Network, _ matrix: String) throws {
    let reference = try LossReference(network)
    let figures =
      switch matrix {
      case "hessian": reference.figures.hessian
      case "gauss-newton": reference.figures.gaussNewton
      default: reference.figures.fisher
      }
    try withTemporaryFolder { folder in
      let summary = try #require(
        json(
          "hessian",
          [
            "spectrum", reference.model, "--data", reference.data, "--matrix", matrix, "--dpi",
            "50",
          ],
          in: folder
        ).first)
      let spectrum = try #require(summary["spectrum"] as? [String: Any])
      #expect(spectrum["dimension"] as? Int == reference.figures.parameters)
      let largest = try #require(spectrum["largest"] as? [[String: Any]]).map {
        $0["value"] as? Double
      }
      for (value, expected) in zip(largest, figures.largest ?? []) {
        #expect(relative(value, expected) < 1e-3, "\(value ?? .nan), not \(expected)")
      }
      #expect(largest.count >= 5)
      let smallest = try #require(spectrum["smallest"] as? [[String: Any]])
      for (value, expected) in zip(smallest, figures.smallest ?? []) {
        #expect(relative(value["value"] as? Double, expected) < 1e-3)
      }
    }
  }

  @Test(arguments: LossReference.Network.allCases)
  func surfacesHoldLossAndTheMetricByItsName(_ network: LossReference.Network) throws {
    let reference = try LossReference(network)
    let surface = reference.figures.surface
    try withTemporaryFolder { folder in
      let summary = try #require(
        json(
          "landscape",
          [
            "plot", reference.model, "--data", reference.data, "--directions", reference.directions,
            "--x", "-0.5:0.5:5", "--y", "-0.5:0.5:5", "--format", "svg", "-o", "plane",
          ], in: folder
        ).first)
      #expect(summary["metric"] as? String == metric(network).name)
      let names = try FileManager.default.contentsOfDirectory(
        atPath: folder.appending(path: "plane").path)
      #expect(names.contains("\(metric(network).name)-contour.svg"), "\(names)")
      let file = try NPZFile(path: folder.appending(path: "plane/surface.npz").path)
      let name = metric(network).name.replacingOccurrences(of: "-", with: "_")
      #expect(Set(file.names) == ["x", "y", "loss", name])
      for (value, expected) in zip(try file.array("loss").doubles(), surface.loss.flatMap { $0 }) {
        #expect(relative(value, expected) < 1e-5)
      }
      let rows = Double(reference.figures.train.rows)
      for (value, expected) in zip(try file.array(name).doubles(), surface.score.flatMap { $0 }) {
        #expect(abs(value - expected) < 1.01 / rows)
      }
      let figure = try String(
        contentsOf: folder.appending(path: "plane/loss-contour.svg"), encoding: .utf8)
      let caption =
        network == .diabetes
        ? "Mean squared error over the first 342" : "Mean cross-entropy over the first 64"
      #expect(figure.contains(caption))
      #expect(!figure.contains("running statistics"), "neither network has batch norms")
    }
  }

  /// Where a difference is small against both gradients, rounding may move a ratio to the next bin.
  @Test(arguments: LossReference.Network.allCases)
  func ratiosOfGradientsAreCountedAsByPyTorch(_ network: LossReference.Network) throws {
    let reference = try LossReference(network)
    let sam = reference.figures.sam
    try withTemporaryFolder { folder in
      let summary = try #require(
        json(
          "gradratio",
          [
            "histogram", reference.model, "--data", reference.data, "--batch-size", "342", "--dpi",
            "50",
          ], in: folder
        ).first)
      #expect(relative(summary["loss"] as? Double, reference.figures.train.loss) < 1e-5)
      #expect(relative(summary["plainNorm"] as? Double, reference.figures.gradient.norm) < 1e-4)
      #expect(relative(summary["perturbedNorm"] as? Double, sam.norm) < 1e-4)
      #expect(relative(summary["differenceNorm"] as? Double, sam.difference_norm) < 1e-3)
      let histogram = try #require(summary["histogram"] as? [String: Any])
      #expect(histogram["zeroGradients"] as? Int == sam.zero_gradients)
      #expect(histogram["finite"] as? Int == sam.finite)
      let counts = try #require(histogram["counts"] as? [Int])
      let moved = zip(counts, sam.counts).reduce(0) { $0 + abs($1.0 - $1.1) }
      #expect(counts.count == sam.counts.count && moved <= 2 * max(1, sam.finite / 200), "\(moved)")
    }
  }

  /// A training writes down what the other commands must know.
  @Test(arguments: LossReference.Network.allCases)
  func whatTrainerWroteNeedsNoOptions(_ network: LossReference.Network) throws {
    let reference = try LossReference(network)
    try withTemporaryFolder { folder in
      let output = try run(
        "trainer",
        [
          "train", "--data", reference.data, "--epochs", "8", "--json", "--quiet",
        ], in: folder)
      let summary = try #require(
        JSONSerialization.jsonObject(with: Data(output.utf8)) as? [String: Any])
      let result = try #require(summary["result"] as? [String: Any])
      #expect(result["metric"] as? String == metric(network).name)
      #expect(
        try #require((result["last"] as? [String: Any])?["trainingLoss"] as? Double)
          < (network == .diabetes ? 0.5 : 3))
      let evaluated = try json("trainer", ["evaluate", "--split", "test"], in: folder)
      #expect(
        relative(evaluated.first?["score"] as? Double, try #require(result["testScore"] as? Double))
          < 1e-6)
      let history = try String(contentsOf: folder.appending(path: "history.csv"), encoding: .utf8)
      #expect(!history.contains("accuracy") || network == .license, "\(history)")
      for (name, arguments) in [
        ("trainer", ["curves", "--format", "svg"]),
        ("hessian", ["spectrum", "--lanczos", "10", "-q"]), ("gradratio", ["histogram", "-q"]),
        ("landscape", ["plot", "--x", "-1:1:3", "--y", "-1:1:3", "-q"]),
      ] {
        _ = try run(name, arguments, in: folder)
      }
      let curves = try String(contentsOf: folder.appending(path: "curves.svg"), encoding: .utf8)
      #expect(curves.contains(network == .diabetes ? "R2" : "token accuracy"))
    }
  }

  /// The mask of sparse SAM reads the gradients of single samples, some of which have no row that counts.
  @Test(arguments: LossReference.Network.allCases)
  func sparseMasksAreFoundForEveryLoss(_ network: LossReference.Network) throws {
    let reference = try LossReference(network)
    try withTemporaryFolder { folder in
      let output = try run(
        "trainer",
        ["train", "--data", reference.data, "--optimizer", "ssam-f", "--epochs", "1", "--quiet"],
        in: folder)
      #expect(output.contains("model.ckpt"))
    }
  }
}
