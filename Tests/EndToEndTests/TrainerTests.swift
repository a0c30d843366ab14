import FileFormats
import Foundation
import TestSupport
import Testing

/// Trainings of a few seconds on the embedded digits, and what is made of them.
@Suite(.serialized) struct TrainerCommandTests {
  private static let tiny = ["--architecture", "linear", "--epochs", "2", "--quiet"]

  /// Runs a command that must succeed, and checks that every path it prints is there.
  @discardableResult
  private func succeed(_ name: String, _ arguments: [String], in folder: URL) throws -> CommandRun {
    let run = try CommandRun(name, arguments, in: folder)
    #expect(run.status == 0, "\(arguments): \(run.errors)")
    let paths = run.output.split(separator: "\n").map(String.init).filter {
      $0.hasSuffix(".json") || $0.hasSuffix(".csv") || $0.hasSuffix(".png") || $0.hasSuffix(".md")
    }
    for path in paths {
      #expect(FileManager.default.fileExists(atPath: folder.appending(path: path).path), "\(path)")
    }
    return run
  }

  private func text(_ path: String, in folder: URL) throws -> String {
    try String(contentsOf: folder.appending(path: path), encoding: .utf8)
  }

  private func object(_ text: String) throws -> [String: Any] {
    try #require(JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
  }

  @Test func otherCommandsNeedNoOptionInTheFolderOfATraining() throws {
    try withTemporaryFolder { folder in
      try succeed("trainer", ["train"] + Self.tiny, in: folder)
      let curves = try succeed("trainer", ["curves", "--dpi", "50"], in: folder)
      #expect(curves.output.contains("curves.png"))
      let rows = try text("curves.csv", in: folder).split(separator: "\n")
      #expect(rows.count == 3 && rows[0].hasPrefix("run,epoch,"))
      let ratios = try succeed("gradratio", ["histogram", "--dpi", "50"], in: folder)
      #expect(ratios.output.contains("ratios below 0"))
      #expect(!ratios.output.contains("mask"))
      let spectrum = try succeed(
        "hessian", ["spectrum", "--lanczos", "10", "--dpi", "50"], in: folder)
      #expect(spectrum.output.contains("lambda1/lambda5"))
    }
  }

  /// What the README promises of the embedded digits.
  @Test(arguments: ["sgd", "sam", "ssam-f", "ssam-d", "adamw"])
  func digitsAreLearnedWithEveryOptimizer(optimizer: String) throws {
    try withTemporaryFolder { folder in
      let run = try succeed(
        "trainer", ["train", "--optimizer", optimizer, "--json", "--quiet"], in: folder)
      let result = try #require(object(run.output)["result"] as? [String: Any])
      let accuracy = try #require(result["testScore"] as? Double)
      // AdamW has the learning rate of its authors; nothing was chosen for these images.
      #expect(accuracy > (optimizer == "adamw" ? 0.95 : 0.97))
    }
  }

  @Test func masksOfTheLastLayersCostLittleMoreThanPlainDescent() throws {
    try withTemporaryFolder { folder in
      let options = [
        "train", "--architecture", "mlp-32", "--epochs", "1", "--quiet", "--mask-structure",
        "suffix", "--sparsity", "0.75", "--json",
      ]
      let run = try succeed("trainer", options + ["--optimizer", "ssam-f"], in: folder)
      let summary = try object(run.output)
      let result = try #require(summary["result"] as? [String: Any])
      // Layers of 64 x 32 and 32 x 10, of which the upper one is perturbed: its weight gradient and
      // its product come to the two weight gradients, one input gradient and two products of SGD.
      let flops = try #require(result["relativeFlops"] as? Double)
      #expect(abs(flops - (1 + 2 * 320 / Double(2 * 2048 + 3 * 320))) < 1e-12)
      let last = try #require(result["last"] as? [String: Any])
      #expect(last["maskOnes"] as? Int == 330)
      let refused = try CommandRun("trainer", options + ["--optimizer", "ssam-d"], in: folder)
      #expect(refused.status == 1 && refused.errors.contains("no suffix masks"))
    }
  }

  @Test func curvesOfRunsOfDifferentLengthShareAFigure() throws {
    try withTemporaryFolder { folder in
      try succeed("trainer", ["train", "-o", "long"] + Self.tiny, in: folder)
      try succeed(
        "trainer",
        [
          "train", "-o", "short", "--architecture", "linear", "--epochs", "1", "--optimizer", "sam",
          "--validation", "0", "-q",
        ], in: folder)
      // Histories alone are enough.
      try FileManager.default.removeItem(at: folder.appending(path: "short/summary.json"))
      try FileManager.default.removeItem(at: folder.appending(path: "short/last.ckpt"))
      let run = try succeed(
        "trainer",
        [
          "curves", "long", "short", "--labels", "SGD", "SAM, one epoch", "--format", "svg", "-o",
          "both",
        ], in: folder)
      #expect(run.output.contains("both/curves.svg"))
      let rows = try text("both/curves.csv", in: folder).split(separator: "\n")
      #expect(rows.map { $0.hasPrefix("SGD,") } == [false, true, true, false])
      #expect(rows[3].hasPrefix("\"SAM, one epoch\",1,"))
      #expect(try text("both/curves.svg", in: folder).contains("<svg"))
    }
  }

