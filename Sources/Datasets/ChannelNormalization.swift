internal import Foundation

/// Affine map of each channel: `x = (v - mean) / std`, with `v` the pixel on the scale 0 to 1.
///
/// The arithmetic is that of PyTorch's `ToTensor` and `Normalize`: `v = byte / 255`, the subtraction
/// and the division each in single precision, mean and std rounded to it first. `perImage` takes mean and
/// deviation of each image instead.
package struct ChannelNormalization: Sendable, Hashable {
  /// Whether mean and deviation are those of each image, over all its channels.
  package let isPerImage: Bool
  /// One value a channel, or a single one for all channels.
  package let mean: [Double]
  /// Positive; as many as `mean`.
  package let std: [Double]

  /// Creates a normalisation.
  ///
  /// - Throws: `DatasetError` unless the values are finite, as many means as deviations, and the
  ///   deviations positive, also after rounding to single precision.
  package init(mean: [Double], std: [Double]) throws(DatasetError) {
    guard !mean.isEmpty, mean.count == std.count else {
      throw DatasetError(
        .setting, "normalization",
        "\(mean.count) means and \(std.count) standard deviations; give one of each a channel")
    }
    guard mean.allSatisfy({ Float($0).isFinite }) else {
      throw DatasetError(.setting, "normalization", "mean \(mean) is not finite; give numbers")
    }
    guard std.allSatisfy({ Float($0).isNormal && $0 > 0 }) else {
      throw DatasetError(
        .setting, "normalization", "std \(std) is not positive; give positive numbers")
    }
    self.init(unchecked: mean, std)
  }

  init(unchecked mean: [Double], _ std: [Double], isPerImage: Bool = false) {
    self.mean = mean
    self.std = std
    self.isPerImage = isPerImage
  }

  /// Mean and deviation of a channel in single precision.
  func values(channel: Int) -> (mean: Float, std: Float) {
    let index = mean.count == 1 ? 0 : channel
    return (Float(mean[index]), Float(std[index]))
  }

  /// Checks that the values can be meant for this data set.
  ///
  /// - Throws: `DatasetError` if the number of channels differs, or if a mean lies outside 0 to 1
  ///   although the pixels are bytes (it was given on the scale 0 to 255).
  func check(for dataset: Dataset) throws(DatasetError) {
    guard mean.count == 1 || mean.count == dataset.shape.channels else {
      throw DatasetError(
        .setting, "normalization \(self)",
        "has \(mean.count) channels, but \(dataset.name) has \(dataset.shape.channels); "
          + "give 1 or \(dataset.shape.channels)")
    }
    if dataset.pixels.white != nil, let value = mean.first(where: { !(0...1).contains($0) }) {
      throw DatasetError(
        .setting, "normalization \(self)",
        "mean \(value) is outside 0...1, the scale of the pixels; divide values on the scale "
          + "0...255 by 255")
    }
  }
}

// MARK: - Presets

extension ChannelNormalization {
  /// Values in common use, by name.
  ///
  /// `half` maps to -1 ... 1, `bytes` to 0 ... 255. `cifar10-kuangliu` is the pair of a widespread training script whose deviations are means of
  /// per-image deviations; `loss-landscape` is that of the code of Li et al. 2018.
  package static let presets: [(name: String, value: ChannelNormalization)] = [
    ("none", .none),
    ("half", .init(unchecked: [0.5], [0.5])),
    ("bytes", .init(unchecked: [0], [1 / 255])),
    ("per-image", .perImage),
    ("imagenet", .init(unchecked: [0.485, 0.456, 0.406], [0.229, 0.224, 0.225])),
    ("cifar10", .init(unchecked: [0.4914, 0.4822, 0.4465], [0.2470, 0.2435, 0.2616])),
    ("cifar10-kuangliu", .init(unchecked: [0.4914, 0.4822, 0.4465], [0.2023, 0.1994, 0.2010])),
    ("cifar100", .init(unchecked: [0.5071, 0.4865, 0.4409], [0.2673, 0.2564, 0.2762])),
    (
      "loss-landscape",
      .init(
        unchecked: [125.3 / 255, 123.0 / 255, 113.9 / 255], [63.0 / 255, 62.1 / 255, 66.7 / 255])
    ),
    ("mnist", .init(unchecked: [0.1307], [0.3081])),
    ("fashion-mnist", .init(unchecked: [0.2860], [0.3530])),
  ]

