internal import FileFormats

/// A safetensors file: its JSON header and the elements.
enum SafetensorsContainer: Container {
  static func parts(of bytes: [UInt8]) -> [ContainerPart]? {
    guard Safetensors.isSafetensors(bytes) else { return nil }
    let length = bytes[..<8].reversed().reduce(0) { $0 << 8 | Int($1) }
    guard length <= bytes.count - 8 else { return nil }
    return [
      ContainerPart("header", Array(bytes[8..<8 + length])),
      ContainerPart("elements", Array(bytes[(8 + length)...])),
    ]
  }

  static func joined(_ parts: [ContainerPart]) -> [UInt8]? {
    guard let header = parts.first?.bytes else { return nil }
    var bytes: [UInt8] = []
    bytes.append(littleEndian: UInt64(header.count))
    return bytes + header + parts.dropFirst().flatMap(\.bytes)
  }
}

/// An `.npy` file of version 1: its header and the elements.
enum NPYContainer: Container {
  static func parts(of bytes: [UInt8]) -> [ContainerPart]? {
    guard NPY.isNPY(bytes[...]), bytes.count >= 10, bytes[6] == 1 else { return nil }
    let length = Int(bytes[8]) | Int(bytes[9]) << 8
    guard length <= bytes.count - 10 else { return nil }
    return [
      ContainerPart("header", Array(bytes[10..<10 + length])),
      ContainerPart("elements", Array(bytes[(10 + length)...])),
    ]
  }

  static func joined(_ parts: [ContainerPart]) -> [UInt8]? {
    guard let header = parts.first?.bytes.prefix(Int(UInt16.max)) else { return nil }
    var bytes: [UInt8] = [0x93] + Array("NUMPY".utf8) + [1, 0]
    bytes.append(littleEndian: UInt16(header.count))
    return bytes + header + parts.dropFirst().flatMap(\.bytes)
  }
}

/// A PNG file: its chunks, that of pixels expanded no further.
enum PNGContainer: Container {
  private static let signature: [UInt8] = [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]

  static func parts(of bytes: [UInt8]) -> [ContainerPart]? {
    guard bytes.starts(with: signature) else { return nil }
    var parts: [ContainerPart] = []
    var reader = ByteReader(bytes[8...], format: "PNG")
    while reader.remaining >= 12 {
      guard let length = try? reader.integer(UInt32.self, .big), let kind = try? reader.bytes(4),
        let data = try? reader.bytes(Int(length)), (try? reader.skip(4)) != nil
      else { return nil }
      parts.append(ContainerPart(String(decoding: kind, as: UTF8.self), Array(data)))
    }
    return parts
  }

  static func joined(_ parts: [ContainerPart]) -> [UInt8]? {
    var bytes = signature
    for part in parts {
      let kind = Array(part.name.utf8.prefix(4))
      let body = kind + [UInt8](repeating: 0x61, count: 4 - kind.count) + part.bytes
      bytes.append(littleEndian: UInt32(part.bytes.count).byteSwapped)
      bytes += body
      bytes.append(littleEndian: Deflate.checksum(body[...]).byteSwapped)
    }
    return bytes
  }
}

/// A journal of a surface: its lines without their checksums.
enum JournalContainer: Container {
  private static let signature = "basin-journal-1 "

  static func parts(of bytes: [UInt8]) -> [ContainerPart]? {
    guard bytes.starts(with: signature.utf8) else { return nil }
    return bytes.split(separator: 0x0A).enumerated().map { place, line in
      let rest = place == 0 ? line.dropFirst(signature.utf8.count) : line
      return ContainerPart(place == 0 ? "header" : "record", Array(rest.dropFirst(9)))
    }
  }

  static func joined(_ parts: [ContainerPart]) -> [UInt8]? {
    var bytes: [UInt8] = []
    for (place, part) in parts.enumerated() {
      let digits = String(Deflate.checksum(part.bytes[...]), radix: 16)
      let checksum = String(repeating: "0", count: 8 - digits.count) + digits
      bytes += Array(((place == 0 ? signature : "") + checksum + " ").utf8) + part.bytes + [0x0A]
    }
    return bytes
  }
}

/// A message of protocol buffers: its fields, named by number and wire type.
///
/// Any bytes may happen to be one, so it is tried only where a reader says that there are some.
enum MessageContainer: Container {
  static func parts(of bytes: [UInt8]) -> [ContainerPart]? {
    var parts: [ContainerPart] = []
    var reader = ByteReader(bytes, format: "message")
    while reader.remaining > 0 {
      guard let tag = varint(&reader), tag >> 3 > 0 else { return nil }
      let start = reader.position
      switch tag & 7 {
      case 0: guard varint(&reader) != nil else { return nil }
      case 1: guard (try? reader.skip(8)) != nil else { return nil }
      case 5: guard (try? reader.skip(4)) != nil else { return nil }
      case 2:
        guard let length = varint(&reader), let count = Int(exactly: length),
          let body = try? reader.bytes(count)
        else { return nil }
        parts.append(ContainerPart("\(tag)", Array(body)))
        continue
      default: return nil
      }
      parts.append(ContainerPart("\(tag)", Array(bytes[start..<reader.position])))
    }
    return parts.isEmpty ? nil : parts
  }

  static func joined(_ parts: [ContainerPart]) -> [UInt8]? {
    var bytes: [UInt8] = []
    for part in parts {
      guard let tag = UInt64(part.name) else { continue }
      append(tag, to: &bytes)
      if tag & 7 == 2 { append(UInt64(part.bytes.count), to: &bytes) }
      bytes += part.bytes
    }
    return bytes
  }

  private static func varint(_ reader: inout ByteReader) -> UInt64? {
    var value: UInt64 = 0
    for shift in stride(from: UInt64(0), to: 64, by: 7) {
      guard let byte = try? reader.byte() else { return nil }
      value |= UInt64(byte & 0x7F) << shift
      if byte < 0x80 { return value }
    }
    return nil
  }

  private static func append(_ value: UInt64, to bytes: inout [UInt8]) {
    var rest = value
    while rest >= 0x80 {
      bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
      rest >>= 7
    }
    bytes.append(UInt8(rest))
  }
}
