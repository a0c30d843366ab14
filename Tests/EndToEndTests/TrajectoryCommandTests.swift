import Foundation
import TestSupport
import Testing

/// Trainings that keep their epochs, and the paths they took, as a user runs both.
@Suite(.serialized) struct TrajectoryCommandTests {
  private func train(_ optimizer: String, in folder: URL, keep: String = "every=1") throws {
    let run = try CommandRun(
      "trainer",
      [
        "train", "--architecture", "mlp-8", "--epochs", "4", "--optimizer", optimizer, "--keep",
        keep, "--output", optimizer, "--quiet",
      ], in: folder)
    #expect(run.status == 0, "\(run.errors)")
    #expect(run.output.contains("\(optimizer)/epochs\n"))
  }

  private func lines(_ text: String) -> [String] {
    text.split(separator: "\n").map(String.init)
  }

  @Test func pathsOfTwoTrainingsNeedNoOption() throws {
    try withTemporaryFolder { folder in
      try train("sgd", in: folder)
      try train("sam", in: folder, keep: "every=2")
      let arguments = ["trajectory", "sgd", "sam", "--points", "4", "--dpi", "50"]
      let run = try CommandRun("landscape", arguments, in: folder)
      #expect(run.status == 0, "\(run.errors)")
      #expect(
        run.errors.contains("sgd: 5 checkpoints: epoch-0.ckpt, epoch-1.ckpt, ..., epoch-4.ckpt"))
      let printed = lines(run.output)
      #expect(printed.first?.hasPrefix("plane: ") == true)
      #expect(printed.contains { $0.hasPrefix("sam: 3 checkpoints, epoch 0 to 4, length ") })
      #expect(printed.filter { $0.contains("random walks of its steps") }.count == 2)
      let files = printed.filter { $0.hasPrefix("trajectory-sgd-sam/") }
      #expect(files.count == 9)
      for path in files {
        #expect(
          FileManager.default.fileExists(atPath: folder.appending(path: path).path), "\(path)")
      }
      // Again: nothing is evaluated once more, and the result is the same.
      let json = folder.appending(path: "trajectory-sgd-sam/trajectory.npz")
      let before = try Data(contentsOf: json)
      let again = try CommandRun("landscape", arguments + ["--json"], in: folder)
      #expect(again.status == 0 && again.output.contains("\"explained") == false)
      #expect(try Data(contentsOf: json) == before)
      // Drawn without checkpoints, with the paths; several folders as surfaces.
      for name in ["sgd", "sam"] {
        try FileManager.default.removeItem(at: folder.appending(path: name))
      }
      let drawn = try CommandRun(
        "landscape",
        ["render", "trajectory-sgd-sam", "--format", "svg", "--style", "contour", "-o", "again"],
        in: folder)
      #expect(drawn.status == 0, "\(drawn.errors)")
      #expect(lines(drawn.output).contains("again/trajectory.svg"))
      let svg = try String(
        contentsOf: folder.appending(path: "again/loss-contour.svg"), encoding: .utf8)
      #expect(svg.contains("away from the plane"))
      let topology = try CommandRun(
        "landscape", ["topology", "trajectory-sgd-sam", "--dpi", "50"], in: folder)
      #expect(topology.status == 0, "\(topology.errors)")
    }
  }

  @Test func whatIsNoPathIsALine() throws {
    try withTemporaryFolder { folder in
      try train("sgd", in: folder)
      try FileManager.default.createDirectory(
        at: folder.appending(path: "empty"), withIntermediateDirectories: true)
      let epoch = (0...4).map { "sgd/epochs/epoch-\($0).ckpt" }
      let cases: [(arguments: [String], text: String)] = [
        ([epoch[0], epoch[1]], "sgd: has 2 checkpoints; a plane of principal components takes 3"),
        ([epoch[2], "sgd/model.ckpt", "sgd/last.ckpt"], "sgd: has 1 checkpoint;"),
        (["sgd/model.ckpt", "sgd/last.ckpt", epoch[4], "--one-path"], "have the same weights"),
        (["empty"], "empty: holds no checkpoints"),
        (["missing.ckpt", epoch[1], epoch[2], "--one-path"], "missing.ckpt"),
        ([epoch[0], epoch[1], epoch[2], "--memory", "x"], "--memory"),
        ([epoch[0], epoch[1], epoch[2], "--points", "1"], "--points 1 is outside"),
        ([epoch[0], epoch[1], epoch[2], "--x", "0:1:1"], "at least 2 points along --x and --y"),
      ]
      for (arguments, text) in cases {
        let run = try CommandRun("landscape", ["trajectory"] + arguments + ["--quiet"], in: folder)
        #expect(run.status == 1 || run.status == 64, "\(arguments)")
        #expect(run.errors.contains(text), "\(arguments): \(run.errors)")
        if run.status == 1 { #expect(lines(run.errors).count == 1, "\(run.errors)") }
      }
      let wrong = try CommandRun(
        "trainer", ["train", "--keep", "every=0", "--output", "x"], in: folder)
      #expect(wrong.status == 64 && wrong.errors.contains("--keep"))
    }
  }

  @Test func trainAndTestAreDrawnWithTheirGap() throws {
    try withTemporaryFolder { folder in
      try train("sgd", in: folder)
      let arguments = [
        "plot", "sgd/model.ckpt", "sgd/best.ckpt", "--split", "train,test", "--samples", "50",
        "--x",
        "-1:1:3", "--y", "-1:1:3", "--dpi", "50", "-o", "both",
      ]
      let run = try CommandRun("landscape", arguments, in: folder)
      #expect(run.status == 0, "\(run.errors)")
      let printed = lines(run.output)
      #expect(
        printed.prefix(4).map { String($0.prefix(6)) } == ["train:", "test: ", "train:", "test: "])
      #expect(printed.filter { $0.contains("test loss - train loss: ") }.count == 2)
      for file in [
        "gap.json", "gap-1.npz", "gap-2.npz", "gap-contour.png", "model-test/surface.npz",
      ] {
        #expect(FileManager.default.fileExists(atPath: folder.appending(path: "both/" + file).path))
      }
      let drawn = try CommandRun(
        "landscape",
        ["render", "both/best-train", "both/best-test", "-o", "again", "--dpi", "50"], in: folder)
      #expect(drawn.status == 0 && lines(drawn.output).contains("again/gap-contour.png"))
      for command in [["line"], ["plot", "--split", "train,train"], ["trajectory", "sgd"]] {
        let refused = try CommandRun(
          "landscape", command + ["--split", "train,test", "-o", "x"], in: folder)
        #expect(refused.status != 0 && refused.errors.contains("--split"), "\(refused.errors)")
      }
    }
  }

  /// A file that was damaged, or written by someone else.
  @Test func aResultWithoutPathsIsRefused() throws {
    try withTemporaryFolder { folder in
      try train("sgd", in: folder)
      let run = try CommandRun(
        "landscape", ["trajectory", "sgd", "--points", "3", "--dpi", "50", "-o", "run"],
        in: folder)
      #expect(run.status == 0, "\(run.errors)")
      let file = folder.appending(path: "run/trajectory.json")
      let text = try String(contentsOf: file, encoding: .utf8)
      var object = try #require(
        try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
      var paths = try #require(object["paths"] as? [[String: Any]])
      paths[0]["points"] = []
      object["paths"] = paths
      try JSONSerialization.data(withJSONObject: object).write(to: file)
      let drawn = try CommandRun("landscape", ["render", "run"], in: folder)
      #expect(drawn.status == 1 && lines(drawn.errors).count == 1)
      #expect(drawn.errors.contains("holds no paths in a plane"))
    }
  }
}
