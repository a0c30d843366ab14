import Foundation
import TestSupport
import Testing

/// What a training wrote is opened again by the other commands, and what does not belong together is
/// said.
@Suite(.serialized) struct ReopenedModelTests {
  /// Writes CIFAR-100 with few images: a byte with the coarse label, one with the fine, the pixels.
  private func writeCIFAR100(to folder: URL, brightness: Int = 0) throws {
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    for (file, count) in [("train.bin", 60), ("test.bin", 10)] {
      var bytes: [UInt8] = []
      for index in 0..<count {
        bytes += [UInt8(index % 20), UInt8(index % 100)]
        bytes += (0..<3072).map { UInt8(($0 * (index + 3) + brightness) % 251) }
      }
      try Data(bytes).write(to: folder.appending(path: file))
    }
  }

  private let training = [
    "train", "--data", "cifar", "--architecture", "linear", "--epochs", "1", "--learning-rate",
    "0.001", "--quiet",
  ]

  @Test func networksOfCoarseLabelsAreOpenedWithCoarseLabels() throws {
    try withTemporaryFolder { folder in
      try writeCIFAR100(to: folder.appending(path: "cifar"))
      let train = try CommandRun("trainer", training + ["--labels", "coarse"], in: folder)
      #expect(train.status == 0, "\(train.errors)")
      let evaluate = try CommandRun("trainer", ["evaluate", "--json"], in: folder)
      #expect(evaluate.status == 0, "\(evaluate.errors)")
      #expect(evaluate.output.contains("cifar100-coarse"))
      let line = try CommandRun(
        "landscape", ["line", "--samples", "10", "--x", "-1:1:3", "--dpi", "50"], in: folder)
      #expect(line.status == 0, "\(line.errors)")
      // Other labels than those of the training are other classes.
      let fine = try CommandRun("trainer", ["evaluate", "--labels", "fine"], in: folder)
      #expect(
        fine.status == 1
          && fine.errors.contains("error: sample 20 has the target 20, outside the 20 classes"),
        "\(fine.errors)")
    }
  }

  /// A folder may hold other images than at the time of the training, under the same name.
  @Test func dataThatHaveChangedSinceTheTrainingAreSaid() throws {
    try withTemporaryFolder { folder in
      let data = folder.appending(path: "cifar")
      try writeCIFAR100(to: data)
      let train = try CommandRun("trainer", training, in: folder)
      #expect(train.status == 0, "\(train.errors)")
      let line = [
        "line", "--samples", "10", "--x", "-1:1:3", "--dpi", "50", "--json", "--quiet",
      ]
      let same = try CommandRun("landscape", line, in: folder)
      #expect(same.status == 0 && same.errors.isEmpty, "\(same.errors)")
      #expect(same.output.contains("\"warnings\" : [\n\n    ]"), "\(same.output)")

      try writeCIFAR100(to: data, brightness: 1)
      let other = try CommandRun("landscape", line + ["-o", "other"], in: folder)
      #expect(other.status == 0, "\(other.errors)")
      #expect(other.errors.hasPrefix("warning: model.ckpt: was trained on other data than"))
      #expect(other.errors.split(separator: "\n").count == 1)
      let summary = try String(
        contentsOf: folder.appending(path: "other/summary.json"), encoding: .utf8)
      #expect(summary.contains("was trained on other data"))
      // Nothing is known of the test split.
      let test = try CommandRun(
        "landscape", line + ["--split", "test", "-o", "test"], in: folder)
      #expect(test.status == 0 && test.errors.isEmpty, "\(test.errors)")
    }
  }
}
