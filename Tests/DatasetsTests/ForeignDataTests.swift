import FileFormats
import Foundation
import Testing

@testable import Datasets

/// Data as people have them: each kind opens, or says in one line what it is and what to do.
@Suite struct ForeignDataTests {
  private func npy(_ array: NumericArray) -> [UInt8] { NPY.encode(array) }

  private func images(_ count: Int, _ shape: [Int] = [4, 5]) -> NumericArray {
    let size = shape.reduce(1, *)
    return NumericArray(Files.pixels(0..<count, size: size), shape: [count] + shape)
  }

  private func classes(_ count: Int) -> NumericArray {
    NumericArray((0..<count).map { 3 * $0 % 10 })
  }

  private func opened(_ path: String, _ split: DatasetSplit = .train) throws -> OpenedData {
    try DatasetCatalog.openData(path, split: split)
  }

  /// The text of the error that a path ends with, on one line.
  private func refusal(_ path: String, _ split: DatasetSplit = .train) -> String {
    let error = datasetError { _ = try opened(path, split) }
    #expect(error?.description.contains(where: \.isNewline) == false)
    return error?.description ?? "opens"
  }

  // MARK: - NumPy files

  @Test func npyFilesArePairedByTheirNames() throws {
    let folder = try TemporaryFolder()
    for (name, count) in [("train", 6), ("test", 4)] {
      try folder.write("x_\(name).npy", npy(images(count)))
      try folder.write("y_\(name).npy", npy(classes(count)))
    }
    #expect(try opened(folder.path).count == 6 && opened(folder.path, .test).count == 4)
    let file = try opened(folder.path + "/x_test.npy", .test)
    #expect(file.name == "x_test")
    #expect(try file.digest == opened(folder.path, .test).digest)
    #expect(refusal(folder.path + "/y_test.npy").contains("file of labels"))
  }

  @Test func corruptionsShareTheirLabels() throws {
    let folder = try TemporaryFolder()
    try folder.write("CIFAR-10-C/fog.npy", npy(images(6, [32, 32, 3])))
    try folder.write("CIFAR-10-C/labels.npy", npy(classes(6)))
    let fog = try DatasetCatalog.open(folder.path + "/CIFAR-10-C", split: .test)
    #expect(fog.name == "cifar-10-c-fog" && fog.labels == [0, 3, 6, 9, 2, 5])
    #expect(fog.notes.contains("labels are those of labels.npy"))
    let values = try FoundData(folder.path).normalization(.automatic, for: fog)
    #expect(values.presetName == "cifar10")
    try folder.write("CIFAR-10-C/snow.npy", npy(images(6, [32, 32, 3])))
    #expect(refusal(folder.path + "/CIFAR-10-C", .test).contains("give the path of one"))
    let snow = try opened(folder.path + "/CIFAR-10-C/snow.npy", .test)
    #expect(snow.name == "cifar-10-c-snow")
    try folder.write("alone/fog.npy", npy(images(6)))
    #expect(refusal(folder.path + "/alone/fog.npy").contains("without labels"))
  }

  @Test func cifar101IsATestSet() throws {
    let folder = try TemporaryFolder()
    try folder.write("cifar10.1_v6_data.npy", npy(images(4, [32, 32, 3])))
    try folder.write("cifar10.1_v6_labels.npy", npy(classes(4)))
    let data = try DatasetCatalog.open(folder.path, split: .test)
    #expect(data.name == "cifar10.1_v6_data" && data.count == 4)
    #expect(try FoundData(folder.path).splits == [.test])
  }

  @Test func elementsOfNPYFilesStayInThem() throws {
    let folder = try TemporaryFolder()
    let path = try folder.write("x.npy", npy(images(3)))
    let stored = try StoredArray(npy: path)
    #expect(try stored.loaded() == images(3))
    let bytes = npy(images(3))
    for count in bytes.indices {
      try folder.write("x.npy", Array(bytes[..<count]))
      #expect(throws: FileFormatError.self) { _ = try StoredArray(npy: path) }
    }
  }

