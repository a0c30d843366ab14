package import FileFormats
package import Foundation
internal import SwiftProtobuf
internal import TensorBoardMessages

/// Event files, which TensorBoard reads.
///
/// A file is a sequence of records: length of the data (8 bytes, little-endian), masked CRC-32C of these bytes, the
/// data, masked CRC-32C of the data. Each record is an `Event`; the first one names the version of the format.
package enum EventFile {
  /// Writes a new event file into a folder.
  ///
  /// TensorBoard goes through the files of a folder in the order of their names and does not come back, so the name
  /// has a later second than those that are there. The file is exclusively made: two processes that write at the
  /// same time write two files.
  ///
  /// - Parameters:
  ///   - entries: What it holds.
  ///   - folder: Where it goes; made if it is missing.
  ///   - date: When it was made.
  /// - Returns: Path of the file.
  /// - Throws: `FileFormatError` for a folder that cannot be written and a picture that is no PNG file.
  package static func write(
    _ entries: [EventEntry], to folder: String, date: Date = Date()
  ) throws(FileFormatError) -> String {
    let bytes = try contents(entries, date: date)
    let names: [String]
    do {
      try FileManager.default.createDirectory(
        atPath: folder, withIntermediateDirectories: true, attributes: nil)
      names = try FileManager.default.contentsOfDirectory(atPath: folder)
    } catch {
      throw FileFormatError(
        .unwritable, format: "cannot write", "is no folder, or may not be written", file: folder)
    }
    let latest = names.compactMap(second).max() ?? 0
    var second = max(Int(date.timeIntervalSince1970), latest + 1)
    while true {
      let path = (folder as NSString).appendingPathComponent("\(prefix)\(second).basin")
      if try AtomicFile.create(bytes, at: path) { return path }
      second += 1
    }
  }

  /// What event files are called: TensorBoard looks for this in a name.
  private static let prefix = "events.out.tfevents."

  /// The time in the name of an event file, in seconds since 1970; nil for other files.
  ///
  /// Names of other programs have any number there; those that would leave no room for a later one do not count.
  private static func second(_ name: String) -> Int? {
    guard name.hasPrefix(prefix) else { return nil }
    return Int(name.dropFirst(prefix.count).prefix { $0.isNumber }).flatMap {
      $0 < 9_999_999_999 ? $0 : nil
    }
  }

  /// The bytes of a file with entries, all of the same time.
  package static func contents(
    _ entries: [EventEntry], date: Date
  ) throws(FileFormatError) -> [UInt8] {
    var version = Tensorboard_Event()
    version.wallTime = date.timeIntervalSince1970
    version.fileVersion = "brain.Event:2"
    var bytes = try record(version)
    for entry in entries {
      var event = Tensorboard_Event()
      event.wallTime = date.timeIntervalSince1970
      event.step = Int64(entry.step)
      event.summary.value = [try value(entry)]
      bytes += try record(event)
    }
    return bytes
  }

  private static func value(
    _ entry: EventEntry
  ) throws(FileFormatError) -> Tensorboard_Summary.Value {
    var value = Tensorboard_Summary.Value()
    value.tag = entry.tag
    if !entry.description.isEmpty { value.metadata.summaryDescription = entry.description }
    switch entry.content {
    case .scalar(let number): value.simpleValue = Float(number)
    case .image(let png):
      let header = try PNGHeader(png, name: entry.tag)
      value.image.width = header.width
      value.image.height = header.height
      value.image.colorspace = header.channels
      value.image.encodedImageString = Data(png)
    }
    return value
  }

  private static func record(_ event: Tensorboard_Event) throws(FileFormatError) -> [UInt8] {
    let data: [UInt8]
    do {
      data = try event.serializedBytes()
    } catch {
      throw FileFormatError(
        .unsupported, format: "event file", "is too large for a record; write a smaller picture")
    }
    let length = bytes(UInt64(data.count))
    return length + bytes(CRC32C.masked(length)) + data + bytes(CRC32C.masked(data))
  }

  private static func bytes(_ value: some FixedWidthInteger) -> [UInt8] {
    (0..<value.bitWidth / 8).map { UInt8(truncatingIfNeeded: value >> ($0 * 8)) }
  }
}
