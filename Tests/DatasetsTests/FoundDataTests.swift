import FileFormats
import Foundation
import Testing

@testable import Datasets

@Suite struct FoundDataTests {
  private func images(_ count: Int) -> NumericArray {
    NumericArray(Files.pixels(0..<count, size: 20), shape: [count, 4, 5])
  }

  private func classes(_ count: Int) -> NumericArray {
    NumericArray((0..<count).map { 3 * $0 % 10 })
  }

  @Test func archivesAndTablesAreReadOnce() throws {
    // What was found is read again from memory: the files may go.
    let folder = try TemporaryFolder()
    let table = try folder.write("t_train.csv", Array("a,y\n0.5,1.5\n0.25,2.5\n".utf8))
    let tables = try FoundData(table)
    try FileManager.default.removeItem(atPath: table)
    #expect(try tables.open(.train).count == 2 && tables.open(.train).digest.count == 64)
    let source = Files.fixture("cifar10-pickles/python3")
    _ = try FoundData(source).open(.test)
  }

  @Test func partsOfArraysHaveManyNames() throws {
    let folder = try TemporaryFolder()
    let cases: [(images: String, labels: String, split: DatasetSplit)] = [
      ("x_validation", "y_validation", .validation), ("valid_images", "valid_labels", .validation),
      ("X_test", "Y_test", .test), ("testX", "testY", .test), ("Xtest", "ytest", .test),
      ("test_data", "test_label", .test), ("x_dev", "y_dev", .validation),
      ("train_set_x", "train_set_y", .train), ("inputs_te", "targets_te", .test),
    ]
    for item in cases {
      let path = try folder.write(
        "a.npz", try Files.npz([(item.images, images(4)), (item.labels, classes(4))]))
      let found = try FoundData(path)
      #expect(found.splits == [item.split], "\(item.images)")
      #expect(try found.images(item.split).labels == [0, 3, 6, 9], "\(item.images)")
      // Numbers in place of images, by the same names.
      let numbers = NumericArray([Float](repeating: 0.5, count: 8), shape: [4, 2])
      let other = try folder.write(
        "b.npz", try Files.npz([(item.images, numbers), (item.labels, classes(4))]))
      guard case .arrays(let arrays) = try FoundData(other).open(item.split) else {
        Issue.record("no arrays")
        return
      }
      #expect(arrays.samples.target != nil && arrays.samples.inputs.count == 1)
    }
    for (images, labels) in [("test_x", "test_y"), ("valid_images", "valid_labels")] {
      let part = try TemporaryFolder()
      try part.write("\(images).NPY", NPY.encode(self.images(4)))
      try part.write("\(labels).npy", NPY.encode(classes(4)))
      try part.write("._\(labels).npy", [1])
      let split = try #require(FoundData(part.path).splits.first)
      #expect(split == (images == "test_x" ? .test : .validation))
    }
  }

  @Test func partsWithoutLabelsAreLeftOutAndSaid() throws {
    let folder = try TemporaryFolder()
    let pair = [("x_train", images(4)), ("y_train", classes(4))]
    let path = try folder.write("a.npz", try Files.npz(pair + [("x_test", images(2))]))
    let found = try FoundData(path)
    #expect(found.splits == [.train])
    #expect(try found.open(.train).notes.contains { $0.contains("'x_test' has no labels") })
    let error = datasetError { _ = try found.open(.test) }
    #expect(error?.reason == .noSuchSplit && error?.detail.contains("'x_test'") == true)
    let numbers = NumericArray([Float(1), 2, 3, 4], shape: [4, 1])
    let arrays = try folder.write(
      "b.npz", try Files.npz([("x", numbers), ("y", classes(4)), ("x_test", numbers)]))
    #expect(try FoundData(arrays).splits == [.train])
    #expect(try FoundData(arrays).open(.train).notes.contains { $0.contains("'x_test' has no") })
    // Without any target, inputs are all there is.
    let alone = try folder.write("c.npz", try Files.npz([("x", numbers), ("x_test", numbers)]))
    #expect(try FoundData(alone).splits == [.train, .test])
    let npy = try TemporaryFolder()
    try npy.write("x_train.npy", NPY.encode(images(4)))
    try npy.write("y_train.npy", NPY.encode(classes(4)))
    try npy.write("x_test.npy", NPY.encode(images(2)))
    #expect(try FoundData(npy.path).open(.train).notes.contains { $0.contains("'x_test.npy'") })
  }

  @Test func arraysWithoutNamesArePartsInTheirOrder() throws {
    let folder = try TemporaryFolder()
    // As from train_test_split: images, then labels.
    let path = try folder.write(
      "a.npz",
      try Files.npz([
        ("arr_0", images(4)), ("arr_1", images(2)), ("arr_2", classes(4)), ("arr_3", classes(2)),
      ]))
    let found = try FoundData(path)
    #expect(found.splits == [.train, .test])
    #expect(try found.images(.train).count == 4 && found.images(.test).labels == [0, 3])
    let numbers = NumericArray([Float(1), 2, 3, 4, 5, 6], shape: [2, 3])
    for (first, second) in [(numbers, classes(2)), (classes(2), numbers)] {
      let path = try folder.write("b.npz", try Files.npz([("arr_0", first), ("arr_1", second)]))
      guard case .arrays(let arrays) = try FoundData(path).open(.train) else {
        Issue.record("no arrays")
        return
      }
      #expect(
        arrays.samples.inputs.map(\.shape) == [[3]] && arrays.samples.target?.isInteger == true)
      #expect(arrays.notes.contains { $0.contains("as the target") })
    }
  }

  @Test func arraysThatAreNotReadAreSaid() throws {
    let folder = try TemporaryFolder()
    let path = try folder.write(
      "a.npz",
      try Files.npz([("x", images(2)), ("y", classes(2)), ("mean", NumericArray([Float(0.5)]))]))
    #expect(try FoundData(path).images(.train).notes == ["of its arrays 'mean' are not read"])
    let several = try folder.write(
      "b.npz", try Files.npz([("x", images(2)), ("images", images(2)), ("y", classes(2))]))
    #expect(datasetError { _ = try FoundData(several).images(.train) }?.reason == .ambiguous)
  }

  @Test func theNearestFolderNamesTheData() throws {
    let folder = try TemporaryFolder()
    let images = Files.idx([3, 4, 5], Files.pixels(0..<3, size: 20))
    for (path, name) in [
      ("mnist/FashionMNIST/raw", "fashionmnist"), ("MNIST/raw", "mnist"), ("mnist/here", "mnist"),
      ("other/raw", "other"),
    ] {
      try folder.write(path + "/train-images-idx3-ubyte", images)
      try folder.write(path + "/train-labels-idx1-ubyte", Files.idx([3], [7, 0, 9]))
      #expect(try FoundData(folder.path + "/" + path).images(.train).name == name, "\(path)")
    }
  }
}
