internal import FileFormats

extension FuzzedReader {
  private static let formats = "FileFormatsTests/Fixtures"
  /// Most bytes that tar and gzip files are expanded to.
  private static let limit = 1 << 24

  /// Files of files, and what is around compressed ones.
  static let archives = [
    FuzzedReader(
      "zip", in: .file("input.zip"),
      seeds: Seed.fixtures(formats, ["zip64.zip", "streamed.zip", "stored.npz", "deflated.npz"])
    ) { bytes, path in
      let archive = try ZipArchive(bytes)
      for entry in archive.entries { _ = try? archive.contents(of: entry) }
      // The same from the file, of which only parts are read.
      let stored = try ZipArchive(try ByteSource(file: path))
      for entry in stored.entries { _ = try stored.source(of: entry) }
    },
    FuzzedReader("tar", seeds: [.bytes(tar), .bytes { Deflate.gzip(try tar()) }]) { bytes, path in
      _ = try TarArchive.read(ByteSource(bytes[...], path: path), limit: limit) {
        !$0.hasSuffix("left-out")
      }
    },
    FuzzedReader("gzip", seeds: [.bytes { Deflate.gzip(Array("words words words".utf8)) }]) {
      bytes, _ in
      _ = try Deflate.gunzip(bytes, limit: limit)
    },
    // Without a checksum behind them, and with a size that is announced.
    FuzzedReader(
      "deflate",
      seeds: [.bytes { [17, 0, 0] + Deflate.compress(Array("words words words".utf8)) }]
    ) { bytes, _ in
      let size = bytes.prefix(3).reversed().reduce(0) { $0 << 8 | Int($1) }
      _ = try Deflate.inflate(bytes.dropFirst(3), size: size, format: "deflate")
    },
  ]

  /// Two files, the second with a long name of GNU.
  @Sendable private static func tar() throws -> [UInt8] {
    let long = Array(("folder/" + String(repeating: "n", count: 120)).utf8)
    func header(_ name: String, kind: UInt8) -> ContainerPart {
      var block = [UInt8](repeating: 0, count: 512)
      block.replaceSubrange(0..<name.utf8.count, with: Array(name.utf8))
      block.replaceSubrange(100..<107, with: Array("0000644".utf8))
      block[156] = kind
      block.replaceSubrange(257..<265, with: Array("ustar\u{0}00".utf8))
      return ContainerPart("header", block)
    }
    let parts = [
      header("folder/first", kind: 0x30), ContainerPart("contents", Array("one".utf8)),
      header("././@LongLink", kind: UInt8(ascii: "L")), ContainerPart("contents", long),
      header("short", kind: 0x30), ContainerPart("contents", Array("two".utf8)),
      header("pax", kind: UInt8(ascii: "x")),
      ContainerPart("contents", Array("20 path=other/name\n".utf8)),
      header("left-out", kind: 0x30), ContainerPart("contents", Array("three".utf8)),
    ]
    return TarContainer.joined(parts) ?? []
  }
}
