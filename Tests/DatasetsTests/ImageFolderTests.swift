import FileFormats
import Foundation
import LinearAlgebra
import Testing

@testable import Datasets

@Suite struct ImageFolderTests {
  /// Writes fixtures under other names.
  private func folder(_ files: [(path: String, fixture: String)]) throws -> TemporaryFolder {
    let folder = try TemporaryFolder()
    for file in files {
      try folder.write(file.path, try ImageFixtures.bytes(file.fixture))
    }
    return folder
  }

  @Test func classesAreSortedNamesAndFilesInTheOrderOfPython() throws {
    let folder = try folder([
      ("b/2.png", "colour.png"), ("b/10.png", "grey.png"), ("b/deep/1.JPG", "colour.jpg"),
      ("B/1.jpeg", "cmyk.jpg"), ("é/1.png", "alpha.png"), ("B/notes.txt", "colour.png"),
      ("B-1/0.png", "palette.png"),
    ])
    let data = try DatasetCatalog.open(folder.path, split: .train)
    #expect(data.classNames == ["B", "B-1", "b", "é"])
    #expect(data.labels == [0, 1, 2, 2, 2, 3])
    #expect(data.shape == ImageShape(channels: 3, height: 17, width: 23))
    let expected = try ImageFixtures.expected()
    let order = ["cmyk.jpg", "palette.png", "grey.png", "colour.png", "colour.jpg", "alpha.png"]
    let images = try data.bytes()
    for (place, name) in order.enumerated() {
      let array = try expected.array(name).bytes
      let image = images[place * data.shape.count..<(place + 1) * data.shape.count]
      let planes = (0..<3).flatMap { channel in
        stride(from: channel, to: array.count, by: 3).map { array[$0] }
      }
      #expect(zip(image, planes).allSatisfy { abs(Int($0) - Int($1)) <= 1 }, "\(name)")
    }
  }

