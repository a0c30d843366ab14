import Testing

@testable import Datasets

@Suite struct CIFARTests {
  @Test func binaryBatchesAreReadInOrder() throws {
    let folder = try TemporaryFolder()
    for batch in 1...5 {
      try folder.write("data_batch_\(batch).bin", Files.cifar10((batch - 1) * 2..<batch * 2))
    }
    try folder.write("test_batch.bin", Files.cifar10(10..<13))
    let training = try DatasetCatalog.open(folder.path, split: .train)
    #expect(training.name == "cifar10" && training.notes.isEmpty)
    #expect(training.labels == [0, 1, 2, 3, 4, 5, 6, 7, 8, 9])
    #expect(try training.bytes() == Files.pixels(0..<10) && training.pixels.white == 255)
    #expect(training.classNames?[6] == "frog")
    let test = try DatasetCatalog.open(folder.path + "/", split: .test)
    #expect(test.labels == [0, 1, 2])
    #expect(try test.bytes() == Files.pixels(10..<13) && test.pixels.white == 255)
  }

  @Test func missingBatchesAndACutRecordAreNoted() throws {
    let folder = try TemporaryFolder()
    try folder.write("data_batch_1.bin", Files.cifar10(0..<3).dropLast(5))
    let data = try DatasetCatalog.open(folder.path, split: .train)
    #expect(data.labels == [0, 1])
    #expect(data.notes.count == 2)
    #expect(data.notes.first == "1 of 5 train files are there")
    #expect(data.notes.last?.contains("ends inside record 2") == true)
    let error = datasetError { _ = try DatasetCatalog.open(folder.path, split: .test) }
    #expect(error?.reason == .noSuchSplit)
  }

