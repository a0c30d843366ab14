internal import Datasets
internal import FileFormats

extension FuzzedReader {
  private static let imageFixtures = "DatasetsTests/Fixtures/images"

  /// Files of images, each in a folder that is a class.
  static let images = [
    FuzzedReader(
      "png", in: .fileInFolder("train/class/0.png"),
      seeds: Seed.fixtures(
        imageFixtures,
        [
          "alpha", "colour", "colour16", "gamma", "grey", "grey-alpha", "grey-alpha16", "grey1",
          "grey16", "grey2", "grey4", "interlaced", "narrow", "palette", "palette-transparent",
          "palette2",
        ].map { "\($0).png" }), read: open),
    FuzzedReader(
      "jpeg", in: .fileInFolder("train/class/0.jpg"),
      seeds: Seed.fixtures(
        imageFixtures,
        [
          "cmyk", "colour", "grey", "half", "progressive", "restarts", "rgb", "rotated",
          "subsampled",
        ]
        .map { "\($0).jpg" }), read: open),
    FuzzedReader(
      "netpbm", in: .fileInFolder("train/class/0.ppm"),
      seeds: Seed.fixtures(imageFixtures, ["colour.ppm", "grey.pgm"]), read: open),
    FuzzedReader(
      "image-folder", in: .folder,
      seeds: [
        .folder([
          "train/cat/1.png": "\(imageFixtures)/grey1.png",
          "train/dog/1.jpg": "\(imageFixtures)/grey.jpg",
          "val/cat/2.pgm": "\(imageFixtures)/grey.pgm",
        ]),
        .folder([
          "a/1.png": "\(imageFixtures)/palette2.png",
          "b/nested/1.png": "\(imageFixtures)/grey2.png",
        ]),
      ], read: open),
  ]

  private static let open: @Sendable ([UInt8], String) throws -> Void = { _, path in
    try DataOpening.open(path, view: ImageView(resize: 8, crop: 7, channels: 3))
    try DataOpening.open(path)
  }
}