  @Test func splitsAreFoldersAndClassesThoseOfTraining() throws {
    let folder = try folder([
      ("set/train/a/1.png", "colour.png"), ("set/train/b/1.png", "grey.png"),
      ("set/val/b/1.png", "alpha.png"), ("set/test/a/1.png", "palette.png"),
    ])
    for path in [folder.path, folder.path + "/set"] {
      #expect(try FoundData(path).splits == [.train, .validation, .test])
      let validation = try DatasetCatalog.open(path, split: .validation)
      #expect(validation.labels == [1] && validation.classCount == 2)
    }
    let alone = folder.path + "/set/val"
    #expect(
      datasetError { _ = try DatasetCatalog.open(alone, split: .train) }?.reason == .noSuchSplit)
    try folder.write("set/val/c/1.png", ImageFixtures.bytes("alpha.png"))
    let error = datasetError { _ = try DatasetCatalog.open(folder.path, split: .train) }
    #expect(error?.reason == .shape && error?.detail.contains("'c'") == true)
  }

  @Test func partsWithoutClassesAreLeftOutAndSaid() throws {
    let folder = try folder([
      ("set/train/a/1.png", "colour.png"), ("set/train/b/1.png", "grey.png"),
      ("set/val/images/1.png", "alpha.png"), ("set/test/1.png", "palette.png"),
      ("set/more/1.png", "palette.png"),
    ])
    try folder.write("set/train/.DS_Store", [0])
    try folder.write("set/README.md", [0])
    let found = try FoundData(folder.path)
    #expect(found.splits == [.train])
    let notes = try found.images(.train).notes
    for name in ["'val'", "'test'", "'more'"] {
      #expect(notes.contains { $0.contains(name) && $0.contains("left out") }, "\(name)")
    }
    let error = datasetError { _ = try found.images(.validation) }
    #expect(error?.reason == .noSuchSplit && error?.detail.contains("'images'") == true)
    // Folders that are called so and hold nothing but images are no classes.
    let unsorted = try self.folder([("train/1.png", "colour.png"), ("test/1.png", "grey.png")])
    let refusal = datasetError { _ = try FoundData(unsorted.path) }
    #expect(refusal?.detail.contains("test and train hold images without") == true)
  }

  @Test func partsMayBeCalledInOtherWordsAndLieDeeper() throws {
    let folder = try folder([
      ("seg_train/seg_train/a/1.JPG", "colour.jpg"), ("seg_train/seg_train/b/1.JPG", "cmyk.jpg"),
      ("seg_test/seg_test/a/1.JPG", "cmyk.jpg"), ("seg_test/seg_test/b/1.JPG", "cmyk.jpg"),
      ("seg_pred/seg_pred/1.JPG", "cmyk.jpg"),
    ])
    let found = try FoundData(folder.path)
    #expect(found.splits == [.train, .test])
    #expect(try found.images(.train).classNames == ["a", "b"])
    // A class may have such a word in its name.
    let shoes = try self.folder([
      ("training shoes/red/1.png", "colour.png"), ("training shoes/blue/1.png", "grey.png"),
      ("boots/red/1.png", "colour.png"), ("boots/blue/1.png", "grey.png"),
    ])
    #expect(try FoundData(shoes.path).images(.train).classNames == ["boots", "training shoes"])
  }

  @Test func ofManyFilesOnlyThoseOfASampleAreOpened() throws {
    let folder = try TemporaryFolder()
    let image = try ImageFixtures.bytes("colour.png")
    for (part, count) in [("train", 20), ("val", 3)] {
      for place in 0..<count {
        for name in ["a", "b"] { try folder.write("\(part)/\(name)/\(100 + place).png", image) }
      }
    }
    let found = try FoundData(folder.path)
    let asked = try found.images(.validation)
    let whole = try found.images(.train)
    // A few files: all images, as if none were chosen.
    let few = try found.sample(.train, count: 5, like: asked)
    #expect(try few.images.digest() == whole.digest() && few.classHistogram == [20, 20])
    // Many: what is not chosen is not even looked at.
    for place in 0..<20 where place % 5 != 0 {
      for name in ["a", "b"] { try folder.write("train/\(name)/\(100 + place).png", [1]) }
    }
    let many = try found.sample(.train, count: 4, like: asked)
    let places = (0..<4).map { $0 * 10 }
    #expect(try many.images.digest() == whole.selecting(places).digest())
    #expect(many.images.count == 4 && many.classHistogram == [20, 20])
    #expect(!many.images.notes.contains { $0.contains("cannot be decoded") })
  }

  @Test func filesThatCannotBeDecodedAreCountedAndLeftOut() throws {
    let folder = try folder([("a/1.png", "colour.png"), ("b/1.jpg", "colour.jpg")])
    try folder.write("a/2.jpg", Array(ImageFixtures.bytes("colour.jpg").dropLast(9)))
    try folder.write("b/0.webp", Array("RIFF....WEBPVP8 ".utf8))
    let data = try DatasetCatalog.open(folder.path, split: .train)
    #expect(data.labels == [0, 1])
    let note = data.notes.first { $0.contains("2 of 4") }
    #expect(note?.contains("'a/2.jpg'") == true && note?.contains("cut off") == true)
    try folder.write("a/1.png", [])
    try folder.write("b/1.jpg", Array("version https://git-lfs".utf8))
    let error = datasetError { _ = try DatasetCatalog.open(folder.path, split: .train) }
    #expect(error?.reason == .empty && error?.detail.contains("none of its 4") == true)
  }

  @Test func aFileThatBreaksLaterIsNamed() throws {
    let folder = try folder([("a/1.png", "colour.png"), ("b/1.jpg", "colour.jpg")])
    let data = try DatasetCatalog.open(folder.path, split: .train)
    try folder.write("b/1.jpg", ImageFixtures.bytes("wide.png"))
    let error = datasetError { _ = try data.bytes() }
    #expect(
      error?.subject.hasSuffix("b/1.jpg") == true && error?.detail.contains("61 x 40") == true)
  }

  @Test func imagesOfSeveralSizesAreResizedInAllSplits() throws {
    let folder = try folder([
      ("train/a/1.png", "colour.png"), ("train/b/1.png", "grey.png"), ("val/a/1.png", "wide.png"),
    ])
    // One size in training, but not the same everywhere.
    let training = try DatasetCatalog.open(folder.path, split: .train)
    #expect(training.shape == ImageShape(channels: 3, height: 224, width: 224))
    let view = try ImageView(resize: 32, crop: 28)
    let validation = try DatasetCatalog.open(folder.path, split: .validation, view: view)
    #expect(validation.shape == ImageShape(channels: 3, height: 28, width: 28))
    let expected = try ImageFixtures.expected().array("wide.png/32/28").bytes
    let planes = (0..<3).flatMap { channel in
      stride(from: channel, to: expected.count, by: 3).map { expected[$0] }
    }
    #expect(try validation.bytes() == planes)
    let grey = try DatasetCatalog.open(
      folder.path, split: .train, view: ImageView(resize: nil, crop: 8, channels: 1))
    #expect(grey.shape == ImageShape(channels: 1, height: 8, width: 8))
    for wrong in [(0, 1, 3), (8, 9, 3), (9, 8, 2)] {
      #expect(
        datasetError {
          _ = try ImageView(resize: wrong.0, crop: wrong.1, channels: wrong.2)
        }?.reason == .setting)
    }
  }

  @Test func viewsAreReadBack() throws {
    let views = try [
      ImageView.automatic, ImageView(resize: 64, crop: nil), ImageView(resize: nil, crop: 5),
      ImageView(resize: 300, crop: 299, channels: 1),
    ]
    for view in views { #expect(try ImageView(parsing: view.description) == view) }
    for text in ["", "resize=a", "crop=3,", "resize=3,crop=4", "size=3"] {
      #expect(datasetError { _ = try ImageView(parsing: text) }?.reason == .setting, "\(text)")
    }
  }

  @Test func normalisationIsThatOfImageNetWhereFilesAreResized() throws {
    let folder = try folder([("a/1.png", "wide.png"), ("b/1.png", "high.png")])
    let data = try DatasetCatalog.open(folder.path, split: .train)
    let values = try FoundData(folder.path).normalization(.automatic, for: data)
    #expect(values.presetName == "imagenet")
    let small = try self.folder([("a/1.png", "colour.png"), ("b/1.png", "alpha.png")])
    let stored = try DatasetCatalog.open(small.path, split: .train)
    let own = try FoundData(small.path).normalization(.automatic, for: stored)
    #expect(own.presetName == nil)
  }

  @Test func batchesHaveTheSameBitsForAnyNumberOfThreads() throws {
    let names = ["wide.png", "high.png", "colour.jpg", "cmyk.jpg", "narrow.png"]
    let folder = try folder(names.map { ("\($0.first ?? "a")/\($0)", $0) })
    let view = try ImageView(resize: 16, crop: 14)
    let data = try DatasetCatalog.open(folder.path, split: .train, view: view)
    let normalized = try NormalizedDataset(data, .none)
    let batches = try TrainingBatches(
      .images(normalized), seed: 3, batchSize: 5, augmentation: .resizedCropFlip)
    let batch = try batches.epoch(0).batch(0)
    let pool = WorkerPool(threadCount: 3)
    let other = try batches.epoch(0).batch(0, pool: pool)
    let values = try batch.values(of: batch.inputs[0])
    #expect(try other.values(of: other.inputs[0]) == values)
    #expect(Set(values).count > 100)
    // Without augmentation the files are those of an evaluation.
    let plain = try TrainingBatches(.images(normalized), seed: 3, batchSize: 5).epoch(0)
    let decoded = try plain.batch(0, pool: pool)
    let order = plain.samples(of: 0)
    let all = normalized.samples
    let direct = try order.flatMap { try all.values(of: all.inputs[0], $0..<$0 + 1) }
    #expect(try decoded.values(of: decoded.inputs[0]) == direct)
  }

  @Test func digestsAreThoseOfNamesSizesAndView() throws {
    let folder = try folder([("a/1.png", "wide.png"), ("b/1.png", "high.png")])
    let first = try DatasetCatalog.open(folder.path, split: .train)
    let again = try DatasetCatalog.open(folder.path, split: .train)
    #expect(try first.digest() == again.digest())
    let view = try ImageView(resize: 16, crop: 14)
    let other = try DatasetCatalog.open(folder.path, split: .train, view: view)
    #expect(try other.digest() != first.digest())
    #expect(try first.prefix(samples: 1).digest() != first.digest())
    try folder.write("a/2.png", ImageFixtures.bytes("wide.png"))
    #expect(try DatasetCatalog.open(folder.path, split: .train).digest() != first.digest())
  }

  @Test func imagesWithoutFoldersOfClassesAreSaid() throws {
    let folder = try folder([("1.png", "wide.png"), ("2.png", "high.png")])
    let error = datasetError { _ = try DatasetCatalog.open(folder.path, split: .train) }
    #expect(
      error?.reason == .unrecognised && error?.detail.contains("folder for each class") == true)
    let file = datasetError { _ = try DatasetCatalog.open(folder.path + "/1.png", split: .train) }
    #expect(file?.detail.contains("single image") == true)
  }
}

