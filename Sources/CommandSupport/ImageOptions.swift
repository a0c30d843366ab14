public import ArgumentParser
package import Datasets

extension DatasetSplit: ExpressibleByArgument {
  /// Reads `train`, `validation` or `test`, also as `val` and the other usual names of folders.
  package init?(argument: String) {
    self.init(name: argument)
  }

  /// The parts that a data set on disk may have.
  package static var allValueStrings: [String] { allCases.map(\.rawValue) }
}

/// How files of images become images of one size.
package struct ImageOptions: ParsableArguments {
  /// Shorter side.
  @Option(
    help: """
      Pixels of the shorter side that images are resized to; default for a folder: 256, or 8/7 of --crop; small \
      images of one size, and those of other data, are read as they are.
      """)
  package var resize: Int?

  /// Square in the middle.
  @Option(
    help: """
      Side of the square that is cut out of their middle; default for a folder: 224, or 7/8 of --resize; for other \
      data all that --resize gives.
      """)
  package var crop: Int?

  /// Channels of the images.
  @Option(
    help: """
      Channels of images: 3, or 1 for grey levels; default: 3 for a folder, otherwise those that they have.
      """)
  package var channels: Int?

  /// Creates the options with their defaults.
  package init() {}

  /// The view that the options name; nil where none is given.
  ///
  /// - Throws: `DatasetError` when they do not go together.
  package var view: ImageView? {
    get throws(DatasetError) {
      guard resize != nil || crop != nil || channels != nil else { return nil }
      return try ImageView(resize: resize, crop: crop, channels: channels)
    }
  }

  /// Checks what can be checked before the data are read.
  package func validate() throws {
    do {
      _ = try view
    } catch {
      throw ValidationError("\(error)")
    }
  }
}

/// What `--data` takes, for help texts.
package let dataHelp = """
  Data set: digits; a folder of images (a folder for each class, or train, val and test of them), CIFAR or MNIST \
  files, .npy pairs or tables; an archive of CIFAR; an .npz, safetensors, .npy, .csv or .pt file
  """
