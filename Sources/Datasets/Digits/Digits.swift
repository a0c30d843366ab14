internal import FileFormats
internal import Foundation

/// The 8x8 handwritten digits that come with the program: 1,797 images, ten classes.
///
/// Test part of "Optical Recognition of Handwritten Digits" (E. Alpaydin and C. Kaynak, 1998, UCI
/// Machine Learning Repository, doi:10.24432/C50P49, CC BY 4.0) in the order in which scikit-learn
/// distributes it. A pixel counts the black ones of a 4x4 block of the scanned bitmap, 0...16.
///
/// Split: the first 1,437 images (80 %) are for training, the last 360 for testing, as scikit-learn's
/// `train_test_split(test_size=0.2, shuffle=False)` cuts them. Every writer copied the same text of
/// some 130 digits, and the texts stand one after the other (they start at 0, 130, 256, ..., 1415,
/// ...), so a cut in file order leaves one writer on both sides, with 22 training images, where a
/// shuffled one would leave them all on both. 141 to 146 and 33 to 37 images a class.
struct Digits: DatasetReader {
  static let trainingCount = 1_437
  static let count = 1_797
  static let shape = ImageShape(channels: 1, height: 8, width: 8)

  /// Images and labels, expanded when first asked for.
  private static let contents: Result<[UInt8], FileFormatError> = Result {
    () throws(FileFormatError) in
    let data = Data(base64Encoded: digitsBase64, options: .ignoreUnknownCharacters)
    let bytes = try Deflate.gunzip(Array(data ?? Data()), limit: count * (shape.count + 1))
    guard SHA256.hexDigest(of: bytes) == digitsDigest else {
      throw FileFormatError(.malformed, format: "embedded digits", "are damaged")
    }
    return bytes
  }

  let path = "digits"
  let kind = "8x8 digits, embedded"
  let splits: [DatasetSplit] = [.train, .test]

  func read(_ split: DatasetSplit) throws(DatasetError) -> Dataset {
    let bytes = try reading(path) { () throws(FileFormatError) in try Self.contents.get() }
    let samples = split == .train ? 0..<Self.trainingCount : Self.trainingCount..<Self.count
    let size = Self.shape.count
    let labels = bytes[(Self.count * size)...].dropFirst(samples.lowerBound)
    let pixels = Array(bytes[samples.lowerBound * size..<samples.upperBound * size])
    return try Dataset(
      name: "digits", split: split,
      source: "digits (Alpaydin and Kaynak 1998, UCI, CC BY 4.0; embedded)", shape: Self.shape,
      pixels: .bytes(pixels, white: 16),
      labels: labels.prefix(samples.count).map { Int32($0) }, classCount: 10,
      classNames: (0...9).map { "\($0)" })
  }
}