@Suite struct ResizedCropTests {
  private func part(_ index: Int, width: Int, height: Int, smallest: Double = 0.08)
    -> PixelRectangle
  {
    ResizedCrop(
      smallestArea: smallest, stream: RandomStream(seed: 5, label: "test", index: index)
    ).part(width: width, height: height)
  }

  @Test func partsLieInsideWithAreaAndRatioAsDrawn() {
    var areas: [Double] = []
    var ratios: [Double] = []
    let count = 4_000
    for index in 0..<count {
      let part = part(index, width: 500, height: 400)
      #expect(part.left >= 0 && part.left + part.width <= 500)
      #expect(part.top >= 0 && part.top + part.height <= 400)
      areas.append(Double(part.width * part.height) / 200_000)
      ratios.append(log(Double(part.width) / Double(part.height)))
    }
    // Rounding to whole pixels moves a side of at least 100 by half a pixel.
    #expect(areas.allSatisfy { (0.079...1.01).contains($0) })
    #expect(ratios.allSatisfy { abs($0) <= log(4.0 / 3) + 0.01 })
    // Small areas always fit, so that there the drawn distribution is uniform.
    let small = areas.filter { $0 < 0.54 }.map { ($0 - 0.08) / 0.46 }
    let mean = small.reduce(0, +) / Double(small.count)
    // Five standard deviations of a mean of uniform numbers.
    #expect(abs(mean - 0.5) < 5 * (1.0 / 12 / Double(small.count)).squareRoot() + 0.002)
  }

