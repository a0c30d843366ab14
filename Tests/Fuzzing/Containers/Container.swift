internal import FileFormats

/// A file of several parts whose lengths and checksums must fit, or a reader sees nothing but that they do not.
///
/// Mutations change parts and put them together again.
package protocol Container: SendableMetatype {
  /// The parts of a file; nil where it is none of this kind.
  static func parts(of bytes: [UInt8]) -> [ContainerPart]?

  /// The file with these parts; nil where there is none.
  static func joined(_ parts: [ContainerPart]) -> [UInt8]?
}

/// One part of a container.
package struct ContainerPart: Equatable, Sendable {
  /// Its name, or kind.
  package var name: String
  /// What it holds, without lengths, checksums and compression.
  package var bytes: [UInt8]

  /// Joins the two.
  package init(_ name: String, _ bytes: [UInt8]) {
    self.name = name
    self.bytes = bytes
  }
}

/// The kinds that first bytes tell.
enum Containers {
  static let recognized: [any Container.Type] = [
    ZipContainer.self, GzipContainer.self, TarContainer.self, SafetensorsContainer.self,
    NPYContainer.self, PNGContainer.self, JournalContainer.self,
  ]

  /// Most bytes that a compressed part is expanded to.
  static let limit = 1 << 20
}

/// A zip archive: its entries, which are stored when it is put together.
enum ZipContainer: Container {
  static func parts(of bytes: [UInt8]) -> [ContainerPart]? {
    guard ZipArchive.isZip(bytes), let archive = try? ZipArchive(bytes),
      archive.entries.allSatisfy({ $0.size <= Containers.limit })
    else { return nil }
    return archive.entries.compactMap { entry in
      (try? archive.contents(of: entry)).map { ContainerPart(entry.name, Array($0)) }
    }
  }

  static func joined(_ parts: [ContainerPart]) -> [UInt8]? {
    var writer = ZipWriter()
    var names: Set<String> = []
    for part in parts where part.name.utf8.count < 1000 && names.insert(part.name).inserted {
      guard (try? writer.add(part.name, part.bytes)) != nil else { return nil }
    }
    return try? writer.finished()
  }
}

/// A gzip file: what it expands to.
enum GzipContainer: Container {
  static func parts(of bytes: [UInt8]) -> [ContainerPart]? {
    guard Deflate.isGzip(bytes), let contents = try? Deflate.gunzip(bytes, limit: Containers.limit)
    else { return nil }
    return [ContainerPart("", contents)]
  }

  static func joined(_ parts: [ContainerPart]) -> [UInt8]? {
    parts.flatMap { Deflate.gzip($0.bytes) }
  }
}

/// A tar archive: headers as they are, with a new sum, and contents.
enum TarContainer: Container {
  private static let block = 512

  static func parts(of bytes: [UInt8]) -> [ContainerPart]? {
    guard TarArchive.isTar(bytes) else { return nil }
    var parts: [ContainerPart] = []
    var place = 0
    while place + block <= bytes.count, bytes[place] != 0 {
      let header = Array(bytes[place..<place + block])
      let digits = header[124..<136].prefix { (0x30...0x37).contains($0) }
      guard let size = Int(String(decoding: digits, as: UTF8.self), radix: 8) else { return nil }
      let start = place + block
      let end = min(start + size, bytes.count)
      parts.append(ContainerPart("header", header))
      parts.append(ContainerPart("contents", Array(bytes[start..<end])))
      place = start + (size + block - 1) / block * block
    }
    return parts
  }

  static func joined(_ parts: [ContainerPart]) -> [UInt8]? {
    var bytes: [UInt8] = []
    for (place, part) in parts.enumerated() {
      guard part.name == "header" else {
        bytes += part.bytes
        bytes += [UInt8](repeating: 0, count: (block - part.bytes.count % block) % block)
        continue
      }
      var header = Array(part.bytes.prefix(block))
      header += [UInt8](repeating: 0, count: block - header.count)
      if place + 1 < parts.count, parts[place + 1].name == "contents" {
        write(parts[place + 1].bytes.count, at: 124, digits: 11, to: &header)
      }
      for index in 148..<156 { header[index] = 0x20 }
      write(header.reduce(0) { $0 + Int($1) }, at: 148, digits: 6, to: &header)
      bytes += header
    }
    return bytes + [UInt8](repeating: 0, count: 2 * block)
  }

  private static func write(_ value: Int, at place: Int, digits: Int, to header: inout [UInt8]) {
    let text = Array(String(value, radix: 8).utf8)
    let padded = [UInt8](repeating: 0x30, count: max(0, digits - text.count)) + text + [0]
    header.replaceSubrange(place..<place + padded.count, with: padded)
  }
}
