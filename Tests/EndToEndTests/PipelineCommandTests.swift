import Foundation
import TestSupport
import Testing

/// What commands do for pipelines: conditions, exit codes, files of numbers.
@Suite(.serialized) struct PipelineCommandTests {
  private static let model = SharedData.packageFolder
    .appending(path: "Tests/Reference/digits-mlp.ckpt").path
  private static let trace = [
    "trace", model, "--products", "8", "--samples", "64", "--quiet", "-o", "out",
  ]
  /// An interpreter that has TensorBoard, and the script that reads with it.
  private static let python =
    ProcessInfo.processInfo.environment["BASIN_TENSORBOARD_PYTHON"] ?? "python3"
  private static let script = SharedData.packageFolder
    .appending(path: "Tests/EndToEndTests/read_events.py").path
  private static let hasTensorBoard: Bool =
    (try? withTemporaryFolder {
      try CommandRun(shell: "\(python) -c 'import tensorboard'", in: $0).status == 0
    }) ?? false

  private struct Tag: Decodable {
    let plugin: String
    let points: [[Double]]
  }

  /// What TensorBoard finds in a folder.
  private func read(_ logs: String, in folder: URL) throws -> [String: Tag] {
    let run = try CommandRun(shell: "\(Self.python) \(Self.script) \(logs)", in: folder)
    #expect(run.status == 0, "\(run.errors)")
    return try JSONDecoder().decode([String: Tag].self, from: Data(run.output.utf8))
  }

  private func exists(_ path: String, in folder: URL) -> Bool {
    FileManager.default.fileExists(atPath: folder.appending(path: path).path)
  }

  @Test(arguments: [
    ("trace > 1e9", 0, ""), ("trace > 0.001", 3, "failed: trace > 0.001 holds: trace is "),
    ("loss < 1e-9", 0, ""), ("r2 > 0", 3, "failed: r2 > 0 cannot be excluded: the run has no r2"),
  ])
  func theExitCodeSaysWhetherAConditionHolds(
    condition: String, status: Int32, text: String
  ) throws {
    try withTemporaryFolder { folder in
      let run = try CommandRun("hessian", Self.trace + ["--fail-if", condition], in: folder)
      #expect(run.status == status, "\(run.errors)")
      #expect(run.errors.hasPrefix(text) && run.errors.split(separator: "\n").count <= 1)
      // A result that is not accepted is a result.
      #expect(exists("out/trace.json", in: folder) && run.output.contains("out/trace.json"))
    }
  }

