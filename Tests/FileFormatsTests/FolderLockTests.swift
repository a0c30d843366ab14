import FileFormats
import Foundation
import TestSupport
import Testing

@Suite struct FolderLockTests {
  @Test func aFolderIsHeldByOneUntilItLetsGo() throws {
    try withTemporaryFolder { (folder: URL) throws -> Void in
      var first = FolderLock(folder.path)
      #expect(first != nil)
      #expect(FolderLock(folder.path) == nil)
      let other = folder.appending(path: "other")
      try FileManager.default.createDirectory(at: other, withIntermediateDirectories: true)
      #expect(FolderLock(other.path) != nil)
      first = nil
      #expect(FolderLock(folder.path) != nil)
      #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path) == ["other"])
    }
  }
}
