internal import LinearAlgebra

/// Random changes of training images: a crop, horizontal flip, cutout.
///
/// In this order, as in the usual PyTorch pipeline: the image is padded with black (pixel value 0,
/// before normalisation) and cropped back to its size at a random place, or a random part of it is
/// resized to its size (`ResizedCrop`); it is flipped with probability
/// one half; and a square is set to 0 after normalisation, that is to the mean colour (DeVries and
/// Taylor 2017; the square may reach over the border, its centre is uniform over the image up to
/// half a pixel).
public struct Augmentation: Sendable, Hashable {
  /// Black pixels added on each side before the crop; 0 for no crop.
  public let cropPadding: Int
  /// Smallest share of the area that a random part has before it is resized; 0 for no such crop.
  public let resizedCropArea: Double
  /// Whether images are mirrored left to right with probability one half.
  public let flipsHorizontally: Bool
  /// Side of the cutout square in pixels; 0 for none.
  public let cutoutSize: Int
  /// Probability of the cutout.
  public let cutoutProbability: Double

  /// No change at all.
  public static let none = Augmentation(unchecked: 0, 0, false, 0, 0)
  /// Padding 4 and flip: what CIFAR networks are usually trained with.
  public static let cropFlip = Augmentation(unchecked: 4, 0, true, 0, 0)
  /// `cropFlip` and a cutout of 16 pixels with probability one half.
  public static let cropFlipCutout = Augmentation(unchecked: 4, 0, true, 16, 0.5)
  /// A resized part of 8 to 100 % of the area and flip: what ImageNet networks are usually trained with.
  public static let resizedCropFlip = Augmentation(unchecked: 0, usualResizedArea, true, 0, 0)

  private static let usualResizedArea = 0.08

  private static let presets: [(name: String, value: Augmentation)] = [
    ("none", .none), ("crop-flip", .cropFlip), ("crop-flip-cutout", .cropFlipCutout),
    ("resized-crop-flip", .resizedCropFlip),
  ]

  /// Creates an augmentation.
  ///
  /// - Throws: `DatasetError` unless sizes are in 0...1024, area and probability in 0...1, and at most one
  ///   kind of crop is asked for.
  public init(
    cropPadding: Int, resizedCropArea: Double = 0, flipsHorizontally: Bool, cutoutSize: Int,
    cutoutProbability: Double
  ) throws(DatasetError) {
    guard (0...1).contains(resizedCropArea), cropPadding == 0 || resizedCropArea == 0 else {
      throw DatasetError(
        .setting, "augmentation",
        cropPadding > 0
          ? "crop and resized-crop exclude each other; give one of them"
          : "resized-crop of an area \(resizedCropArea); give a share in 0...1")
    }
    guard (0...1024).contains(cropPadding), (0...1024).contains(cutoutSize),
      (0...1).contains(cutoutProbability)
    else {
      throw DatasetError(
        .setting, "augmentation",
        "crop padding \(cropPadding), cutout \(cutoutSize) with probability "
          + "\(cutoutProbability); give sizes in 0...1024 and a probability in 0...1")
    }
    self.init(
      unchecked: cropPadding, resizedCropArea, flipsHorizontally, cutoutSize, cutoutProbability)
  }

  private init(
    unchecked padding: Int, _ area: Double, _ flips: Bool, _ size: Int, _ probability: Double
  ) {
    cropPadding = padding
    resizedCropArea = area
    flipsHorizontally = flips
    cutoutSize = size
    cutoutProbability = size == 0 ? 0 : probability
  }

  /// The change of one sample in one epoch.
  ///
  /// It depends on the seed, the epoch and the sample alone (stream "data.augment", index
  /// epoch * sampleCount + sample), not on the order in which samples are taken. Six numbers are
  /// always drawn, so switching one kind of change on leaves the others as they were; the part that is
  /// resized has numbers of its own (stream "data.augment.part", same index).
  package func draw(
    seed: UInt64, epoch: Int, sample: Int, sampleCount: Int, shape: ImageShape
  ) -> Draw {
    let index = epoch &* sampleCount &+ sample
    var stream = RandomStream(seed: seed, label: "data.augment", index: index)
    func below(_ bound: Int, _ fraction: Double) -> Int { Int(fraction * Double(bound)) }
    let numbers = (0..<6).map { _ in stream.uniform() }
    let places = 2 * cropPadding + 1
    let isCut = numbers[3] < cutoutProbability
    return Draw(
      top: below(places, numbers[0]) - cropPadding,
      left: below(places, numbers[1]) - cropPadding,
      isFlipped: flipsHorizontally && numbers[2] < 0.5,
      cutoutTop: below(shape.height, numbers[4]) - cutoutSize / 2,
      cutoutLeft: below(shape.width, numbers[5]) - cutoutSize / 2,
      cutoutSize: isCut ? cutoutSize : 0,
      part: resizedCropArea == 0
        ? nil
        : ResizedCrop(
          smallestArea: resizedCropArea,
          stream: RandomStream(seed: seed, label: "data.augment.part", index: index)))
  }
}

