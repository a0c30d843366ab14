import FileFormats
import Foundation
import TestSupport
import Testing

@Suite struct FilesTests {
  @Test func writtenBytesAreReadBack() throws {
    let path = try temporaryPath("file.bin")
    try AtomicFile.write([1, 2, 3], to: path)
    try AtomicFile.write([4], to: path)
    #expect(try FileBytes.read(path) == [4])
    try AtomicFile.write([], to: path)
    #expect(try FileBytes.read(path) == [])
  }

  @Test func noTemporaryFileStays() throws {
    let path = try temporaryPath("file.txt")
    let folder = URL(fileURLWithPath: path).deletingLastPathComponent().path
    try AtomicFile.write("text", to: path)
    try FileManager.default.createDirectory(
      atPath: folder + "/taken", withIntermediateDirectories: false)
    try AtomicFile.write("text", to: folder + "/taken/inside")
    // Renaming a file onto a folder fails after the temporary file was written.
    #expect(throws: FileFormatError.self) { try AtomicFile.write("x", to: folder + "/taken") }
    #expect(
      try FileManager.default.contentsOfDirectory(atPath: folder).sorted()
        == ["file.txt", "taken"])
  }

  @Test func errorsNameTheFileAndTheFault() throws {
    let missing = "/nonexistent/weights.pt"
    let reading = #expect(throws: FileFormatError.self) { try FileBytes.read(missing) }
    #expect(reading?.description == "\(missing): cannot read: No such file or directory")
    let writing = #expect(throws: FileFormatError.self) { try AtomicFile.write([1], to: missing) }
    #expect(writing?.description == "\(missing): cannot write: No such file or directory")
    let folder = #expect(throws: FileFormatError.self) { try FileBytes.read("/tmp") }
    #expect(folder?.description == "/tmp: cannot read: this is a folder")
    #expect(throws: FileFormatError.self) { try FileBytes.read("/dev/zero") }
  }

  @Test func namesFromFilesStayOnOneShortLine() {
    #expect(quoted("a\nb\u{7F}") == "'a\\u{a}b\\u{7f}'")
    #expect(quoted(String(repeating: "x", count: 1000)).count == 125)
  }
}
