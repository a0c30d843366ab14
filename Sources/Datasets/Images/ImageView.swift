internal import FileFormats
internal import Settings

/// How image files of any size become images of one size, and images of one size those of another.
///
/// As torchvision's `Resize(resize)` and `CenterCrop(crop)`: the shorter side is resized, antialiased
/// and bilinear, and the centre is cut out.
public struct ImageView: Sendable, Hashable {
  /// Pixels of the shorter side before the crop; nil for what suits the files.
  public let resize: Int?
  /// Side of the square that is cut out; nil for what suits the files, and for the shorter side of other images.
  public let crop: Int?
  /// Channels: 3, or 1 for grey levels; nil for 3 of image files, and for those that other data have.
  public let channels: Int?

  /// As small files of one size are, otherwise 224 of 256; three channels.
  public static let automatic = ImageView(unchecked: nil, nil, nil)

  private init(unchecked resize: Int?, _ crop: Int?, _ channels: Int?) {
    self.resize = resize
    self.crop = crop
    self.channels = channels
  }

  /// Creates a view.
  ///
  /// - Throws: `DatasetError` when a size is not in 1...4096, the crop larger than what it is cut out of, or
  ///   the number of channels neither 1 nor 3.
  public init(resize: Int?, crop: Int?, channels: Int? = nil) throws(DatasetError) {
    for (option, value) in [("\(.resize)", resize), ("\(.crop)", crop)] {
      guard let value, !(1...Self.largest).contains(value) else { continue }
      throw DatasetError(.setting, option, "is \(value); give 1 to \(Self.largest)")
    }
    if let resize, let crop, crop > resize {
      throw DatasetError(
        .setting, "\(.crop)", "\(crop) does not fit into \(.resize) \(resize); give a smaller crop")
    }
    if let channels, channels != 1, channels != 3 {
      throw DatasetError(.setting, "\(.channels)", "is \(channels); give 1 (grey) or 3 (colours)")
    }
    self.init(unchecked: resize, crop, channels)
  }

  private static let largest = 4096
  /// Longest side of files that are read as they are.
  static let smallSide = 256

  /// What is done to each file.
  enum Geometry: Sendable, Hashable {
    /// Nothing: all files have this size.
    case asStored(width: Int, height: Int)
    /// Shorter side and square.
    case resized(side: Int, crop: Int)
  }

  /// What to do to files of some sizes.
  ///
  /// - Parameter size: The size that all files have; nil where they differ.
  /// - Returns: What gives all of them one size.
  func geometry(oneSize size: (width: Int, height: Int)?) -> Geometry {
    if resize == nil, crop == nil, let size, max(size.width, size.height) <= Self.smallSide {
      return .asStored(width: size.width, height: size.height)
    }
    // The usual pair is 256 and 224: 8 to 7.
    let side = resize ?? crop.map { ($0 * 8 + 3) / 7 } ?? 256
    return .resized(side: side, crop: crop ?? resize.map { max(1, $0 * 7 / 8) } ?? 224)
  }
}

extension ImageView.Geometry {
  /// Rows and columns of the result.
  var size: (width: Int, height: Int) {
    switch self {
    case .asStored(let width, let height): (width, height)
    case .resized(_, let crop): (crop, crop)
    }
  }

  /// Whether a file of some size becomes an image so.
  func takes(width: Int, height: Int) -> Bool {
    guard case .asStored = self else { return true }
    return size == (width, height)
  }

  /// The image as networks see it when they are tested.
  func apply(_ image: DecodedImage) -> DecodedImage {
    guard case .resized(let side, let crop) = self else { return image }
    let whole = PixelRectangle(left: 0, top: 0, width: image.width, height: image.height)
    let isWide = image.width > image.height
    let (short, long) = (min(image.width, image.height), max(image.width, image.height))
    // torchvision's int(size * long / short); products of at most 2^12 and 2^26.
    let longSide = side * long / short
    let (width, height) = isWide ? (longSide, side) : (side, longSide)
    return image.resized(
      whole, toWidth: width, height: height,
      keeping: PixelRectangle(
        left: Self.margin(width, crop), top: Self.margin(height, crop), width: crop, height: crop))
  }

  /// torchvision's int(round((size - crop) / 2)): halves go to the even number.
  private static func margin(_ size: Int, _ crop: Int) -> Int {
    Int((Double(size - crop) / 2).rounded(.toNearestOrEven))
  }
}

extension ImageView: CustomStringConvertible {
  /// Reads "auto", or parts such as `resize=256,crop=224,channels=1`.
  ///
  /// - Throws: `DatasetError` that names the part that is not understood.
  public init(parsing text: String) throws(DatasetError) {
    var numbers: [String: Int] = [:]
    for part in text.split(separator: ",", omittingEmptySubsequences: false) where text != "auto" {
      let pieces = part.split(separator: "=", omittingEmptySubsequences: false)
      guard pieces.count == 2, ["resize", "crop", "channels"].contains(pieces[0]),
        let number = Int(pieces[1])
      else {
        throw DatasetError(
          .setting, "view \(quoted(text))",
          "\(quoted(part)) is not understood; write parts such as resize=256,crop=224,channels=3")
      }
      numbers[String(pieces[0])] = number
    }
    try self.init(
      resize: numbers["resize"], crop: numbers["crop"], channels: numbers["channels"])
  }

  /// "auto" or the parts that are chosen; `init(parsing:)` reads it back.
  public var description: String {
    guard self != .automatic else { return "auto" }
    return [
      resize.map { "resize=\($0)" }, crop.map { "crop=\($0)" },
      channels.map { "channels=\($0)" },
    ].compactMap(\.self).joined(separator: ",")
  }
}

extension ImageView: Codable {
  /// Reads the text form.
  public init(from decoder: any Decoder) throws {
    try self.init(parsing: decoder.singleValueContainer().decode(String.self))
  }

  /// Writes the text form.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(description)
  }
}

extension ImageView.Geometry: CustomStringConvertible {
  /// "as stored" or "224 of 256".
  var description: String {
    switch self {
    case .asStored: "as stored"
    case .resized(let side, let crop): "\(crop) of \(side)"
    }
  }
}
