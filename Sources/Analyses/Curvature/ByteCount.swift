internal import Foundation

/// An amount of memory, like `8G`.
public struct ByteCount: Codable, Hashable, Sendable, CustomStringConvertible {
  /// The number of bytes.
  public let bytes: Int

  /// Wraps a number of bytes.
  public init(bytes: Int) { self.bytes = bytes }

  /// Parses a number with an optional `K`, `M`, `G` or `T` (powers of 1024).
  public init?(parsing text: String) {
    let units: [Character: Double] = [
      "K": 0x1p10, "M": 0x1p20, "G": 0x1p30, "T": 0x1p40,
    ]
    var text = text.uppercased()
    if text.hasSuffix("B") { text.removeLast() }
    if text.hasSuffix("I") { text.removeLast() }
    var factor = 1.0
    if let last = text.last, let unit = units[last] {
      factor = unit
      text.removeLast()
    }
    guard let number = Double(text), number > 0, number * factor < 0x1p62 else { return nil }
    bytes = Int(number * factor)
  }

  /// Half of the memory that is free now; 2 GiB where the system does not say.
  public static var halfOfFreeMemory: ByteCount {
    let text = (try? String(contentsOfFile: "/proc/meminfo", encoding: .utf8)) ?? ""
    let line = text.split(separator: "\n").first { $0.hasPrefix("MemAvailable:") }
    let kilobytes = line?.split(separator: " ").dropFirst().first.flatMap { Int($0) }
    return ByteCount(bytes: kilobytes.map { $0 / 2 * 1024 } ?? 2 << 30)
  }

  /// The amount with one decimal, in MiB or GiB.
  public var description: String {
    bytes < 1 << 30
      ? String(format: "%.1fM", Double(bytes) / 0x1p20)
      : String(format: "%.1fG", Double(bytes) / 0x1p30)
  }
}
