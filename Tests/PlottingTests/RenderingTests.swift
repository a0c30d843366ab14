import Foundation
#if canImport(FoundationXML)
  import FoundationXML
#endif
import Testing

@testable import Plotting

/// Set this variable to a folder to look at the pictures the tests draw.
private let galleryFolder = ProcessInfo.processInfo.environment["BASIN_TEST_GALLERY"]

@Suite struct RenderingTests {
  @Test func everySampleFigureRendersToAPictureOfItsSize() throws {
    for (name, figure) in try SampleFigures.all() {
      let dpi = galleryFolder == nil ? 40.0 : 150
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

  private func small(_ style: LandscapeStyle = .contour) throws -> Figure {
    try SampleFigures.landscape(
      style, [("", SampleFigures.ripples(columns: 9, rows: 9))], title: "A <small> & plain one")
  }

  @Test(arguments: FigureFormat.allCases)
  func sameFigureGivesSameBytes(format: FigureFormat) throws {
    for style in LandscapeStyle.allCases {
      let first = try small(style).render(format: format, dpi: 50, metadata: ["Seed": "1"])
      let second = try small(style).render(format: format, dpi: 50, metadata: ["Seed": "1"])
      #expect(first == second)
      let other = try small(style).render(format: format, dpi: 50, metadata: ["Seed": "2"])
      #expect(first != other)
    }
  }

  @Test func pngCarriesProvenanceAndResolution() throws {
    let png = try PNGFile(
      small().render(
        format: .png, dpi: 300,
        metadata: ["Software": "landscape 1.0", "Description": "\u{2016}dx\u{2016} = 3"]))
    #expect(png.chunks.prefix(4).map(\.type) == ["IHDR", "pHYs", "iTXt", "tEXt"])
    // 300 dots per inch are 11811 per metre = 0x2e23.
    #expect(png.chunks[1].data == [0, 0, 0x2e, 0x23, 0, 0, 0x2e, 0x23, 1])
    #expect(
      png.chunks[2].data
        == Array("Description".utf8) + [0, 0, 0, 0, 0] + Array("\u{2016}dx\u{2016} = 3".utf8))
    #expect(png.chunks[3].data == Array("Software".utf8) + [0] + Array("landscape 1.0".utf8))
    #expect(png.chunks.last?.type == "IEND")
  }

  @Test func svgIsWellFormedAndCarriesProvenance() throws {
    let bytes = try small().render(
      format: .svg, metadata: ["Command": "plot <a> & \"b\"", "Seed": "17"])
    let document = SVGReader()
    let parser = XMLParser(data: Data(bytes))
    parser.delegate = document
    #expect(parser.parse())
    #expect(document.text["title"] == "A <small> & plain one")
    #expect(document.text["desc"] == "Command: plot <a> & \"b\"\nSeed: 17")
  }

  @Test func pdfHasNoDate() throws {
    let text = String(decoding: try small().render(format: .pdf), as: UTF8.self)
    #expect(text.hasPrefix("%PDF-"))
    #expect(!text.contains("CreationDate"))
    #expect(text.contains("plain one"))
  }

  @Test func impossibleRequestsAreRefused() throws {
    for dpi in [0, -1, .nan, .infinity, 1e9] {
      #expect(throws: PlottingError.self) { try small().render(format: .png, dpi: dpi) }
    }
    for key in ["", " a", "a\n", String(repeating: "k", count: 80), "é"] {
      #expect(throws: PlottingError.self) {
        try small().render(format: .png, dpi: 40, metadata: [key: "value"])
      }
    }
  }

  @Test func neighbouringCellsAndBandsLeaveNoSeams() throws {
    let axis = SampleFigures.coordinates(13)
    let plane = try ScalarGrid(
      xs: axis, ys: axis, values: axis.flatMap { y in axis.map { x in x + 0.3 * y } })
    let scale = try ColorScale(fitting: [plane])
    let plot = Rectangle(x: 3.3, y: 4.7, width: 71.7, height: 70.1)
    // No colour of the lower three quarters of viridis has this much red.
    let limited = try ColorScale(
      map: .viridis, kind: .linear, levels: Levels(scale.levels.values + [4]))
    let charts: [any PanelContent] = [
      HeatMap(grid: plane, scale: limited),
      ContourChart(grid: plane, scale: limited, style: .filled),
    ]
    for chart in charts {
      let commands = try chart.commands(
        in: plot, labels: AxisVisibility(x: false, y: false), measure: FixedWidthMeasure())
      let image = try Drawing(size: Size(width: 80, height: 80), commands: [commands[0]])
        .pixels(dpi: 97)
      let factor = 97.0 / 72
      for row in Int(plot.y * factor) + 2..<Int(plot.bottom * factor) - 2 {
        for column in Int(plot.x * factor) + 2..<Int(plot.right * factor) - 2 {
          #expect(image[column, row][0] < 100, "\(type(of: chart)) \(column) \(row)")
        }
      }
    }
  }

  @Test func pixelsHaveTheColoursOfTheCommands() throws {
    let drawing = Drawing(
      size: Size(width: 4, height: 2),
      commands: [
        .fill(Path(Rectangle(x: 0, y: 0, width: 2, height: 2)), Color(rgb: 0x123456)),
        .clipped(
          to: Path(Rectangle(x: 3, y: 0, width: 1, height: 1)),
          commands: [.fill(Path(Rectangle(x: 0, y: 0, width: 4, height: 2)), .black)]),
      ])
    let image = try drawing.pixels(dpi: 72)
    #expect(image.width == 4 && image.height == 2)
    #expect(image[0, 0] == [0x12, 0x34, 0x56] && image[1, 1] == [0x12, 0x34, 0x56])
    #expect(image[2, 0] == [255, 255, 255] && image[3, 0] == [0, 0, 0])
    #expect(image[3, 1] == [255, 255, 255])
  }

  @Test func checksumIsTheStandardOne() {
    // The check value of CRC-32/ISO-HDLC.
    #expect(PNGEncoder.checksum(Array("123456789".utf8)) == 0xcbf4_3926)
  }

  @Test func measuredTextGrowsWithSizeAndLength() throws {
    let measure = try CairoTextMeasure()
    let one = measure.width(of: "0.25", font: Font(size: 8))
    #expect(abs(measure.width(of: "0.25", font: Font(size: 16)) - 2 * one) < 1e-6)
    // A digit of DejaVu Sans is 0.636 em wide.
    #expect(abs(measure.width(of: "0000", font: Font(size: 10)) - 25.45) < 0.1)
  }
}

/// Collects the text of the elements of an SVG document.
private final class SVGReader: NSObject, XMLParserDelegate {
  var text: [String: String] = [:]
  private var open: [String] = []

  func parser(
    _ parser: XMLParser, didStartElement name: String, namespaceURI: String?,
    qualifiedName: String?, attributes: [String: String]
  ) {
    open.append(name)
  }

  func parser(
    _ parser: XMLParser, didEndElement name: String, namespaceURI: String?,
    qualifiedName: String?
  ) {
    open.removeLast()
  }

  func parser(_ parser: XMLParser, foundCharacters string: String) {
    guard let name = open.last else { return }
    text[name, default: ""] += string
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
