import FileFormats
import Foundation
import Testing

@testable import Datasets

/// What several tables are, and what the numbers of a target are.
@Suite struct TableFolderTests {
  private func folder(_ files: [(name: String, text: String)]) throws -> TemporaryFolder {
    let folder = try TemporaryFolder()
    for file in files { try folder.write(file.name, Array(file.text.utf8)) }
    return folder
  }

  private func arrays(_ path: String, _ split: DatasetSplit = .train) throws -> ArrayDataset {
    guard case .arrays(let data) = try FoundData(path).open(split) else {
      throw DatasetError(.unrecognised, path, "images")
    }
    return data
  }

  private func inputs(_ data: ArrayDataset) throws -> [Float] {
    try data.samples.values(of: data.samples.inputs[0])
  }

  private func target(_ data: ArrayDataset) throws -> [Float] {
    try data.samples.values(of: try #require(data.samples.target))
  }

  /// A table with random numbers beside a target.
  private func table(_ targets: [String], name: String? = "t") -> String {
    let header = name.map { "a,b,\($0)\n" } ?? ""
    return header
      + targets.enumerated().map { "\(Double($0 % 7) / 4),\(Double($0 % 5) / 8),\($1)\n" }.joined()
  }

  // MARK: - Several files

  @Test func columnsAreThoseOfTheTrainingFileByTheirNames() throws {
    // The last column of the other file is another one.
    let folder = try folder([
      ("train.csv", "a,b,c\n1,2,0.5\n3,4,1.5\n"), ("val.csv", "c,x,b,a\n2.5,9,8,7\n"),
    ])
    let training = try arrays(folder.path)
    #expect(try inputs(training) == [1, 2, 3, 4] && target(training) == [0.5, 1.5])
    let validation = try arrays(folder.path, .validation)
    #expect(try inputs(validation) == [7, 8] && target(validation) == [2.5])
    try folder.write("val.csv", Array("c,b\n1,2\n".utf8))
    let error = datasetError { _ = try arrays(folder.path) }
    #expect(error?.description.contains("val.csv: has no column 'a', which train.csv has") == true)
  }

  @Test func withoutAHeaderColumnsAreThoseOfTheTrainingFileByPlace() throws {
    let folder = try folder([("train.csv", "1,2,0.5\n3,4,1.5\n"), ("test.csv", "7,8,0\n")])
    #expect(try target(arrays(folder.path, .test)) == [0])
    try folder.write("test.csv", Array("7,8,9,10\n".utf8))
    let error = datasetError { _ = try arrays(folder.path) }
    #expect(error?.detail.contains("has 4 columns and train.csv 3") == true)
  }

  @Test func aFileWithoutTheTargetIsLeftOutAndSaid() throws {
    // Kaggle's digit recogniser.
    let names = (0..<64).map { "pixel\($0)" }.joined(separator: ",")
    func row(_ i: Int) -> String {
      (0..<64).map { "\((i * 31 + $0 * 7) % 256)" }.joined(separator: ",")
    }
    let folder = try folder([
      ("train.csv", "label,\(names)\n" + (0..<12).map { "\($0 % 4),\(row($0))\n" }.joined()),
      ("test.csv", "\(names)\n" + (0..<3).map { "\(row($0))\n" }.joined()),
      ("sample_submission.csv", "ImageId,Label\n1,0\n"),
    ])
    let found = try FoundData(folder.path)
    #expect(found.splits == [.train])
    let data = try found.images(.train)
    #expect(data.labels == (0..<12).map { Int32($0 % 4) } && data.shape.height == 8)
    #expect(data.notes.contains("'test.csv' has no column 'label' and is left out"))
    let error = datasetError { _ = try found.open(.test) }
    #expect(error?.reason == .noSuchSplit && error?.detail.contains("'test.csv' has no") == true)
    try folder.write("plain_train.csv", [])
    let several = datasetError { _ = try FoundData(folder.path) }
    #expect(several?.reason == .ambiguous)
  }

  @Test func aTableThatIsTheOnlyOneOfAFolderIsItsData() throws {
    let folder = try folder([
      ("Iris.CSV", table(["u", "v", "u"])), ("README.md", "x"), ("._train.csv", "x"),
    ])
    #expect(try target(arrays(folder.path)) == [0, 1, 0])
    // Images come before tables that say something about them.
    let images = try ImageFixtures.bytes("colour.png")
    for name in ["train/a/1.png", "train/b/1.png"] { try folder.write(name, images) }
    #expect(try FoundData(folder.path).images(.train).classNames == ["a", "b"])
  }

  @Test func targetsMayHaveAFileOfTheirOwn() throws {
    let folder = try folder([
      ("X_train.csv", "a,b\n1,2\n3,4\n"), ("y_train.csv", "kind\nu\nv\n"),
      ("X_test.csv", "b,a\n5,6\n"), ("y_test.csv", "kind\nv\n"),
    ])
    let training = try arrays(folder.path)
    #expect(try inputs(training) == [1, 2, 3, 4] && target(training) == [0, 1])
    let test = try arrays(folder.path, .test)
    #expect(try inputs(test) == [6, 5] && target(test) == [1])
    try folder.write("y_test.csv", Array("kind\nv\nu\n".utf8))
    let error = datasetError { _ = try FoundData(folder.path) }
    #expect(error?.detail.contains("2 rows and 1 columns beside the 1 rows") == true)
  }

  @Test func targetsOfUCIStandInFront() throws {
    func first(_ row: (Int) -> String) throws -> [Float] {
      let folder = try folder([("data.csv", (0..<60).map { row($0) + "\n" }.joined())])
      return try target(arrays(folder.path))
    }
    #expect(try first { "\($0 % 3 + 1),0.5,\($0 * 7)" }.prefix(3) == [0, 1, 2])
    #expect(try first { "\(1990 + $0 % 20),0.5,\(Double($0) / 8)" }.prefix(2) == [1990, 1991])
    #expect(try first { "\($0 % 2),0.5,\($0 % 3)" }.prefix(3) == [0, 1, 2])
  }

  // MARK: - Classes and numbers

  /// Classes of the target, and the notes.
  private func read(
    _ targets: [String], name: String? = "t", as choice: TargetChoice? = nil
  ) throws -> (values: [Float], isInteger: Bool, notes: String) {
    let folder = try folder([("data.csv", table(targets, name: name))])
    guard
      case .arrays(let data) = try FoundData(folder.path).open(.train)
        .tokenRows(context: nil, target: choice)
    else { throw DatasetError(.unrecognised, "test", "images") }
    return (
      try target(data), data.samples.target?.isInteger == true,
      data.notes.joined(separator: "; ")
    )
  }

  private func repeated(_ values: [Int], _ count: Int) -> [String] {
    (0..<count).map { "\(values[$0 % values.count])" }
  }

  @Test func fewWholeNumbersAreClassesInSortedOrder() throws {
    let signs = try read(repeated([1, -1], 20))
    #expect(signs.isInteger && signs.values.prefix(4) == [1, 0, 1, 0])
    #expect(signs.notes.contains("-1 = 0, 1 = 1") && signs.notes.contains("`target` numbers"))
    let fromOne = try read(repeated([3, 1, 2], 30), name: nil)
    #expect(fromOne.isInteger && fromOne.values.prefix(3) == [2, 0, 1])
    let withGap = try read(repeated([1, 2, 3, 5, 6, 7], 60))
    #expect(withGap.isInteger && withGap.values.prefix(6) == [0, 1, 2, 3, 4, 5])
    // NumPy writes them with a fraction.
    let floats = try read(repeated([0, 1, 2], 30).map { "\($0).0e+00" })
    #expect(floats.isInteger && floats.values.prefix(3) == [0, 1, 2])
    #expect(!floats.notes.contains("sorted order"))
    // From 0 on the numbers are the places, as networks count.
    let missing = try read(repeated([0, 1, 3], 30))
    #expect(missing.values.prefix(3) == [0, 1, 3] && missing.notes.contains("1 of 4 classes"))
  }

  @Test func manyOrDistantWholeNumbersAreNumbers() throws {
    let years = try read(repeated(Array(1922...2011), 9_000))
    #expect(!years.isInteger && years.values[0] == 1922)
    #expect(years.notes.contains("90 different whole numbers, which are numbers"))
    #expect(years.notes.contains("`target` classes"))
    #expect(try !read(repeated(Array(0..<40), 400)).isInteger)
    #expect(try !read(repeated([3, 4, 5, 6], 400)).isInteger)
    #expect(try read(repeated([3, 4, 5, 6], 8), name: "label").values.prefix(2) == [0, 1])
    #expect(try !read(["0.5", "1", "0"]).isInteger)
  }

  @Test func optionsDecideWhetherATargetIsClassesOrNumbers() throws {
    let numbers = try read(repeated([1, -1], 20), as: .numbers)
    #expect(!numbers.isInteger && numbers.values.prefix(2) == [1, -1])
    #expect(!numbers.notes.contains("classes"))
    let classes = try read(repeated([2003, 1999], 400) + repeated([1990], 9), as: .classes)
    #expect(classes.isInteger && classes.values.prefix(2) == [2, 1])
    #expect(classes.notes.contains("1990 = 0") && !classes.notes.contains("are numbers"))
    #expect(datasetError { _ = try read(["u", "v"], as: .numbers) }?.reason == .setting)
    #expect(datasetError { _ = try read(["0.5", "1"], as: .classes) }?.reason == .setting)
  }

  @Test func columnsThatNameRowsAreLeftOut() throws {
    func columns(_ header: String, _ row: (Int) -> String) throws -> (width: Int, notes: String) {
      let rows = (0..<30).map { row($0) + "\n" }.joined()
      let folder = try folder([("data.csv", header + rows)])
      let data = try arrays(folder.path)
      #expect(try target(data).prefix(4) == [0, 1, 0, 1])
      return (data.samples.inputs[0].shape[0], data.notes.joined(separator: "; "))
    }
    let text = try columns("uid,a,b\n") { "u\($0),0.5,\($0 % 2)" }
    #expect(text.width == 1 && text.notes.contains("'uid' names rows"))
    let behind = try columns("a,b,PassengerId\n") { "0.5,\($0 % 2),\(900 - $0)" }
    #expect(behind.width == 1 && behind.notes.contains("'PassengerId' names rows"))
    let counted = try columns("row,a,b\n") { "\($0 + 7),0.5,\($0 % 2)" }
    #expect(counted.width == 1)
    let unnamed = try columns("") { "\($0 * $0 * 100 + 100_000_000),0.5,\($0 % 2)" }
    #expect(unnamed.width == 1 && unnamed.notes.contains("'column 1' names rows"))
    let mixed = try columns("key,a,b\n") { "\($0 < 3 ? "" : "k")\($0),0.5,\($0 % 2)" }
    #expect(mixed.width == 1 && mixed.notes.contains("'key' names rows"))
    // Numbers under a name of their own are inputs, however different.
    let price = try columns("price,a,b\n") { "\($0 * $0 + 3),0.5,\($0 % 2)" }
    #expect(price.width == 2)
    let only = try columns("t,b\n") { "\($0),\($0 % 2)" }
    #expect(only.width == 1)
  }

  @Test func aFirstLineThatCountsColumnsIsAHeader() throws {
    let folder = try folder([("a.csv", "0,1,species\n5.5,2,u\n4.5,1,v\n3.5,1,u\n")])
    let data = try arrays(folder.path)
    #expect(data.samples.count == 3)
    #expect(try target(data) == [0, 1, 0])
    try folder.write("a.csv", Array("# a,y\n1.5,0\n2.5,1\n".utf8))
    #expect(try arrays(folder.path).samples.count == 2)
  }
}
