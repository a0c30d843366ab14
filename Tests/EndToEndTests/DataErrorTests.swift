import DigitsReference
import FileFormats
import Foundation
import TestSupport
import Testing

/// Data that cannot be used end a command with status 1 and one line that says what to do.
@Suite(.serialized) struct DataErrorTests {
  private func write(_ arrays: [(String, NumericArray)], to folder: URL) throws {
    var writer = NPZWriter()
    for (name, array) in arrays { writer.add(name, array) }
    try writer.write(to: folder.appending(path: "data.npz").path)
  }

  private func error(_ arguments: [String], in folder: URL) throws -> String {
    let run = try CommandRun("trainer", arguments + ["--data", "data.npz", "-q"], in: folder)
    #expect(run.status == 1 && run.output.isEmpty, "\(arguments): \(run.status) \(run.output)")
    let lines = run.errors.split(separator: "\n")
    #expect(lines.count == 1, "\(run.errors)")
    return String(lines.first ?? "")
  }

  private let table = NumericArray((0..<40).map { Float($0) }, shape: [20, 2])
  private let numbers = NumericArray((0..<20).map { Float($0) })
  private let classes = NumericArray((0..<20).map { $0 % 3 })

  @Test func trainingSaysWhatIsWrongWithTheData() throws {
    let nan = NumericArray((0..<20).map { $0 == 7 ? Float.nan : 1 })
    let negative = NumericArray((0..<20).map { $0 % 3 - 1 })
    let cases: [(arrays: [(String, NumericArray)], arguments: [String], message: String)] = [
      (
        [("x", table)], [],
        "error: the data have no target that the output [1] of mlp-64-64 is compared with; add an "
          + "array named target, or choose --loss output where the output is the loss"
      ),
      (
        [("x", table), ("y", nan)], [],
        "/data.npz: sample 7 of 'y' is not finite; remove or repair such samples"
      ),
      (
        [("x", table), ("y", NumericArray([1, 2] as [Float]))], [],
        "/data.npz: 'y' has shape [2], not 20 samples along its first axis"
      ),
      (
        [("a", table), ("b", table), ("y", numbers)], [],
        "/data.npz: has the inputs a, b, but architectures take one; keep one of them"
      ),
      (
        [("x", table), ("y", negative)], [],
        "error: sample 0 has the target -1, outside the 2 classes of the network; give data with the "
          + "classes it was trained on"
      ),
      (
        [("x", table), ("y", numbers)], ["--loss", "cross-entropy"],
        "error: cross-entropy: the target 'y' has [] per sample and mlp-64-64 gives [1]; give classes "
          + "as whole numbers, or a probability for each output; or choose --loss squared-error"
      ),
      (
        [("x", table), ("y", classes)], ["--loss", "log-probabilities"],
        "so they are no log-probabilities; choose --loss cross-entropy if they are logits"
      ),
      (
        [("x", table), ("y", classes)], ["--class-weights", "1,2"],
        "error: cross-entropy: the target 'y' has [] per sample and mlp-64-64 gives [3]; give one "
          + "class weight for each of 3 classes, not 2"
      ),
      (
        [("x", table), ("y", numbers)], ["--loss", "squared-error", "--class-weights", "1,2"],
        "error: squared-error has no classes that could have weights or smoothed labels; leave them "
          + "out, or weigh samples by an array named weight"
      ),
      (
        [("x", table), ("y", numbers)], ["--loss", "binary-cross-entropy"],
        "holds 2.0; binary-cross-entropy takes probabilities in 0...1"
      ),
      (
        [("x", table), ("y", numbers)], ["--normalize", "cifar10"],
        "error: normalization cifar10: data holds arrays, which are used as they are; leave it out"
      ),
      (
        [("x", table), ("y", numbers)], ["--architecture", "nplm-2-4-8"],
        "error: nplm-2-4-8 on features [2]: nplm-2-4-8: does not take 2 features; choose another "
          + "--architecture"
      ),
    ]
    try withTemporaryFolder { folder in
      for (arrays, arguments, message) in cases {
        try write(arrays, to: folder)
        let text = try error(["train", "--epochs", "1"] + arguments, in: folder)
        #expect(message.hasPrefix("error") ? text == message : text.hasSuffix(message), "\(text)")
      }
    }
  }

  @Test func checkpointsSayWhatDataTheyTake() throws {
    let license = try LossReference(.license).model
    let diabetes = try LossReference(.diabetes).model
    try withTemporaryFolder { folder in
      let tokens = NumericArray((0..<40).map { $0 == 30 ? 99 : 1 }, shape: [20, 2])
      try write([("tokens", tokens), ("target", tokens)], to: folder)
      let outside = try error(["evaluate", license], in: folder)
      #expect(
        outside.hasPrefix(
          "error: sample 15 of 'tokens' holds 99, which is none of the tokens 0 to "),
        "\(outside)")
      try write([("x", table), ("y", numbers)], to: folder)
      let narrow = try error(["evaluate", diabetes], in: folder)
      #expect(
        narrow.contains("fc1.weight is [16, 10] instead of [16, 2]"), "\(narrow)")
    }
  }

  /// Whole numbers are classes unless the loss says that they are numbers.
  @Test func theLossDecidesWhatWholeNumbersMean() throws {
    try withTemporaryFolder { folder in
      try write([("x", table), ("y", classes)], to: folder)
      for (loss, outputs, metric) in [
        (nil, "3", "accuracy"), ("squared-error", "1", "R2"),
      ] {
        let run = try CommandRun(
          "trainer",
          [
            "train", "--data", "data.npz", "--epochs", "1", "--learning-rate", "0.0001", "-q", "-o",
            "run\(outputs)",
          ] + (loss.map { ["--loss", $0] } ?? []), in: folder)
        #expect(run.status == 0 && run.output.contains(metric), "\(run.output) \(run.errors)")
      }
    }
  }

  /// Bytes may be numbers too: pixels that predict a number.
  @Test func wholeNumbersWithoutATargetEachAreFeatures() throws {
    try withTemporaryFolder { folder in
      let pixels = NumericArray((0..<160).map { UInt8($0 % 17) }, shape: [20, 8])
      try write([("x", pixels), ("y", numbers)], to: folder)
      let run = try CommandRun(
        "trainer",
        ["train", "--data", "data.npz", "--epochs", "1", "--learning-rate", "1e-5", "-q"],
        in: folder)
      #expect(run.status == 0 && run.output.contains("mlp-64-64"), "\(run.output) \(run.errors)")
    }
  }
}