  /// Pixels on the scale 0 to 1, nothing else.
  package static let none = ChannelNormalization(unchecked: [0], [1])

  /// `(v - mean) / max(std, 1 / sqrt(count))` with mean and population deviation of the image itself.
  ///
  /// As TensorFlow's `per_image_standardization`.
  package static let perImage = ChannelNormalization(unchecked: [0], [1], isPerImage: true)

  /// The preset called `name`, in any case and with `_` for `-`.
  package static func preset(_ name: String) -> ChannelNormalization? {
    let wanted = name.lowercased().replacing("_", with: "-")
    return presets.first { $0.name == wanted }?.value
  }

  /// Name of the preset with these values.
  package var presetName: String? { Self.presets.first { $0.value == self }?.name }
}

// MARK: - Text

extension ChannelNormalization: CustomStringConvertible {
  /// Reads a preset's name, `mean=0.5,0.5,0.5;std=0.5,0.5,0.5`, or `0.5,0.5,0.5/0.5,0.5,0.5`.
  ///
  /// - Throws: `DatasetError` that lists the presets or names the part that is no number.
  package init(parsing text: String) throws(DatasetError) {
    let compact = text.filter { !$0.isWhitespace }
    if let preset = Self.preset(compact) {
      self = preset
      return
    }
    let isKeyed = compact.contains(";") || compact.contains("=")
    let parts = compact.split(separator: isKeyed ? ";" : "/", omittingEmptySubsequences: false)
    guard parts.count == 2 else {
      let names = Self.presets.map(\.name).joined(separator: ", ")
      throw DatasetError(
        .setting, "normalization '\(text.filter { !$0.isNewline })'",
        "not understood; use one of auto, dataset, \(names), or mean=M,M,M;std=S,S,S")
    }
    var lists: [[Double]] = []
    for (part, key) in zip(parts, ["mean=", "std="]) {
      guard !isKeyed || part.hasPrefix(key) else {
        throw DatasetError(
          .setting, "normalization '\(text.filter { !$0.isNewline })'",
          "has no '\(key)' where it is expected; write mean=M,M,M;std=S,S,S")
      }
      lists.append(try Self.numbers(isKeyed ? part.dropFirst(key.count) : part, in: text))
    }
    try self.init(mean: lists[0], std: lists[1])
  }

  private static func numbers(
    _ list: Substring, in text: String
  ) throws(DatasetError) -> [Double] {
    var values: [Double] = []
    for item in list.split(separator: ",", omittingEmptySubsequences: false) {
      guard let value = Double(item) else {
        throw DatasetError(
          .setting, "normalization '\(text.filter { !$0.isNewline })'",
          "'\(item)' is not a number; write mean=M,M,M;std=S,S,S")
      }
      values.append(value)
    }
    return values
  }

  /// The preset's name or `mean=...;std=...` with all digits; `init(parsing:)` reads it back.
  package var description: String {
    if let presetName { return presetName }
    let lists = [mean, std].map { $0.map { "\($0)" }.joined(separator: ",") }
    return "mean=\(lists[0]);std=\(lists[1])"
  }
}

extension ChannelNormalization: Codable {
  private enum CodingKeys: String, CodingKey {
    case name, mean, std
  }

  /// Reads `mean` and `std`; the name is for readers of the file.
  package init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    if try container.decodeIfPresent(String.self, forKey: .name) == Self.perImage.presetName {
      self = .perImage
      return
    }
    try self.init(
      mean: container.decode([Double].self, forKey: .mean),
      std: container.decode([Double].self, forKey: .std))
  }

  /// Writes `mean`, `std` and the preset's name, if they are a preset's.
  package func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encodeIfPresent(presetName, forKey: .name)
    try container.encode(mean, forKey: .mean)
    try container.encode(std, forKey: .std)
  }
}
