import Foundation
import Testing

@testable import Plotting

/// Set this variable to a folder to look at the pictures the tests draw.
private let galleryFolder = ProcessInfo.processInfo.environment["BASIN_TEST_GALLERY"]

@Suite struct RenderingTests {
  @Test func everySampleFigureRendersToAPictureOfItsSize() throws {
    for (name, figure) in try SampleFigures.all() {
      let dpi = galleryFolder == nil ? 60.0 : 150
      let png = try PNGFile(figure.render(format: .png, dpi: dpi))
      let size = try figure.drawing(measure: CairoTextMeasure()).size
      #expect(png.width == Int((size.width * dpi / 72).rounded(.up)), "\(name)")
      #expect(png.height == Int((size.height * dpi / 72).rounded(.up)), "\(name)")
      guard let galleryFolder else { continue }
      for format in FigureFormat.allCases {
        let bytes = try figure.render(format: format, dpi: dpi, metadata: ["Software": "test"])
        try Data(bytes).write(
          to: URL(filePath: galleryFolder).appending(path: "\(name).\(format.fileExtension)"))
      }
    }
  }
}

/// The chunks of a PNG file, checked against their checksums.
struct PNGFile {
  var width = 0
  var height = 0
  var chunks: [(type: String, data: [UInt8])] = []

  init(_ bytes: [UInt8]) throws {
    try #require(Array(bytes.prefix(8)) == [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a])
    var offset = 8
    func word(_ at: Int) -> Int { bytes[at..<(at + 4)].reduce(0) { $0 << 8 | Int($1) } }
    while offset + 12 <= bytes.count {
      let length = word(offset)
      try #require(offset + 12 + length <= bytes.count)
      let body = Array(bytes[(offset + 4)..<(offset + 8 + length)])
      #expect(word(offset + 8 + length) == Int(PNGEncoder.checksum(body)))
      chunks.append((String(decoding: body.prefix(4), as: UTF8.self), Array(body.dropFirst(4))))
      offset += 12 + length
    }
    try #require(offset == bytes.count && chunks.first?.type == "IHDR")
    width = word(16)
    height = word(20)
  }
}
