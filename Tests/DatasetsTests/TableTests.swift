import FileFormats
import Foundation
import Testing

@testable import Datasets

@Suite struct TableTests {
  private func opened(
    _ text: String, _ name: String = "table.csv", _ split: DatasetSplit = .train
  ) throws -> OpenedData {
    let folder = try TemporaryFolder()
    return try DatasetCatalog.openData(
      try folder.write(name, Array(text.utf8)), split: split)
  }

  private func arrays(_ text: String) throws -> (inputs: [Float], target: [Float], note: String) {
    guard case .arrays(let data) = try opened(text) else {
      throw DatasetError(.unrecognised, "test", "images")
    }
    let samples = data.samples
    let target = try #require(samples.target)
    return (
      try samples.values(of: samples.inputs[0]), try samples.values(of: target),
      data.notes.joined(separator: " ")
    )
  }

  /// A row of 64 pixels that differs from row to row.
  private func pixels(_ row: Int) -> String {
    (0..<64).map { "\($0 == 0 ? 0 : (row * 31 + $0 * 7) % 256)" }.joined(separator: ",")
  }

  @Test func pixelsWithAClassAreImages() throws {
    let names = (0..<64).map { "pixel\($0)" }.joined(separator: ",")
    let rows = (0..<12).map { "\($0 % 10),\(pixels($0))" }
    for header in ["label,\(names)\r\n", "\"label\",\(names)\n", ""] {
      for name in ["mnist_test.csv", "MNIST.test.CSV"] {
        let text = header + rows.joined(separator: header.hasSuffix("\r\n") ? "\r\n" : "\n")
        guard case .images(let data) = try opened(text, name, .test) else {
          Issue.record("no images")
          return
        }
        #expect(data.shape == ImageShape(channels: 1, height: 8, width: 8))
        #expect(data.labels == (0..<12).map { Int32($0 % 10) } && data.classCount == 10)
        #expect(try data.bytes()[64] == 0 && data.bytes()[65] == 38)
        #expect(data.notes[0].contains(header.isEmpty ? "the first of 65" : "by its name"))
      }
    }
    // The other way round, as in the digits of UCI: the first column is always black.
    let last = (0..<12).map { "\(pixels($0)),\($0 % 10)" }.joined(separator: "\n")
    guard case .images(let data) = try opened(last) else {
      Issue.record("no images")
      return
    }
    #expect(data.labels.prefix(3) == [0, 1, 2] && data.notes[0].contains("the last of 65"))
    let error = datasetError { _ = try opened("\(names)\n\(pixels(0))\n\(pixels(1))") }
    #expect(error?.detail.contains("none of labels") == true)
  }

  @Test func targetsAreChosenByNameTextOrPlace() throws {
    let named = try arrays("Target;a;b\n0.5;1;2\n1.5;3;4\n")
    #expect(named.inputs == [1, 2, 3, 4] && named.target == [0.5, 1.5])
    let text = try arrays("5.1,3.5,setosa\n4.9,3,virginica\n6,2,setosa")
    #expect(text.inputs == [5.1, 3.5, 4.9, 3, 6, 2] && text.target == [0, 1, 0])
    #expect(text.note.contains("setosa = 0, virginica = 1"))
    let last = try arrays("1\t2\t-3.5\n4\t5\t6e1")
    #expect(
      last.inputs == [1, 2, 4, 5] && last.target == [-3.5, 60] && last.note.contains("the last"))
    let identified = try arrays("Id,a,class\n1,0.5,b\n2,0.25,a\n")
    #expect(identified.inputs == [0.5, 0.25] && identified.note.contains("'Id' names rows"))
    let index = try arrays(",a,y\n0,0.5,1\n1,0.25,0\n")
    #expect(index.inputs == [0.5, 0.25] && index.target == [1, 0])
  }

  @Test func quotedFieldsHoldSeparatorsAndQuotes() throws {
    let data = try arrays("a,label\n\"1\",\"x, \"\"y\"\"\"\n 2 , z \n")
    #expect(data.inputs == [1, 2] && data.note.contains("x, \"y\" = 0, z = 1"))
  }

  @Test func whatIsNoTableIsSaidWithItsLine() throws {
    let cases: [(text: String, words: String)] = [
      ("a,b\n1,2\n3\n", "line 3 has 1 fields, not 2"),
      ("a,y\n1,2\n,3\n", "line 3 has nothing in 'a'"),
      ("a,y\n1,2\nx,3\n", "line 3 has 'x' in 'a'"), ("a,b,y\nx,u,1\ny,v,2\n", "text in 'a'"),
      ("a,y\n", "no rows"), ("\n\n", "no lines"), ("just text\nmore", "one field"),
      ("a,y\nnan,1\n1,2", "'a'"), ("id,ID\n1,2\n3,4", "no column beside"),
      ("id,x\n1,2\n", "no column beside"),
      ("label,id\n1,2\n", "no column beside"),
    ]
    for item in cases {
      let error = datasetError { _ = try opened(item.text) }
      #expect(error?.description.contains(item.words) == true, "\(item.text): \(error as Any)")
      #expect(error?.description.contains(where: \.isNewline) == false)
    }
  }

  @Test func classesAreThoseOfAllFilesOfAFolder() throws {
    let folder = try TemporaryFolder()
    try folder.write("iris_train.csv", Array("1,b\n2,c\n".utf8))
    try folder.write("iris_test.csv", Array("3,a\n".utf8))
    guard case .arrays(let data) = try DatasetCatalog.openData(folder.path, split: .test) else {
      Issue.record("no arrays")
      return
    }
    #expect(try data.samples.values(of: try #require(data.samples.target)) == [0])
    guard case .arrays(let other) = try DatasetCatalog.openData(folder.path, split: .train) else {
      Issue.record("no arrays")
      return
    }
    #expect(try other.samples.values(of: try #require(other.samples.target)) == [1, 2])
    #expect(other.samples.target?.isInteger == true)
  }

  @Test func damagedTablesGiveAnErrorOrData() throws {
    let folder = try TemporaryFolder()
    let bytes = Array("label,a,b\n\"x\",1.5,2\ny,\"3\",4e2\n".utf8)
    for place in bytes.indices {
      for value in [0, 0x22, 0x2C, 0x0A, 0xFF, 0x39] as [UInt8] {
        var damaged = bytes
        damaged[place] = value
        let path = try folder.write("t.csv", damaged)
        do {
          _ = try DatasetCatalog.openData(path, split: .train)
        } catch {
          let isOneLine = !error.description.contains(where: \.isNewline)
          #expect(isOneLine)
        }
      }
    }
  }
}
