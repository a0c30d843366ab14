import Foundation
import TestSupport
import Testing

/// The helpers of the tests see what they are meant to see.
@Suite struct TestSupportTests {
  @Test func `relative error counts every entry, lengths and NaN`() {
    #expect(relativeError([1, 2, 2], [1, 2, 2]) == 0)
    #expect(relativeError([0, 4], [0, 5]) == 0.2)
    #expect(relativeError([3, 4], [0, 0]) == 5)
    #expect(relativeError([1], [1, 2]) == .infinity)
    #expect(!(relativeError([1, .nan], [1, 2]) < 1e300))
  }

  @Test func `temporary folders are empty and go away`() throws {
    let folder = try withTemporaryFolder { folder in
      #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path).isEmpty)
      try Data([1]).write(to: folder.appending(path: "file"))
      return folder
    }
    #expect(!FileManager.default.fileExists(atPath: folder.path))
  }

  @Test func `the package folder holds the manifest`() {
    let manifest = SharedData.packageFolder.appending(path: "Package.swift")
    #expect(FileManager.default.fileExists(atPath: manifest.path))
  }
}
