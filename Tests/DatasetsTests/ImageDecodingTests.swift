import FileFormats
import Foundation
import LinearAlgebra
import Testing

@testable import Datasets

/// Files of `make_images.py` with what PIL and torchvision make of them.
enum ImageFixtures {
  static let folder = Files.fixture("images")

  static func expected() throws -> NPZFile { try NPZFile(path: folder + "/expected.npz") }

  static func names() throws -> [String] {
    try FileManager.default.contentsOfDirectory(atPath: folder)
      .filter { !$0.hasSuffix(".npz") }.sorted()
  }

  static func bytes(_ name: String) throws -> [UInt8] {
    try FileBytes.read(folder + "/" + name)
  }

  static func decoded(_ name: String) throws -> DecodedImage {
    try DecodedImage(ByteSource(file: folder + "/" + name))
  }
}

extension DecodedImage {
  /// The pixels with three channels each.
  fileprivate var colours: [UInt8] {
    channels == 3 ? pixels : pixels.flatMap { [$0, $0, $0] }
  }
}

/// The largest difference of two arrays of bytes; 256 where their lengths differ.
private func distance(_ first: [UInt8], _ second: [UInt8]) -> Int {
  guard first.count == second.count else { return 256 }
  return zip(first, second).map { abs(Int($0) - Int($1)) }.max() ?? 0
}

@Suite struct ImageDecodingTests {
  @Test func pixelsAreThoseOfPIL() throws {
    let expected = try ImageFixtures.expected()
    let names = try ImageFixtures.names()
    #expect(names.count == 29)
    for name in names {
      let image = try ImageFixtures.decoded(name)
      let array = try expected.array(name)
      #expect(array.shape == [image.height, image.width, 3], "\(name)")
      // Versions of libjpeg-turbo may round differently; PNG has no freedom.
      let tolerance = name.hasSuffix(".jpg") ? 1 : 0
      #expect(distance(image.colours, array.bytes) <= tolerance, "\(name)")
    }
  }

  @Test func greyLevelsAreThoseOfPIL() throws {
    let grey = try ImageFixtures.decoded("colour.png").grey()
    #expect(try grey.pixels == ImageFixtures.expected().array("grey:colour.png").bytes)
  }

  @Test func viewsAreThoseOfTorchvision() throws {
    let expected = try ImageFixtures.expected()
    var count = 0
    for name in expected.names where name.split(separator: "/").count == 3 {
      let parts = name.split(separator: "/").map(String.init)
      let geometry = ImageView.Geometry.resized(
        side: try #require(Int(parts[1])), crop: try #require(Int(parts[2])))
      let image = try geometry.apply(ImageFixtures.decoded(parts[0]))
      let tolerance = parts[0].hasSuffix(".jpg") ? 1 : 0
      #expect(distance(image.colours, try expected.array(name).bytes) <= tolerance, "\(name)")
      count += 1
    }
    #expect(count == 16)
  }

  @Test func resizedPartsAreThoseOfTorchvision() throws {
    let expected = try ImageFixtures.expected()
    var count = 0
    for name in expected.names where name.split(separator: "/").count == 6 {
      let parts = name.split(separator: "/").map(String.init)
      let numbers = parts.dropFirst().compactMap { Int($0) }
      let part = PixelRectangle(
        left: numbers[1], top: numbers[0], width: numbers[3], height: numbers[2])
      let size = numbers[4]
      let image = try ImageFixtures.decoded(parts[0]).resized(
        part, toWidth: size, height: size,
        keeping: PixelRectangle(left: 0, top: 0, width: size, height: size))
      #expect(image.pixels == (try expected.array(name).bytes), "\(name)")
      count += 1
    }
    #expect(count == 4)
  }

  @Test func headersTellTheSizeOfTheDecodedImage() throws {
    for name in try ImageFixtures.names() {
      let header = try ImageHeader(ByteSource(file: ImageFixtures.folder + "/" + name))
      let image = try ImageFixtures.decoded(name)
      #expect(header.width == image.width && header.height == image.height, "\(name)")
      #expect(header.isGrey == (image.channels == 1), "\(name)")
    }
  }

  @Test func filesThatAreCutOffAreFoundByTheirHeaders() throws {
    for name in [
      "colour.jpg", "progressive.jpg", "cmyk.jpg", "colour.png", "interlaced.png", "colour.ppm",
    ] {
      let bytes = try ImageFixtures.bytes(name)
      let data = name.hasSuffix(".png") ? bytes.count - 12 : bytes.count
      for count in 0..<data {
        let error = #expect(throws: FileFormatError.self, "\(name) \(count)") {
          _ = try ImageHeader(ByteSource(bytes[..<count], path: name))
        }
        #expect(error?.description.contains(where: \.isNewline) == false)
      }
    }
  }

  /// Damage never traps, and what is decoded has the size of the header.
  @Test func damagedFilesGiveAnErrorOrAnImage() throws {
    var stream = RandomStream(seed: 1, label: "damage")
    var outcomes = [0, 0]
    for name in try ImageFixtures.names() {
      let bytes = try ImageFixtures.bytes(name)
      for _ in 0..<60 {
        var damaged = bytes
        for _ in 0..<1 + stream.integer(below: 4) {
          let place =
            stream.sign() > 0
            ? stream.integer(below: min(200, bytes.count)) : stream.integer(below: bytes.count)
          damaged[place] = UInt8(stream.integer(below: 256))
        }
        let source = ByteSource(damaged[...], path: name)
        guard let header = try? ImageHeader(source), header.width * header.height < 1 << 20 else {
          continue
        }
        do {
          let image = try DecodedImage(source)
          #expect(image.width == header.width && image.height == header.height, "\(name)")
          outcomes[0] += 1
        } catch {
          #expect("\(error)".contains(where: \.isNewline) == false)
          outcomes[1] += 1
        }
      }
    }
    #expect(outcomes.allSatisfy { $0 > 100 }, "\(outcomes)")
  }

  @Test func hugeHeadersAreRefusedBeforeMemoryIsTaken() throws {
    var bytes = try ImageFixtures.bytes("colour.png")
    // Width and height of the header, with a right checksum.
    bytes.replaceSubrange(16..<24, with: [0, 1, 0, 0, 0, 1, 0, 0])
    let sum = Deflate.checksum(bytes[12..<29])
    bytes.replaceSubrange(29..<33, with: withUnsafeBytes(of: sum.bigEndian) { Array($0) })
    let source = ByteSource(bytes[...], path: "huge.png")
    #expect(throws: FileFormatError.self) { _ = try ImageHeader(source) }
    let error = #expect(throws: FileFormatError.self) { _ = try DecodedImage(source) }
    #expect(error?.detail.contains("more pixels") == true)
  }
}
