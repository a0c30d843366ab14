import Checkpoints
import Foundation
import LinearAlgebra
import NeuralNetworks
import TestSupport
import Testing

/// The command as a user runs it.
@Suite(.serialized) struct LandscapeTests {
  /// Writes a checkpoint of an untrained network that says what it is.
  private func writeModel(
    _ folder: URL, name: String = "model.ckpt", seed: UInt64 = 1, variance: Float = 1
  ) throws {
    let model = try Model(
      Architecture.named(
        "resnet8-w8", input: .init(channels: 1, height: 8, width: 8), classCount: 10))
    var point = model.initialPoint(seed: seed)
    for segment in model.bufferLayout.segments where segment.role == .runningVariance {
      for place in segment.range { point.buffers.elements[place] = variance }
    }
    try TrainedModel(model: model, point: point).write(
      to: folder.appending(path: name).path,
      metadata: TrainedModelMetadata(
        recipe: model.recipe, dataPath: "digits", dataName: "digits",
        normalization: "none"))
  }

  @Test func plotOfAnOwnCheckpointNeedsNoOption() throws {
    try withTemporaryFolder { folder in
      try writeModel(folder)
      let run = try CommandRun(
        "landscape", ["plot", "--samples", "32", "--x", "-1:1:4", "--y", "-1:1:3", "--dpi", "50"],
        in: folder)
      #expect(run.status == 0, "\(run.errors)")
      let lines = run.output.split(separator: "\n").map(String.init)
      #expect(lines.first?.contains("centre loss") == true)
      for path in lines.dropFirst() {
        #expect(
          FileManager.default.fileExists(atPath: folder.appending(path: path).path), "\(path)")
      }
      #expect(lines.contains("landscape-model/loss-contour.png"))
      // Drawn again without the model.
      try FileManager.default.removeItem(at: folder.appending(path: "model.ckpt"))
      let again = try CommandRun(
        "landscape",
        [
          "render", "landscape-model", "--format", "svg", "pdf", "--style", "contour", "-o",
          "again",
        ],
        in: folder)
      #expect(again.status == 0, "\(again.errors)")
      #expect(again.output.contains("again/loss-contour.svg"))
    }
  }

  @Test func networksAreConnectedOnBothSplits() throws {
    try withTemporaryFolder { folder in
      for (name, seed) in [("a.ckpt", 1), ("b.ckpt", 2)] {
        try writeModel(folder, name: name, seed: UInt64(seed))
      }
      let arguments = [
        "connect", "a.ckpt", "b.ckpt", "--samples", "32", "--epochs", "1", "--points", "3", "--dpi",
        "50",
      ]
      let run = try CommandRun("landscape", arguments, in: folder)
      #expect(run.status == 0, "\(run.errors)")
      for text in ["train, Bezier curve: highest loss", "test, line: highest loss"] {
        #expect(run.output.contains(text), "\(run.output)")
      }
      #expect(run.output.contains("connection/connection.png"))
      // A finished curve is not trained again, to the same numbers.
      let again = try CommandRun("landscape", arguments, in: folder)
      #expect(again.output == run.output && again.errors.contains("continues after epoch 1 of 1"))
      let other = try CommandRun("landscape", arguments + ["--seed", "2"], in: folder)
      #expect(other.status == 1 && other.errors.contains("choose another --output"))
      #expect(try CommandRun("landscape", arguments + ["--bends", "0"], in: folder).status == 64)
    }
  }

  @Test func exportedRunsAreDrawnAgainAndSayWhatTheyAreNot() throws {
    try withTemporaryFolder { (folder: URL) throws -> Void in
      try writeModel(folder)
      let run = try CommandRun(
        "landscape",
        [
          "grid", "--samples", "8", "--x", "-1:1:3", "--y", "-1:1:2", "-o", "run",
          "--save-directions",
        ],
        in: folder)
      #expect(run.status == 0, "\(run.errors)")
      let export = try CommandRun(
        "landscape", ["export", "run", "--format", "h5,vtp,csv,obj", "-o", "out"], in: folder)
      #expect(
        export.output
          == "out/directions.h5\nout/surface.h5\nout/surface.vtp\nout/surface.csv\nout/surface.obj\n",
        "\(export.errors)")
      let drawn = try CommandRun(
        "landscape", ["render", "out/surface.h5", "--style", "heat", "--format", "svg"], in: folder)
      #expect(drawn.output == "out/surface/loss-heat.svg\n", "\(drawn.errors)")
      let again = try CommandRun(
        "landscape",
        [
          "grid", "--samples", "8", "--x", "-1:1:3", "--y", "-1:1:2", "-o", "again", "--directions",
          "out/directions.h5",
        ], in: folder)
      #expect(again.status == 0, "\(again.errors)")
      let wrong = try CommandRun("landscape", ["render", "out/directions.h5"], in: folder)
      #expect(wrong.status == 1 && wrong.errors.contains("has no 'xcoordinates'"))
      let unknown = try CommandRun(
        "landscape", ["export", "run", "--format", "h5,xls"], in: folder)
      #expect(unknown.status == 64)
    }
  }

  @Test func aReportIsOnePageOfTheRunsInAFolder() throws {
    try withTemporaryFolder { (folder: URL) throws -> Void in
      try writeModel(folder)
      let run = try CommandRun(
        "landscape", ["grid", "--samples", "8", "--x", "-1:1:3", "--y", "-1:1:3"], in: folder)
      #expect(run.status == 0, "\(run.errors)")
      let report = try CommandRun("landscape", ["report"], in: folder)
      #expect(report.output == "report.html\n", "\(report.errors)")
      let page = try String(contentsOf: folder.appending(path: "report.html"), encoding: .utf8)
      #expect(page.hasPrefix("<!DOCTYPE html>") && page.contains("landscape report"))
      let nothing = try CommandRun("landscape", ["report", "landscape-model/none"], in: folder)
      #expect(nothing.status == 1 && nothing.errors.split(separator: "\n").count == 1)
    }
  }

  @Test func resultsOfANewerVersionAreNotDrawn() throws {
    try withTemporaryFolder { folder in
      try writeModel(folder)
      let run = try CommandRun(
        "landscape", ["grid", "--samples", "8", "--x", "-1:1:2", "--y", "-1:1:2"], in: folder)
      #expect(run.status == 0, "\(run.errors)")
      let path = folder.appending(path: "landscape-model/summary.json")
      let summary = try String(contentsOf: path, encoding: .utf8)
      #expect(summary.contains("\"schemaVersion\" : 1"))
      try summary.replacingOccurrences(of: "\"schemaVersion\" : 1", with: "\"schemaVersion\" : 7")
        .write(to: path, atomically: true, encoding: .utf8)
      let render = try CommandRun("landscape", ["render", "landscape-model"], in: folder)
      #expect(render.status == 1)
      #expect(
        render.errors.hasPrefix("error: landscape-model/summary.json: has schemaVersion 7"),
        "\(render.errors)")
      #expect(render.errors.split(separator: "\n").count == 1)
    }
  }

  @Test func anUnfinishedGridSaysHowItIsContinued() throws {
    try withTemporaryFolder { folder in
      try writeModel(folder)
      let arguments = ["grid", "--samples", "8", "--x", "-1:1:2", "--y", "-1:1:2", "-o", "part"]
      #expect(try CommandRun("landscape", arguments, in: folder).status == 0)
      try FileManager.default.removeItem(at: folder.appending(path: "part/summary.json"))
      let run = try CommandRun("landscape", ["render", "part"], in: folder)
      #expect(run.status == 1)
      #expect(run.errors.contains("part: is unfinished, with 4 points"), "\(run.errors)")
    }
  }

  /// The default reaches beyond both checkpoints, where variances would become negative.
  @Test func aLineBeyondItsCheckpointsIsFiniteAndSaysWhatItsStatisticsAre() throws {
    try withTemporaryFolder { folder in
      try writeModel(folder, name: "a.ckpt", seed: 1)
      try writeModel(folder, name: "b.ckpt", seed: 2, variance: 0.1)
      let run = try CommandRun(
        "landscape",
        ["line", "a.ckpt", "--to", "b.ckpt", "--samples", "8", "--x", "-0.5:1.5:9"]
          + ["--dpi", "50", "--json"], in: folder)
      #expect(run.status == 0, "\(run.errors)")
      #expect(run.output.contains("\"nonFinitePoints\" : 0"))
      #expect(run.output.contains("outside of 0 ... 1 those of the nearer one"))
    }
  }

  @Test func severalModelsShareOneFigure() throws {
    try withTemporaryFolder { folder in
      try writeModel(folder, name: "a.ckpt", seed: 1)
      try writeModel(folder, name: "b.ckpt", seed: 2)
      let run = try CommandRun(
        "landscape",
        [
          "plot", "a.ckpt", "b.ckpt", "--samples", "16", "--x", "-1:1:3", "--y", "-1:1:3", "--dpi",
          "50", "--json", "--quiet",
        ], in: folder)
      #expect(run.status == 0 && run.errors.isEmpty, "\(run.errors)")
      let summaries = try JSONSerialization.jsonObject(with: Data(run.output.utf8)) as? [Any]
      #expect(summaries?.count == 2)
      #expect(
        FileManager.default.fileExists(
          atPath: folder.appending(path: "landscape/loss-contour.png").path))
      let line = try CommandRun(
        "landscape",
        [
          "line", "a.ckpt", "--to", "b.ckpt", "--samples", "16", "--x", "0:1:3", "--dpi", "50",
        ], in: folder)
      #expect(line.status == 0, "\(line.errors)")
      #expect(line.output.contains("line-a/line.png"))
    }
  }

  @Test func profilesOfTwoModelsAreComparedAndDrawnAgain() throws {
    try withTemporaryFolder { folder in
      try writeModel(folder, name: "a.ckpt", seed: 1)
      try writeModel(folder, name: "b.ckpt", seed: 2)
      let run = try CommandRun(
        "landscape",
        [
          "line", "a.ckpt", "b.ckpt", "--pairs", "2", "--rise", "0.01", "--samples", "16", "--x",
          "-1:1:5", "--dpi", "50", "-o", "both",
        ], in: folder)
      #expect(run.status == 0, "\(run.errors)")
      #expect(run.output.contains("standard error over 4 directions"), "\(run.output)")
      #expect(run.output.contains("95 % interval"), "\(run.output)")
      let again = try CommandRun(
        "landscape", ["render", "both/a", "both/b", "-o", "again", "--dpi", "50"], in: folder)
      #expect(again.status == 0 && again.output.contains("again/profiles.png"), "\(again.errors)")
    }
  }

  @Test func curvatureAndSharpnessSayWhatTheyCannotSay() throws {
    try withTemporaryFolder { folder in
      try writeModel(folder)
      let map = try CommandRun(
        "landscape",
        [
          "curvature", "--samples", "8", "--x", "-1:1:3", "--y", "-1:1:2", "--lanczos", "8",
          "--dpi", "50",
        ], in: folder)
      #expect(map.status == 0, "\(map.errors)")
      #expect(map.output.contains("curvature-model/curvature-ratio.png"), "\(map.output)")
      let sharpness = try CommandRun(
        "landscape",
        [
          "sharpness", "--samples", "16", "--rho", "0.1", "--m", "4", "--ascent-steps", "3",
          "--draws", "2",
          "--dpi", "50",
        ], in: folder)
      #expect(sharpness.status == 0, "\(sharpness.errors)")
      #expect(sharpness.output.contains("lower bounds"), "\(sharpness.output)")
      let both = try CommandRun(
        "landscape",
        [
          "sharpness", "--samples", "16", "--rho", "0.1", "--ascent-steps", "2", "--draws", "2",
          "--split", "train,test", "-o", "both", "--dpi", "50", "--metrics", "both.json",
          "--fail-if", "test/max-l2/0.1 > 0",
        ], in: folder)
      #expect(both.status == 3 && both.errors.contains("test/max-l2/0.1 is at least"))
      #expect(both.output.contains("both/model-test/summary.json"), "\(both.output)")
      #expect(both.output.contains(", test: loss"), "\(both.output)")
      let numbers = try String(contentsOf: folder.appending(path: "both.json"), encoding: .utf8)
      for part in ["train", "test"] {
        #expect(numbers.contains("\"sharpness/\(part)/avg-sphere/0.1\""), "\(numbers)")
      }
      let help = try CommandRun("landscape", ["sharpness", "--help"], in: folder)
      let words = help.output.split(whereSeparator: \.isWhitespace).joined(separator: " ")
      #expect(words.contains("does not predict how well a network"))
      // What is read back is drawn as it was at first.
      for (run, figure) in [
        ("sharpness-model", "sharpness.png"), ("curvature-model", "curvature-smallest.png"),
      ] {
        let drawn = try CommandRun(
          "landscape", ["render", run, "-o", "again", "--dpi", "50"], in: folder)
        #expect(drawn.status == 0, "\(drawn.errors)")
        let paths = [run, "again"].map { folder.appending(path: $0 + "/" + figure) }
        #expect(try Data(contentsOf: paths[0]) == Data(contentsOf: paths[1]), "\(figure)")
      }
      let mixed = try CommandRun(
        "landscape", ["render", "sharpness-model", "curvature-model"], in: folder)
      #expect(mixed.status == 1 && mixed.errors.contains("curvature, sharpness"))
    }
  }

  @Test func killedRunContinuesToTheBitsOfAnUndisturbedOne() throws {
    try withTemporaryFolder { folder in
      try writeModel(folder)
      let arguments = [
        "grid", "--samples", "64", "--x", "-1:1:12", "--y", "-1:1:12", "--threads", "2",
      ]
      let whole = try CommandRun("landscape", arguments + ["-o", "whole"], in: folder)
      #expect(whole.status == 0, "\(whole.errors)")

      let killed = CommandRun.process("landscape", arguments + ["-o", "killed"], in: folder)
      killed.standardError = FileHandle.nullDevice
      killed.standardOutput = FileHandle.nullDevice
      try killed.run()
      let journal = folder.appending(path: "killed/points.journal").path
      // Some points are finished, but not all: then the process is killed without warning.
      let size = {
        ((try? FileManager.default.attributesOfItem(atPath: journal))?[.size] as? Int) ?? 0
      }
      while killed.isRunning && size() < 2000 { usleep(500) }
      kill(killed.processIdentifier, SIGKILL)
      killed.waitUntilExit()
      #expect(killed.terminationReason == .uncaughtSignal)
      let files = try FileManager.default.contentsOfDirectory(
        atPath: folder.appending(path: "killed").path)
      #expect(!files.contains("surface.npz"))

      let continued = try CommandRun("landscape", arguments + ["-o", "killed"], in: folder)
      #expect(continued.status == 0, "\(continued.errors)")
      #expect(
        try Data(contentsOf: folder.appending(path: "whole/surface.npz"))
          == Data(contentsOf: folder.appending(path: "killed/surface.npz")))
    }
  }

  @Test func errorsAreOneLineWithTheRightExitCode() throws {
    try withTemporaryFolder { folder in
      try writeModel(folder)
      let cases: [(arguments: [String], status: Int32, text: String)] = [
        (["plot", "missing.ckpt"], 1, "missing.ckpt"),
        (["plot", "--data", "nowhere"], 1, "nowhere"),
        (["plot", "--samples", "999999"], 1, "999999"),
        (["plot", "--architecture", "resnet999x"], 1, "resnet999x"),
        (["plot", "--normalize", "bogus"], 1, "bogus"),
        (["plot", "--directions", "model.ckpt"], 1, "model.ckpt"),
        (["plot", "--x", "1:0:5"], 64, "--x"),
        (["plot", "--norm", "bogus"], 64, "bogus"),
        (["plot", "--threads", "0"], 64, "--threads"),
        (["render", "nowhere"], 1, "nowhere"),
        (["bogus"], 64, "bogus"),
      ]
      for (arguments, status, text) in cases {
        let run = try CommandRun("landscape", arguments, in: folder)
        #expect(run.status == status, "\(arguments): \(run.status) \(run.errors)")
        #expect(run.errors.contains(text), "\(arguments): \(run.errors)")
        let messages = run.errors.split(separator: "\n").filter { $0.hasPrefix("error:") }
        #expect(status == 64 || messages.count == 1, "\(arguments): \(run.errors)")
      }
    }
  }

  @Test func helpNamesEveryOptionAndTheEngine() throws {
    try withTemporaryFolder { folder in
      let run = try CommandRun("landscape", ["plot", "--help"], in: folder)
      #expect(run.status == 0)
      for option in [
        "--x", "--y", "--data", "--normalize", "--samples", "--split", "--seed", "--norm",
        "--ignore", "--directions", "--batch-norm", "--threads", "--convolution", "--output",
        "--json", "--style", "--format", "--dpi",
      ] { #expect(run.output.contains(option), "\(option)") }
      let general = try CommandRun("landscape", ["--help"], in: folder)
      #expect(general.output.contains("oneDNN"))
      let words = general.output.split(whereSeparator: \.isWhitespace).joined(separator: " ")
      #expect(words.contains("Ranks: one process, by default with "))
      #expect(words.contains("mpirun"))
    }
  }
}