  @Test func whatNeverFitsIsTheLargestMiddle() {
    #expect(
      part(0, width: 10, height: 1_000, smallest: 0.9)
        == PixelRectangle(left: 0, top: 493, width: 10, height: 13))
    #expect(
      part(0, width: 1_000, height: 10, smallest: 0.9)
        == PixelRectangle(left: 493, top: 0, width: 13, height: 10))
    #expect(part(3, width: 1, height: 1) == PixelRectangle(left: 0, top: 0, width: 1, height: 1))
  }

  @Test func theDrawIsThatOfSeedEpochAndSample() throws {
    let shape = ImageShape(channels: 3, height: 6, width: 5)
    func draw(_ augmentation: Augmentation, _ epoch: Int, _ sample: Int) -> Augmentation.Draw {
      augmentation.draw(seed: 4, epoch: epoch, sample: sample, sampleCount: 40, shape: shape)
    }
    let flip = try Augmentation(parsing: "flip")
    for sample in 0..<40 {
      let drawn = draw(.resizedCropFlip, 1, sample)
      #expect(drawn == draw(.resizedCropFlip, 1, sample))
      #expect(drawn.isFlipped == draw(flip, 1, sample).isFlipped)
      #expect(drawn.part != draw(.resizedCropFlip, 2, sample).part)
    }
  }

  @Test func storedImagesAreResizedLikeFiles() throws {
    let folder = try TemporaryFolder()
    for name in ["colour.png", "alpha.png"] {
      try folder.write("\(name)/1.png", ImageFixtures.bytes(name))
    }
    let files = try DatasetCatalog.open(folder.path, split: .train)
    let stored = try Dataset(
      name: "stored", split: .train, source: "stored", shape: files.shape,
      pixels: .bytes(files.bytes(), white: 255), labels: files.labels, classCount: 2)
    let batches = try [files, stored].map { data in
      let batch = try TrainingBatches(
        .images(NormalizedDataset(data, .none)), seed: 2, batchSize: 2,
        augmentation: .resizedCropFlip
      ).epoch(0).batch(0)
      return try batch.values(of: batch.inputs[0])
    }
    #expect(batches[0] == batches[1])
  }

  @Test func numbersInPlaceOfBytesAreRefused() throws {
    let data = try Dataset(
      name: "floats", split: .train, source: "floats",
      shape: ImageShape(channels: 1, height: 2, width: 2), pixels: .floats([0, 1, 2, 3]),
      labels: [0], classCount: 1)
    let error = datasetError {
      _ = try TrainingBatches(
        .images(NormalizedDataset(data, .none)), seed: 1, batchSize: 1,
        augmentation: .resizedCropFlip)
    }
    #expect(error?.reason == .setting)
  }
}
