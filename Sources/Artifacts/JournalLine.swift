import FileFormats
import Foundation

/// The first line of a journal: a signature, a checksum, and the configuration as JSON.
struct JournalHeader: Equatable {
  private static let signature = "basin-journal-1"
  let configuration: String

  init(configuration: String) {
    self.configuration = configuration
  }

  /// Reads a line without its end; `nil` if it is damaged or something else.
  init?(line: ArraySlice<UInt8>) {
    let parts = line.split(separator: UInt8(ascii: " "), maxSplits: 2)
    guard parts.count == 3, parts[0].elementsEqual(Self.signature.utf8),
      parts[1].elementsEqual(JournalLine.checksum(parts[2]).utf8)
    else { return nil }
    configuration = String(decoding: parts[2], as: UTF8.self)
  }

  /// The whole line.
  var line: String {
    let checksum = JournalLine.checksum(Array(configuration.utf8)[...])
    return "\(Self.signature) \(checksum) \(configuration)\n"
  }

  /// The settings in which two configurations differ, for an error message.
  func difference(from other: JournalHeader) -> String {
    let (mine, theirs) = (entries, other.entries)
    let differing = Set(mine.keys).union(theirs.keys)
      .filter { mine[$0] != theirs[$0] }.sorted()
    guard !differing.isEmpty else { return "its settings have another form" }
    return differing.prefix(5).map {
      "\($0): \(theirs[$0] ?? "nothing") there, \(mine[$0] ?? "nothing") now"
    }.joined(separator: "; ")
  }

  /// The top-level entries of the configuration, as texts.
  private var entries: [String: String] {
    let data = Data(configuration.utf8)
    let object = try? JSONSerialization.jsonObject(with: data) as? [String: Any]
    return (object ?? [:]).mapValues { value in
      let json = try? JSONSerialization.data(
        withJSONObject: value, options: [.fragmentsAllowed, .sortedKeys])
      return json.map { String(decoding: $0, as: UTF8.self) } ?? ""
    }
  }
}

/// A record as a line: checksum, key, and the values' bit patterns in hexadecimal.
enum JournalLine {
  static func text(of record: Journal.Record) -> String {
    let fields = ["\(record.key)"] + record.values.map { String($0.bitPattern, radix: 16) }
    let body = fields.joined(separator: " ")
    return "\(checksum(Array(body.utf8)[...])) \(body)\n"
  }

  /// Reads a line without its end; `nil` if it is damaged.
  static func record(in line: ArraySlice<UInt8>) -> Journal.Record? {
    let space = UInt8(ascii: " ")
    guard let end = line.firstIndex(of: space), end + 1 < line.endIndex else { return nil }
    let body = line[(end + 1)...]
    guard line[..<end].elementsEqual(checksum(body).utf8) else { return nil }
    let fields = body.split(separator: space).map { String(decoding: $0, as: UTF8.self) }
    guard let key = fields.first.flatMap({ Int($0) }) else { return nil }
    let values = fields.dropFirst().compactMap { UInt64($0, radix: 16) }
    guard values.count == fields.count - 1 else { return nil }
    return Journal.Record(key: key, values: values.map { Double(bitPattern: $0) })
  }

  /// The CRC-32 of `bytes` as eight hexadecimal digits.
  static func checksum(_ bytes: ArraySlice<UInt8>) -> String {
    let digits = String(Deflate.checksum(bytes), radix: 16)
    return String(repeating: "0", count: 8 - digits.count) + digits
  }
}
