/// The checksum CRC-32C (Castagnoli), as the records of event files carry it.
///
/// Polynomial 0x1EDC6F41, bits reflected, all ones before and after (RFC 3720, appendix B.4).
package enum CRC32C {
  private static let table: [UInt32] = (0..<256).map { byte in
    (0..<8).reduce(UInt32(byte)) { value, _ in
      value & 1 == 1 ? value >> 1 ^ 0x82F6_3B78 : value >> 1
    }
  }

  /// The checksum of bytes.
  ///
  /// - Complexity: A table look-up for each byte.
  package static func checksum(_ bytes: some Sequence<UInt8>) -> UInt32 {
    ~bytes.reduce(~0) { value, byte in
      table[Int(UInt8(truncatingIfNeeded: value) ^ byte)] ^ value >> 8
    }
  }

  /// The checksum as TFRecord files store it: rotated by 15 bits and shifted, since the checksum of bytes that end
  /// with their own checksum says nothing.
  package static func masked(_ bytes: some Sequence<UInt8>) -> UInt32 {
    let value = checksum(bytes)
    return (value >> 15 | value << 17) &+ 0xA282_EAD8
  }
}