extension Augmentation {
  /// What happens to one image.
  package struct Draw: Sendable, Hashable {
    /// Row and column of the source that come to the top left corner; negative: padding.
    let top: Int
    let left: Int
    let isFlipped: Bool
    let cutoutTop: Int
    let cutoutLeft: Int
    /// 0 where this image has no cutout.
    let cutoutSize: Int
    /// The part that is resized before all else; nil for the image as it is.
    let part: ResizedCrop?

    /// Writes one channel.
    ///
    /// `pixel` gives the normalised value of a pixel of the source plane, `outside` is that of black.
    @inline(__always)
    func apply(
      height: Int, width: Int, target: UnsafeMutableBufferPointer<Float>, at start: Int,
      pixel: (_ index: Int) -> Float, outside: Float
    ) {
      // Columns of the result that show the source, the flip taken into account.
      let inside = (isFlipped ? left : -left)..<(width &+ (isFlipped ? left : -left))
      let shown = inside.clamped(to: 0..<width)
      let first = (isFlipped ? width &- 1 &- shown.lowerBound : shown.lowerBound) &+ left
      let step = isFlipped ? -1 : 1
      for row in 0..<height {
        let line = start &+ row &* width
        let sourceRow = row &+ top
        let isInside = sourceRow >= 0 && sourceRow < height && !shown.isEmpty
        if !isInside || shown.count < width {
          for column in 0..<width {
            unsafe target.initializeElement(at: line &+ column, to: outside)
          }
        }
        if isInside {
          var source = sourceRow &* width &+ first
          for column in shown {
            unsafe target[line &+ column] = pixel(source)
            source &+= step
          }
        }
      }
      let rows = (cutoutTop..<cutoutTop + cutoutSize).clamped(to: 0..<height)
      let columns = (cutoutLeft..<cutoutLeft + cutoutSize).clamped(to: 0..<width)
      for row in rows {
        for column in columns { unsafe target[start &+ row &* width &+ column] = 0 }
      }
    }
  }
}

// MARK: - Text

extension Augmentation: CustomStringConvertible {
  /// Reads a preset's name, or parts such as `crop=4,flip,cutout=16:0.5` or `resized-crop=0.25,flip`.
  ///
  /// - Throws: `DatasetError` that names the part that is not understood.
  public init(parsing text: String) throws(DatasetError) {
    if let preset = Self.presets.first(where: { $0.name == text.lowercased() }) {
      self = preset.value
      return
    }
    var padding = 0
    var area = 0.0
    var flips = false
    var size = 0
    var probability = 0.0
    for part in text.lowercased().split(separator: ",", omittingEmptySubsequences: false) {
      let pieces = part.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      let values = pieces.dropFirst().first?.split(
        separator: ":", omittingEmptySubsequences: false)
      switch (String(pieces.first ?? ""), values) {
      case ("flip", nil): flips = true
      case ("resized-crop", nil): area = Self.usualResizedArea
      case ("resized-crop", .some(let list)) where list.count == 1 && (Double(list[0]) ?? 0) > 0:
        area = Double(list[0]) ?? 0
      case ("crop", .some(let list)) where list.count == 1 && Int(list[0]) != nil:
        padding = Int(list[0]) ?? 0
      case ("cutout", .some(let list))
      where list.count <= 2 && Int(list[0]) != nil && Double(list.last ?? "") != nil:
        size = Int(list[0]) ?? 0
        probability = list.count == 2 ? Double(list[1]) ?? 1 : 1
      default:
        throw DatasetError(
          .setting, "augmentation '\(text.filter { !$0.isNewline })'",
          "'\(part.filter { !$0.isNewline })' is not understood; use "
            + Self.presets.map(\.name).joined(separator: ", ")
            + ", or parts such as crop=4,flip,cutout=16:0.5 or resized-crop=0.08")
      }
    }
    try self.init(
      cropPadding: padding, resizedCropArea: area, flipsHorizontally: flips, cutoutSize: size,
      cutoutProbability: probability)
  }

  /// The preset's name or the parts; `init(parsing:)` reads it back.
  public var description: String {
    if let preset = Self.presets.first(where: { $0.value == self }) { return preset.name }
    var parts: [String] = []
    if cropPadding > 0 { parts.append("crop=\(cropPadding)") }
    if resizedCropArea > 0 { parts.append("resized-crop=\(resizedCropArea)") }
    if flipsHorizontally { parts.append("flip") }
    if cutoutSize > 0 { parts.append("cutout=\(cutoutSize):\(cutoutProbability)") }
    return parts.joined(separator: ",")
  }
}

extension Augmentation: Codable {
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