  @Test func recordsOfAnotherSizeAreRefused() throws {
    let folder = try TemporaryFolder()
    // CIFAR-100 records under the names of CIFAR-10: the labels are wrong from the second on.
    try folder.write("data_batch_1.bin", Files.cifar100(0..<4))
    let error = datasetError { _ = try DatasetCatalog.open(folder.path, split: .train) }
    #expect(error?.reason == .label)
    #expect(error?.subject.hasSuffix("data_batch_1.bin") == true)
    #expect(error?.detail.contains("not a multiple of 3073 bytes") == true)
    try folder.write("data_batch_1.bin", [1, 2, 3])
    #expect(
      datasetError { _ = try DatasetCatalog.open(folder.path, split: .train) }?.reason
        == .truncated)
    try folder.write("data_batch_1.bin", [])
    #expect(
      datasetError { _ = try DatasetCatalog.open(folder.path, split: .train) }?.reason == .empty)
  }

  @Test func hundredClassesHaveFineAndCoarseLabels() throws {
    let folder = try TemporaryFolder()
    try folder.write("cifar-100-binary/train.bin", Files.cifar100(0..<5))
    try folder.write("cifar-100-binary/test.bin", Files.cifar100(5..<7))
    let names = (0..<100).map { "name \($0)" }.joined(separator: "\n") + "\n"
    try folder.write("cifar-100-binary/fine_label_names.txt", Array(names.utf8))
    let fine = try DatasetCatalog.open(folder.path, split: .train)
    #expect(fine.name == "cifar100" && fine.classCount == 100)
    #expect(fine.labels == [0, 11, 22, 33, 44] && fine.classNames?[33] == "name 33")
    #expect(try fine.bytes() == Files.pixels(0..<5) && fine.pixels.white == 255)
    let coarse = try DatasetCatalog.open(folder.path, split: .test, labels: .coarse)
    #expect(coarse.labels == [15, 18] && coarse.classCount == 20 && coarse.classNames == nil)
  }

  @Test(arguments: ["python2", "python3"])
  func picklesHoldTheSameImagesAsBinaryFiles(_ version: String) throws {
    let folder = try TemporaryFolder()
    try folder.write("data_batch_1.bin", Files.cifar10(0..<3))
    try folder.write("data_batch_2.bin", Files.cifar10(3..<5))
    try folder.write("test_batch.bin", Files.cifar10(5..<7))
    let pickles = Files.fixture("cifar10-pickles/\(version)")
    for split in [DatasetSplit.train, .test] {
      let data = try DatasetCatalog.open(pickles, split: split)
      #expect(try data.digest() == (try DatasetCatalog.open(folder.path, split: split).digest()))
      #expect(data.classNames?[7] == "class 7")
    }
    #expect(
      try DatasetCatalog.open(pickles, split: .train).notes == ["2 of 5 train files are there"])
  }

  @Test(arguments: ["python2", "python3"])
  func picklesOfHundredClassesAreRead(_ version: String) throws {
    let pickles = Files.fixture("cifar100-pickles/\(version)")
    let fine = try DatasetCatalog.open(pickles, split: .train)
    #expect(fine.labels == [0, 11, 22] && fine.classNames?[22] == "fine 22")
    #expect(try fine.bytes() == Files.pixels(0..<3) && fine.pixels.white == 255)
    let coarse = try DatasetCatalog.open(pickles, split: .test, labels: .coarse)
    #expect(coarse.labels == [9, 12] && coarse.classNames?[12] == "coarse 12")
  }

  @Test func singleFilesAreOneSplit() throws {
    let pickle = Files.fixture("cifar100-pickles/python2/test")
    #expect(try DatasetCatalog.open(pickle, split: .test).labels == [33, 44])
    #expect(datasetError { _ = try DatasetCatalog.open(pickle, split: .train) } != nil)
    let folder = try TemporaryFolder()
    let batch = try folder.write("data_batch_3.bin", Files.cifar10(0..<2))
    let data = try DatasetCatalog.open(batch, split: .train)
    #expect(data.labels == [0, 1] && data.notes.isEmpty)
  }

  @Test func folderAboveSeveralDataSetsIsAmbiguous() throws {
    let folder = try TemporaryFolder()
    try folder.write("cifar-10-batches-bin/test_batch.bin", Files.cifar10(0..<2))
    #expect(try DatasetCatalog.open(folder.path, split: .test).count == 2)
    try folder.write("cifar-100-binary/test.bin", Files.cifar100(0..<2))
    let error = datasetError { _ = try DatasetCatalog.open(folder.path, split: .test) }
    #expect(error?.reason == .ambiguous)
    #expect(error?.detail.contains("cifar-100-binary") == true)
  }

  @Test func unknownFoldersSayWhatIsExpected() throws {
    let folder = try TemporaryFolder()
    #expect(
      datasetError { _ = try DatasetCatalog.open(folder.path, split: .test) }?.reason
        == .unrecognised)
    try folder.write("cifar-10-binary.tar.gz", [0x1F, 0x8B, 8, 0])
    let error = datasetError { _ = try DatasetCatalog.open(folder.path, split: .test) }
    #expect(error?.detail.contains("fetch the file again") == true)
    let archive = datasetError {
      _ = try DatasetCatalog.open(folder.path + "/cifar-10-binary.tar.gz", split: .test)
    }
    #expect(archive?.reason == .truncated)
    try folder.write("other/images.zip", [0x50, 0x4B, 3, 4])
    let packed = datasetError { _ = try DatasetCatalog.open(folder.path + "/other", split: .test) }
    #expect(packed?.detail.contains("unpack the archive") == true)
    let text = try folder.write("notes.txt", Array("hello, world".utf8))
    #expect(
      datasetError { _ = try DatasetCatalog.open(text, split: .test) }?.reason == .unrecognised)
  }

  @Test func picklesThatWouldRunCodeAreRefused() throws {
    let folder = try TemporaryFolder()
    let file = try folder.write(
      "test_batch",
      [0x80, 2]
        + Array(
          "cposix\nsystem\nU\u{4}true\u{85}R.".unicodeScalars.map {
            UInt8($0.value)
          }))
    let error = datasetError { _ = try DatasetCatalog.open(folder.path, split: .test) }
    #expect(error?.subject == file && error?.detail.contains("posix.system") == true)
  }
}