  @Test func sweepIsContinuedAndNotRepeated() throws {
    try withTemporaryFolder { folder in
      let arguments =
        ["sweep", "--seeds", "1,2", "--dpi", "50", "--architecture", "linear", "--epochs", "1"]
      // One sparsity at first, as if the second had been interrupted.
      try succeed(
        "trainer", arguments + ["--sparsity", "0.5", "--optimizers", "sgd,ssam-f", "-q"],
        in: folder)
      let model = folder.appending(path: "sweep/ssam-f-0.5-seed1/model.ckpt")
      let time = try FileManager.default.attributesOfItem(atPath: model.path)[.modificationDate]
      let run = try succeed(
        "trainer", arguments + ["--sparsity", "0,0.5", "--optimizers", "sgd,sam,ssam-f"],
        in: folder)
      let again = try FileManager.default.attributesOfItem(atPath: model.path)[.modificationDate]
      #expect(time as? Date == again as? Date)
      #expect(run.errors.contains("run 4 of 8, sweep/ssam-f-0.5-seed1: is finished"))
      #expect(run.errors.contains("run 7 of 8, sweep/ssam-f-0-seed2\n"))
      let lines = try text("sweep/sweep.csv", in: folder).split(separator: "\n")
      let expected = [
        "sgd,,2,1.0,0.5,", "sam,,2,2.0,1.0,", "ssam-f,0.0,2,2.0,1.0,", "ssam-f,0.5,2,1.65,0.825,",
      ]
      #expect(lines.count == 5)
      for (line, start) in zip(lines.dropFirst(), expected) {
        #expect(line.hasPrefix(start), "\(line)")
      }
      #expect(try text("sweep/sweep.md", in: folder).contains("| ssam-f | 0.5 | 1.65x | 82.5 % |"))
      // A full mask is SAM to the last bit.
      let summary = try object(text("sweep/summary.json", in: folder))
      let runs = try #require(summary["runs"] as? [[String: Any]])
      #expect(runs.count == 8)
      #expect(runs[1]["testLoss"] as? Double == runs[2]["testLoss"] as? Double)
      let other = try CommandRun(
        "trainer",
        arguments + ["--optimizers", "sgd", "--sparsity", "0", "--momentum", "0.5", "-q"],
        in: folder)
      #expect(other.status == 1)
      #expect(other.errors.contains("sweep/sgd-seed1/last.ckpt: belongs to a training with other"))
    }
  }

  @Test func ratiosAreDividedByTheMaskOfATraining() throws {
    try withTemporaryFolder { folder in
      try succeed(
        "trainer", ["train", "--optimizer", "ssam-f", "--sparsity", "0.8"] + Self.tiny, in: folder)
      let own = try succeed("gradratio", ["histogram", "--dpi", "50"], in: folder)
      #expect(own.output.contains("mask of model.ckpt (130 of 650)"))
      let run = try CommandRun(
        "gradratio", ["histogram", "--mask", "last.ckpt", "--json", "-q"], in: folder)
      #expect(run.status == 0, "\(run.errors)")
      let summaries = try #require(
        JSONSerialization.jsonObject(with: Data(run.output.utf8)) as? [[String: Any]])
      // Files of trainings have the same name: folders tell them apart.
      try FileManager.default.createDirectory(
        at: folder.appending(path: "copy"), withIntermediateDirectories: true)
      try FileManager.default.copyItem(
        at: folder.appending(path: "model.ckpt"), to: folder.appending(path: "copy/model.ckpt"))
      let two = try succeed(
        "gradratio", ["histogram", "model.ckpt", "copy/model.ckpt", "--format", "svg"], in: folder)
      #expect(two.output.hasPrefix("\(folder.lastPathComponent)/model (linear)"))
      #expect(two.output.contains("\ncopy/model (linear)"))
      let mask = try #require(summaries[0]["mask"] as? [String: Any])
      let parts = try ["inside", "outside"].map { try #require(mask[$0] as? [String: Any]) }
      #expect(parts.map { $0["parameters"] as? Int } == [130, 520])
      let histogram = try #require(summaries[0]["histogram"] as? [String: Any])
      let finite = parts.compactMap { $0["finite"] as? Int }
      #expect(finite.reduce(0, +) == histogram["finite"] as? Int)
    }
  }