  @Test func allConditionsThatHoldAreSaidInOneLine() throws {
    try withTemporaryFolder { folder in
      let run = try CommandRun(
        "hessian",
        Self.trace + ["--json", "--fail-if", "trace > 0.001", "--fail-if", "loss > 1e9"]
          + ["--fail-if", "accuracy >= 0 %"], in: folder)
      #expect(run.status == 3)
      #expect(
        run.errors.contains("trace > 0.001 holds") && run.errors.contains("; accuracy >= 0 %"))
      #expect(!run.errors.contains("loss > 1e9"))
      #expect(run.errors.filter { $0 == "\n" }.count == 1)
      #expect(try JSONSerialization.jsonObject(with: Data(run.output.utf8)) is [[String: Any]])
    }
  }

  @Test(arguments: [
    ("hessian", "spectrum"), ("hessian", "trace"), ("landscape", "plot"), ("landscape", "grid"),
    ("landscape", "line"), ("landscape", "sharpness"), ("gradratio", "histogram"),
    ("trainer", "evaluate"), ("trainer", "train"),
  ])
  func aMisspeltConditionIsBadUsageBeforeAnyWork(command: String, verb: String) throws {
    try withTemporaryFolder { folder in
      // The network that it would open is not there.
      let run = try CommandRun(command, [verb, "--fail-if", "lambada > 5"], in: folder)
      #expect(run.status == 64)
      #expect(run.errors.contains("'lambada'") && run.errors.contains("there are "))
      #expect(run.errors.contains("loss"))
      #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path).isEmpty)
    }
  }

  @Test func stepsWithoutChartsAndTextsWithoutComparisonAreBadUsage() throws {
    try withTemporaryFolder { folder in
      for wrong in [["--fail-if", "loss"], ["--step", "3"], ["--tensorboard", "x", "--step=-1"]] {
        let run = try CommandRun("hessian", ["trace"] + wrong, in: folder)
        #expect(run.status == 64, "\(wrong): \(run.errors)")
      }
      let train = ["train", "--data", "digits", "--tensorboard", "x", "--step", "3"]
      #expect(try CommandRun("trainer", train, in: folder).status == 64)
    }
  }

  /// lambda1/lambda5 needs five eigenvalues, and lambda20 twenty.
  @Test func anEigenvalueThatIsNotAskedForIsBadUsage() throws {
    try withTemporaryFolder { folder in
      for (options, text) in [
        (["--fail-if", "lambda20 > 5"], "--top"),
        (["--fail-if", "lambda99999999999999999999 > 5"], "--top"),
        (["--fail-if", "smallest3 < 0"], "--bottom"),
        (["--top", "4", "--fail-if", "lambda1/lambda5 > 5"], "--top"),
        (["--trace-samples", "0", "--fail-if", "trace > 5"], "--trace-samples"),
        (["--probes", "0", "--fail-if", "negative-mass > 5"], "--probes"),
      ] {
        let run = try CommandRun("hessian", ["spectrum"] + options, in: folder)
        #expect(run.status == 64 && run.errors.contains(text), "\(options): \(run.errors)")
      }
    }
  }

  @Test func numbersGoIntoOneFlatObject() throws {
    try withTemporaryFolder { folder in
      let run = try CommandRun(
        "trainer", ["evaluate", Self.model, "--quiet", "--metrics", "new/numbers.json"],
        in: folder)
      #expect(run.status == 0, "\(run.errors)")
      let data = try Data(contentsOf: folder.appending(path: "new/numbers.json"))
      let numbers = try #require(JSONSerialization.jsonObject(with: data) as? [String: Double])
      #expect(
        Set(numbers.keys)
          == [
            "evaluation/train/loss", "evaluation/train/accuracy", "evaluation/test/loss",
            "evaluation/test/accuracy",
          ])
    }
  }

  @Test func whatStepAResultIsOfIsStatedOrAskedFor() throws {
    try withTemporaryFolder { folder in
      let fixture = SharedData.packageFolder
        .appending(path: "Tests/Reference/digits-resnet.ckpt").path
      let copy = folder.appending(path: "copy.ckpt")
      try FileManager.default.copyItem(at: URL(filePath: fixture), to: copy)
      let run = try CommandRun(
        "hessian", ["trace", fixture, copy.path, "--samples", "8", "--tensorboard", "logs"],
        in: folder)
      #expect(run.status == 1)
      #expect(run.errors.contains("would both be step"), "\(run.errors)")
      let numbers = try CommandRun(
        "hessian", ["trace", fixture, copy.path, "--samples", "8", "--metrics", "m.json"],
        in: folder)
      #expect(numbers.status == 1 && numbers.errors.contains("--metrics is for one network"))
      #expect(!exists("logs", in: folder) && !exists("hessian", in: folder))
    }
  }

  /// Always run: the file is there, and begins as an event file does.
  @Test func anEventFileHasNumbersAndFigures() throws {
    try withTemporaryFolder { folder in
      let spectrum = [
        "spectrum", Self.model, "--lanczos", "20", "--samples", "64", "--dpi", "30", "--quiet",
        "-o", "out", "--tensorboard", "logs", "--step", "7",
      ]
      #expect(try CommandRun("hessian", spectrum, in: folder).status == 0)
      let names = try FileManager.default.contentsOfDirectory(
        atPath: folder.appending(path: "logs").path)
      let name = try #require(names.count == 1 ? names.first : nil)
      let bytes = try Data(contentsOf: folder.appending(path: "logs/\(name)"))
      for text in ["brain.Event:2", "hessian/lambda1", "hessian-errors/lambda1", "hessian/trace"] {
        #expect(bytes.range(of: Data(text.utf8)) != nil, "\(text)")
      }
      let figure = try Data(contentsOf: folder.appending(path: "out/spectrum.png"))
      #expect(bytes.range(of: figure) != nil)
    }
  }

  @Test(.enabled(if: hasTensorBoard, "needs TensorBoard; set BASIN_TENSORBOARD_PYTHON"))
  func tensorBoardReadsWhatTheCommandsWrite() throws {
    try withTemporaryFolder { folder in
      for arguments in [["spectrum", "--lanczos", "20"], ["trace", "--products", "8"]] {
        let run = try CommandRun(
          "hessian",
          arguments + [Self.model, "--samples", "64", "--quiet", "-o", "out", "--step", "7"]
            + ["--tensorboard", "logs"], in: folder)
        #expect(run.status == 0, "\(run.errors)")
      }
      struct Summary: Decodable {
        struct Spectrum: Decodable {
          struct Value: Decodable { let value: Double }
          let largest: [Value]
        }
        let spectrum: Spectrum
      }
      let summary = try JSONDecoder().decode(
        Summary.self, from: Data(contentsOf: folder.appending(path: "out/summary.json")))
      let tags = try read("logs", in: folder)
      for (index, eigenvalue) in summary.spectrum.largest.enumerated() {
        let tag = try #require(tags["hessian/lambda\(index + 1)"])
        #expect(tag.plugin == "scalars")
        #expect(tag.points == [[7, Double(Float(eigenvalue.value))]])
      }
      #expect(tags["hessian/trace"]?.points.count == 2)
      #expect(tags["hessian/mean-eigenvalue"] != nil)
      let figure = try #require(tags["hessian/spectrum"])
      #expect(figure.plugin == "images")
      let size =
        try FileManager.default.attributesOfItem(
          atPath: folder.appending(path: "out/spectrum.png").path)[.size] as? Int
      #expect(figure.points.first?.first == 7)
      #expect(figure.points.first?.last == size.map(Double.init))
    }
  }

  /// A training's epochs are its steps, and what follows it stands at its last one.
  @Test(.enabled(if: hasTensorBoard, "needs TensorBoard; set BASIN_TENSORBOARD_PYTHON"))
  func aTrainingAndWhatFollowsItShareAnAxis() throws {
    try withTemporaryFolder { folder in
      let train = try CommandRun(
        "trainer",
        ["train", "--data", "digits", "--architecture", "mlp-4", "--epochs", "3", "--quiet"]
          + ["--tensorboard", "logs"], in: folder)
      #expect(train.status == 0, "\(train.errors)")
      let evaluate = try CommandRun(
        "trainer", ["evaluate", "--quiet", "--tensorboard", "logs"], in: folder)
      #expect(evaluate.status == 0, "\(evaluate.errors)")
      let tags = try read("logs", in: folder)
      for name in ["training/train/loss", "training/validation/accuracy", "training/learning-rate"]
      {
        #expect(tags[name]?.points.map(\.[0]) == [1, 2, 3], "\(name)")
      }
      for name in ["training/test/loss", "evaluation/test/loss", "evaluation/train/accuracy"] {
        #expect(tags[name]?.points.map(\.[0]) == [3], "\(name)")
      }
      #expect(tags["training/test/loss"]?.points == tags["evaluation/test/loss"]?.points)
    }
  }
}