  // MARK: - Tensors

  @Test func tensorsOfBothFormatsAreImagesAndLabels() throws {
    let folder = Files.fixture("tensors")
    let training = try DatasetCatalog.open(folder, split: .train)
    #expect(training.labels == [0, 3, 6, 9, 2, 5] && training.classCount == 10)
    #expect(try training.bytes() == Files.pixels(0..<6, size: 20))
    let test = try DatasetCatalog.open(folder, split: .test)
    #expect(test.labels == [8, 1, 4])
    #expect(try test.bytes() == Files.pixels(6..<9, size: 20))
    let dictionary = try DatasetCatalog.open(folder + "/dictionary.pt", split: .train)
    #expect(try dictionary.digest() == training.digest())
    #expect(refusal(folder + "/network.pt").contains("not images and labels"))
  }

  // MARK: - IDX

  @Test func relativesOfMNISTHaveNamesOfTheirOwn() throws {
    let folder = try TemporaryFolder()
    let pixels = Files.pixels(0..<3, size: 16)
    try folder.write(
      "emnist-letters-test-images-idx3-ubyte.gz", Deflate.gzip(Files.idx([3, 4, 4], pixels)))
    try folder.write("emnist-letters-test-labels-idx1-ubyte", Files.idx([3], [1, 26, 2]))
    let letters = try DatasetCatalog.open(folder.path, split: .test)
    #expect(letters.name == "emnist-letters" && letters.classCount == 27)
    #expect(letters.notes.contains { $0.contains("transposed") })
    #expect(letters.notes.contains { $0.contains("class 0 is empty") })
    try folder.write("emnist-mnist-test-images-idx3-ubyte", Files.idx([3, 4, 4], pixels))
    try folder.write("emnist-mnist-test-labels-idx1-ubyte", Files.idx([3], [1, 2, 0]))
    #expect(refusal(folder.path, .test).contains("emnist-mnist-test-images-idx3-ubyte"))

    let other = try TemporaryFolder()
    try other.write("qmnist-train-images-idx3-ubyte", Files.idx([3, 4, 4], pixels))
    let labels = [7, 0, 300].flatMap { [$0] + Array(repeating: 9_999, count: 7) }
    let raw = labels.flatMap { label in
      [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: label >> $0) }
    }
    try other.write("qmnist-train-labels-idx2-int", Files.idx([3, 8], raw, type: 0x0C))
    let digits = try DatasetCatalog.open(other.path, split: .train)
    #expect(digits.labels == [7, 0, 300] && digits.name == "qmnist")
  }

  @Test func swappedFilesAreSaid() throws {
    let folder = try TemporaryFolder()
    try folder.write("train-images-idx3-ubyte", Files.idx([3], [1, 2, 0]))
    try folder.write(
      "train-labels-idx1-ubyte", Files.idx([3, 4, 4], Files.pixels(0..<3, size: 16)))
    #expect(refusal(folder.path).contains("swapped"))
  }

  // MARK: - CIFAR

  /// A tar archive of regular files.
  private func tar(_ files: [(name: String, bytes: [UInt8])]) -> [UInt8] {
    var archive: [UInt8] = []
    for file in files {
      var header = [UInt8](repeating: 0, count: 512)
      header.replaceSubrange(0..<file.name.utf8.count, with: Array(file.name.utf8))
      let size = String(file.bytes.count, radix: 8)
      let digits = String(repeating: "0", count: 11 - size.utf8.count) + size
      header.replaceSubrange(124..<135, with: Array(digits.utf8))
      header[156] = UInt8(ascii: "0")
      header.replaceSubrange(257..<263, with: Array("ustar\0".utf8))
      header.replaceSubrange(148..<156, with: [UInt8](repeating: 0x20, count: 8))
      let sum = String(header.reduce(0) { $0 + Int($1) }, radix: 8)
      header.replaceSubrange(148..<148 + sum.utf8.count, with: Array(sum.utf8))
      header[148 + sum.utf8.count] = 0
      archive += header + file.bytes
      archive += [UInt8](repeating: 0, count: (512 - file.bytes.count % 512) % 512)
    }
    return archive + [UInt8](repeating: 0, count: 1024)
  }

  @Test func archivesAreReadAsDownloaded() throws {
    let folder = try TemporaryFolder()
    let files = [
      (name: "cifar-10-batches-bin/readme.html", bytes: Array("<html>".utf8)),
      (name: "cifar-10-batches-bin/data_batch_1.bin", bytes: Files.cifar10(0..<3)),
      (name: "cifar-10-batches-bin/data_batch_2.bin", bytes: Files.cifar10(3..<5)),
      (name: "cifar-10-batches-bin/test_batch.bin", bytes: Files.cifar10(5..<9)),
    ]
    for file in files { try folder.write(file.name, file.bytes) }
    let archive = Deflate.gzip(tar(files))
    let path = try folder.write("down/cifar-10-binary.tar.gz", archive)
    for split in [DatasetSplit.train, .test] {
      let expected = try DatasetCatalog.open(folder.path, split: split)
      #expect(try DatasetCatalog.open(path, split: split).digest() == expected.digest())
    }
    #expect(try opened(folder.path + "/down", .test).count == 4)
    for count in stride(from: 1, to: archive.count, by: 997) {
      try folder.write("down/cifar-10-binary.tar.gz", Array(archive[..<count]))
      #expect(refusal(path) != "opens")
    }
    let other = try folder.write("other.tar.gz", Deflate.gzip(tar([("a.txt", [1, 2, 3])])))
    #expect(refusal(other).contains("unpack it"))
  }

  @Test func damagedArchivesGiveAnErrorOrData() throws {
    let folder = try TemporaryFolder()
    let archive = tar([("c/test_batch.bin", Files.cifar10(0..<1)), ("c/x", [1])])
    for place in archive.indices
    where place < 512 || place.isMultiple(of: 311) || (3584..<4096).contains(place) {
      var damaged = archive
      damaged[place] ^= 0x15
      let path = try folder.write("cifar.tar", damaged)
      _ = try? DatasetCatalog.open(path, split: .test)
      _ = try? TarArchive.read(ByteSource(damaged[...], path: path), limit: 1 << 20) { _ in true }
    }
  }

  @Test func archivesAreBounded() throws {
    let archive = tar([("a", [UInt8](repeating: 7, count: 5_000)), ("b", [1])])
    let source = ByteSource(Deflate.gzip(archive)[...], path: "a.tar.gz")
    let files = try TarArchive.read(source, limit: 5_000) { $0 == "a" }
    #expect(files.count == 1 && files[0].bytes.count == 5_000)
    let error = #expect(throws: FileFormatError.self) {
      _ = try TarArchive.read(source, limit: 4_999) { $0 == "a" }
    }
    #expect(error?.reason == .tooLarge)
    // Passing over is bounded too: a small archive may expand to anything.
    let large = tar([("c", [UInt8](repeating: 0, count: 1 << 20))])
    let zeros = ByteSource(Deflate.gzip(large)[...], path: "b.tar.gz")
    let passed = #expect(throws: FileFormatError.self) {
      _ = try TarArchive.read(zeros, limit: 1 << 14) { _ in false }
    }
    #expect(passed?.reason == .tooLarge)
  }

  @Test func batchesThatAreCutOffAreSaid() throws {
    let folder = try TemporaryFolder()
    let batch = try FileBytes.read(Files.fixture("cifar10-pickles/python3/test_batch"))
    try folder.write("test_batch", Array(batch.dropLast(2_000)))
    #expect(refusal(folder.path, .test).contains("cut off"))
  }

  // MARK: - Nested folders

  @Test func aFolderThatHoldsOneFolderIsThatFolder() throws {
    let folder = try TemporaryFolder()
    try folder.write("a/b/c/data_batch_1.bin", Files.cifar10(0..<3))
    try folder.write("a/__MACOSX/x", [1])
    try folder.write("a/.hidden/x", [1])
    #expect(try opened(folder.path).count == 3)
    try folder.write("a/other/x", [1])
    #expect(refusal(folder.path).contains("no known data set"))
  }

  // MARK: - Arrays

  @Test func validationSplitsOfArraysAreThere() throws {
    let folder = try TemporaryFolder()
    var arrays: [(String, NumericArray)] = []
    for (name, count) in [("train", 6), ("val", 4), ("test", 2)] {
      arrays.append(("\(name)_images", images(count)))
      arrays.append(
        ("\(name)_labels", NumericArray((0..<count).map { UInt8($0) }, shape: [count, 1])))
    }
    let path = try folder.write("medmnist.npz", try Files.npz(arrays))
    #expect(try FoundData(path).splits == [.train, .validation, .test])
    #expect(try opened(path, .validation).count == 4)
    let table = try folder.write(
      "table.npz",
      try Files.npz([
        ("x", NumericArray([Float(1), 2], shape: [2, 1])), ("y", NumericArray([0.5, 1])),
        ("x_val", NumericArray([Float(3)], shape: [1, 1])), ("y_val", NumericArray([0.25])),
      ]))
    #expect(try FoundData(table).splits == [.train, .validation])
    #expect(try opened(table, .validation).count == 1)
  }

  @Test func whatCannotBeKnownIsNoted() throws {
    let folder = try TemporaryFolder()
    func notes(_ x: NumericArray, _ y: NumericArray) throws -> [String] {
      try opened(try folder.write("a.npz", try Files.npz([("x", x), ("y", y)]))).notes
    }
    let floats = (0..<40).map { Float($0 * 6) }
    #expect(
      try notes(NumericArray(floats, shape: [2, 4, 5]), NumericArray([0, 1])).contains {
        $0.contains("0.0 to 234.0")
      })
    let normalized = floats.map { $0 / 100 - 1 }
    #expect(try notes(NumericArray(normalized, shape: [2, 4, 5]), NumericArray([0, 1])).isEmpty)
    #expect(
      try notes(images(2, [3, 4, 3]), NumericArray([0, 1])).contains { $0.contains("[N, C, H, W]") }
    )
    #expect(
      try notes(images(2), NumericArray([2, 1])).contains { $0.contains("class 0 is empty") })
  }

  @Test func arraysWithoutNamesAreImagesAndLabelsByTheirShapes() throws {
    let folder = try TemporaryFolder()
    for (first, second) in [("arr_0", "arr_1"), ("data", "labels")] {
      let path = try folder.write(
        "\(first).npz", try Files.npz([(first, images(4)), (second, classes(4))]))
      let data = try DatasetCatalog.open(path, split: .train)
      #expect(data.labels == [0, 3, 6, 9])
      #expect(data.notes.isEmpty == (first == "data"))
    }
  }

  @Test func foreignFilesAreNamed() throws {
    let folder = try TemporaryFolder()
    let cases: [(name: String, start: String, word: String)] = [
      ("a.parquet", "PAR1", "Parquet"), ("a.h5", "\u{89}HDF\r\n\u{1A}\n", "HDF5"),
      ("a.mat", "MATLAB 5.0 MAT-file", "MATLAB"), ("a.npz", "<!DOCTYPE html>", "web page"),
      ("a.bin", "version https://git-lfs.github.com/spec/v1", "Git LFS"),
      ("a.arrow", "ARROW1", "Arrow"), ("a.dat", "nothing known", "not a known format"),
    ]
    for item in cases {
      let bytes = item.start.unicodeScalars.map { UInt8($0.value) }
      let path = try folder.write(item.name, bytes + [UInt8](repeating: 0, count: 40))
      #expect(refusal(path).contains(item.word), "\(item.name)")
    }
  }
}
