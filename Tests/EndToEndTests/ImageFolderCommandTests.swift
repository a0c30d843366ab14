import Foundation
import TestSupport
import Testing

/// A training on a folder of images, and what its checkpoint remembers of it.
@Suite(.serialized) struct ImageFolderCommandTests {
  private static let fixtures = URL(filePath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().appending(path: "DatasetsTests/Fixtures/images")

  /// Two classes of files of several sizes, some for validation, one cut off.
  private func makeImages(in folder: URL) throws {
    let files = [
      "train/a/1.jpg": "colour.jpg", "train/a/2.png": "wide.png", "train/a/3.jpg": "cmyk.jpg",
      "train/a/4.png": "palette.png", "train/b/1.png": "high.png", "train/b/2.png": "narrow.png",
      "train/b/3.jpg": "grey.jpg", "train/b/4.png": "grey16.png", "val/a/1.png": "alpha.png",
      "val/b/1.jpg": "progressive.jpg",
    ]
    for (path, name) in files {
      let target = folder.appending(path: "images").appending(path: path)
      try FileManager.default.createDirectory(
        at: target.deletingLastPathComponent(), withIntermediateDirectories: true)
      try FileManager.default.copyItem(at: Self.fixtures.appending(path: name), to: target)
    }
    let whole = try Data(contentsOf: Self.fixtures.appending(path: "colour.jpg"))
    try whole.dropLast(40).write(to: folder.appending(path: "images/train/b/5.jpg"))
  }

  @Test func aCheckpointKeepsTheViewOfItsImages() throws {
    try withTemporaryFolder { folder in
      try makeImages(in: folder)
      let training = try CommandRun(
        "trainer",
        [
          "train", "--data", "images", "--architecture", "mlp-4", "--epochs", "1", "--batch-size",
          "4",
          "--resize", "10", "--crop", "8", "--learning-rate", "0.01",
        ], in: folder)
      #expect(training.status == 0, "\(training.errors)")
      #expect(training.errors.contains("1 of 9 image files cannot be decoded"))
      #expect(training.errors.contains("8 training samples of images, 2 for validation"))
      let all = try CommandRun("trainer", ["evaluate", "-q"], in: folder)
      #expect(all.status == 0, "\(all.errors)")
      #expect(all.output.contains("train: ") && all.output.contains("validation: "))
      let part = try CommandRun("trainer", ["evaluate", "-q", "--split", "val"], in: folder)
      #expect(part.output.hasPrefix("validation: ") && part.output.contains("of 2 right"))
      let other = try CommandRun(
        "trainer", ["evaluate", "-q", "--crop", "9", "--split", "val"], in: folder)
      #expect(other.status == 1 && other.errors.split(separator: "\n").count == 1)
      let spectrum = try CommandRun(
        "hessian", ["spectrum", "model.ckpt", "--lanczos", "3", "-q", "--output", "spectrum"],
        in: folder)
      #expect(spectrum.status == 0, "\(spectrum.errors)")
      let description = try CommandRun("trainer", ["data", "images", "--json"], in: folder)
      #expect(description.output.contains("\"validation\""))
    }
  }
}