  /// The statistics of a training split cannot be had from a test split, and are not made up.
  @Test func dataWithATestSplitAloneAreEvaluatedOrRefused() throws {
    try withTemporaryFolder { folder in
      try succeed("trainer", ["train"] + Self.tiny, in: folder)
      var writer = NPZWriter()
      writer.add(
        "x_test", NumericArray((0..<640).map { UInt8($0 % 17) }, shape: [10, 8, 8]))
      writer.add("y_test", NumericArray((0..<10).map { $0 }))
      try writer.write(to: folder.appending(path: "test.npz").path)
      let refused = try CommandRun(
        "trainer", ["evaluate", "--data", "test.npz", "--quiet"], in: folder)
      #expect(refused.status == 1 && refused.output.isEmpty)
      #expect(refused.errors.hasPrefix("error: test.npz: has no training split"))
      let run = try succeed(
        "trainer", ["evaluate", "--data", "test.npz", "--normalize", "none"], in: folder)
      #expect(run.output.hasPrefix("test: ") && run.output.contains(" of 10 right"))
      let whole = try succeed("trainer", ["evaluate"], in: folder)
      #expect(whole.output.contains("train: ") && whole.output.contains("\ntest: "))
    }
  }

  @Test func rulesOfASweepHaveTheirOwnSettings() throws {
    try withTemporaryFolder { folder in
      try succeed(
        "trainer",
        [
          "sweep", "--optimizers", "sgd,adamw,ssam-f-adamw", "--sparsity", "0.5", "--dpi", "50",
          "--momentum", "0.8", "--beta2", "0.99", "--architecture", "linear", "--epochs", "1", "-q",
        ], in: folder)
      let table = try text("sweep/sweep.md", in: folder)
      #expect(
        table.contains(
          "sgd: learning rate 0.1, weight decay 0.0005, adamw: learning rate 0.001, weight decay 0.01"
        ))
      #expect(table.contains("| ssam-f-adamw | 0.5 | 1.65x | 82.5 % |"))
      let summary = try object(text("sweep/ssam-f-adamw-0.5-seed1/summary.json", in: folder))
      let settings = try #require(
        (summary["provenance"] as? [String: Any])?["settings"] as? [String: String])
      #expect(settings["optimizer"] == "ssam-f-adamw")
      let rule = try #require(
        (summary["configuration"] as? [String: Any])?["optimizer"] as? [String: Any])
      #expect(rule["name"] as? String == "adamw" && rule["beta2"] as? Double == 0.99)
      let sweep = try object(text("sweep/summary.json", in: folder))
      let record = try #require(sweep["provenance"] as? [String: Any])
      // They differ, so there is none of the whole sweep.
      #expect(record["weightDecay"] == nil)
    }
  }

  @Test func errorsAreOneLineWithTheRightExitCode() throws {
    try withTemporaryFolder { folder in
      try succeed("trainer", ["train", "-o", "run"] + Self.tiny, in: folder)
      try FileManager.default.createDirectory(
        at: folder.appending(path: "damaged"), withIntermediateDirectories: true)
      try "{".write(
        to: folder.appending(path: "damaged/history.json"), atomically: true, encoding: .utf8)
      let model = "run/model.ckpt"
      let cases: [(name: String, arguments: [String], status: Int32, text: String)] = [
        ("trainer", ["curves", "nowhere"], 1, "nowhere/history.json"),
        ("trainer", ["curves", "damaged"], 1, "damaged/history.json"),
        ("trainer", ["curves", "run", "--labels", "a", "b"], 64, "--labels"),
        ("trainer", ["sweep", "--sparsity", "0.5,2"], 64, "--sparsity"),
        ("trainer", ["sweep", "--sparsity", "0.5,0.5"], 64, "0.5,0.5"),
        ("trainer", ["sweep", "--sparsity", ""], 64, "--sparsity"),
        ("trainer", ["sweep", "--optimizers", "sgd,adam"], 64, "adam"),
        ("trainer", ["sweep", "--seeds", "1,-2"], 64, "1,-2"),
        ("trainer", ["sweep", "--optimizers", "sgd,sam", "--beta1", "0.8"], 64, "--beta1"),
        ("trainer", ["train", "--optimizer", "adamw", "--momentum", "0.5"], 64, "--momentum"),
        ("trainer", ["train", "--optimizer", "adamw", "--epsilon", "0"], 1, "epsilon"),
        ("trainer", ["sweep", "--data", "nowhere"], 1, "nowhere"),
        ("trainer", ["sweep", "--mask-structure", "filter"], 1, "ssam-f"),
        ("trainer", ["sweep", "--validation", "1.5"], 1, "1.5"),
        ("gradratio", ["histogram", model, "--mask", model], 1, "holds no mask"),
        ("gradratio", ["histogram", model, "--mask", "nowhere.ckpt"], 1, "nowhere.ckpt"),
        ("gradratio", ["histogram", model, "--bins", "0"], 64, "--bins"),
        ("hessian", ["spectrum", "nowhere.ckpt"], 1, "nowhere.ckpt"),
      ]
      for (name, arguments, status, text) in cases {
        let run = try CommandRun(name, arguments, in: folder)
        #expect(run.status == status, "\(arguments): \(run.status) \(run.errors)")
        #expect(run.errors.contains(text), "\(arguments): \(run.errors)")
        let messages = run.errors.split(separator: "\n").filter { $0.hasPrefix("error:") }
        #expect(status == 64 || messages.count == 1, "\(arguments): \(run.errors)")
      }
      #expect(!FileManager.default.fileExists(atPath: folder.appending(path: "sweep").path))
    }
  }
}
