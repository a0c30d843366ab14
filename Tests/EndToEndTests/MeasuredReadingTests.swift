import Checkpoints
import FileFormats
import Foundation
import TestSupport
import Testing

/// Files that do not say what they are, made of trainings on the digits.
@Suite(.serialized) struct MeasuredReadingTests {
  private static let list = "conv(8,3,padding=1) batchnorm tanh avgpool(2) flatten linear(10)"

  /// The tensors of a checkpoint as another program would have written them, with other names.
  private func foreign(
    _ checkpoint: URL, to file: URL, scaledBy factor: Float = 1, prefix: String = "stage_"
  ) throws {
    let contents = try CheckpointFile.read(checkpoint.path)
    let tensors = contents.tensors.filter { !$0.name.hasPrefix("training.") }.map { tensor in
      let values = tensor.floats().map { $0 * factor }
      return StoredTensor(
        name: prefix + tensor.name, array: NumericArray(values, shape: tensor.shape))
    }
    try CheckpointFile.write(tensors, metadata: [:], to: file.path)
  }

  private func evaluate(
    _ file: String, _ options: [String] = [], in folder: URL
  ) throws -> CommandRun {
    try CommandRun(
      "trainer", ["evaluate", file, "--data", "digits", "--split", "test"] + options, in: folder)
  }

  @Test func activationPoolingAndNormalisationAreFound() throws {
    try withTemporaryFolder { folder in
      let training = try CommandRun(
        "trainer", ["train", "--architecture", Self.list, "--epochs", "5", "--quiet"], in: folder)
      #expect(training.status == 0, "\(training.errors)")
      let truth = try CommandRun(
        "trainer", ["evaluate", "--split", "test", "--quiet"], in: folder)
      try foreign(
        folder.appending(path: "model.ckpt"), to: folder.appending(path: "foreign.safetensors"))
      let found = try evaluate("foreign.safetensors", in: folder)
      #expect(found.status == 0, "\(found.errors)")
      #expect(found.errors.contains("read as \(Self.list)"), "\(found.errors)")
      #expect(found.output == truth.output)
      let listed = try evaluate(
        "foreign.safetensors", ["--architecture", Self.list, "--normalize", "dataset"], in: folder)
      #expect(listed.output == truth.output, "\(listed.errors)")
      #expect(!listed.errors.contains("tried"), "nothing is measured where options say it all")
      let json = try evaluate("foreign.safetensors", ["--json"], in: folder)
      #expect(json.output.contains("\"readings\"") && json.output.contains("\"tried\""))
    }
  }

  /// Neither the number of heads nor the place of the norms nor what is read in the end shows in tensors.
  @Test func aTransformerOfAnyNamesIsFound() throws {
    let name = "encoder-patch2-w16-d2-h2-m32-notoken-positions2-split-post-mean"
    try withTemporaryFolder { folder in
      let training = try CommandRun(
        "trainer",
        [
          "train", "--architecture", name, "--optimizer", "adamw", "--learning-rate", "0.01",
          "--augment", "none", "--epochs", "15", "--quiet",
        ], in: folder)
      #expect(training.status == 0, "\(training.errors)")
      let truth = try CommandRun(
        "trainer", ["evaluate", "--split", "test", "--quiet"], in: folder)
      try foreign(
        folder.appending(path: "model.ckpt"), to: folder.appending(path: "foreign.safetensors"))
      let found = try evaluate("foreign.safetensors", ["--normalize", "dataset"], in: folder)
      #expect(found.errors.contains("read as \(name),"), "\(found.errors)")
      #expect(found.output == truth.output)
      let stated = try evaluate(
        "foreign.safetensors", ["--architecture", name, "--normalize", "dataset"], in: folder)
      #expect(stated.output == truth.output, "\(stated.errors)")
    }
  }

  /// Weights that were never trained give no number, unless the user takes one part of the question.
  @Test func whatNoReadingDoesBetterThanGuessingIsNoNumber() throws {
    try withTemporaryFolder { folder in
      let training = try CommandRun(
        "trainer",
        [
          "train", "--architecture", Self.list, "--epochs", "1", "--learning-rate", "1e-9",
          "--quiet",
        ], in: folder)
      #expect(training.status == 0, "\(training.errors)")
      try foreign(
        folder.appending(path: "model.ckpt"), to: folder.appending(path: "raw.safetensors"),
        scaledBy: 1e-3)
      let refused = try evaluate("raw.safetensors", in: folder)
      #expect(refused.status == 1 && refused.output.isEmpty)
      #expect(refused.errors.contains("than guessing"), "\(refused.errors)")
      let asked = try evaluate("raw.safetensors", ["--normalize", "none"], in: folder)
      #expect(asked.status == 0 && asked.errors.contains("warning:"), "\(asked.errors)")
      #expect(asked.errors.contains("cannot be seen from shapes"))
    }
  }

  /// Shapes alone are no names: what fits them is a guess like any other, and gives no number where it fails.
  @Test func shapesOfAKnownNetworkAreNotItsNames() throws {
    try withTemporaryFolder { folder in
      let training = try CommandRun(
        "trainer",
        [
          "train", "--architecture", "encoder-patch4-w16-d1-h1-m32", "--epochs", "1",
          "--learning-rate", "1e-9", "--quiet",
        ], in: folder)
      #expect(training.status == 0, "\(training.errors)")
      let checkpoint = folder.appending(path: "model.ckpt")
      try foreign(checkpoint, to: folder.appending(path: "raw.safetensors"))
      let refused = try evaluate("raw.safetensors", in: folder)
      #expect(refused.status == 1 && refused.output.isEmpty, "\(refused.output)")
      #expect(refused.errors.contains("than guessing"), "\(refused.errors)")
      try foreign(checkpoint, to: folder.appending(path: "named.safetensors"), prefix: "")
      let named = try evaluate("named.safetensors", in: folder)
      #expect(named.status == 0 && named.errors.contains("warning:"), "\(named.errors)")
    }
  }

  /// A squared error leaves outputs that add up to 1, which tells it from a cross-entropy.
  @Test func outputsThatTellAnotherLossAreSaid() throws {
    try withTemporaryFolder { folder in
      let training = try CommandRun(
        "trainer",
        [
          "train", "--architecture", "mlp-32", "--loss", "squared-error", "--optimizer", "adamw",
          "--learning-rate", "0.01", "--augment", "none", "--epochs", "40", "--quiet",
        ], in: folder)
      #expect(training.status == 0, "\(training.errors)")
      let truth = try CommandRun(
        "trainer", ["evaluate", "--split", "test", "--quiet"], in: folder)
      try foreign(
        folder.appending(path: "model.ckpt"), to: folder.appending(path: "foreign.safetensors"))
      let found = try evaluate("foreign.safetensors", in: folder)
      #expect(found.errors.contains("--loss squared-error"), "\(found.errors)")
      #expect(found.output != truth.output)
      let followed = try evaluate("foreign.safetensors", ["--loss", "squared-error"], in: folder)
      #expect(followed.output == truth.output, "\(followed.errors)")
      #expect(!followed.errors.contains("--loss"), "\(followed.errors)")
    }
  }
}
