package import Datasets

/// Settings that suit a data set where the user gave none.
package struct TrainingDefaults: Sendable {
  /// Name of the architecture.
  package let architecture: String
  /// Samples of a step.
  package let batchSize: Int
  /// Passes over the training set.
  package let epochs: Int
  /// Random changes of the images.
  package let augmentation: Augmentation

  /// Chooses by the size of the images, the number of samples, and what they show.
  ///
  /// Only data whose labels survive it are augmented.
  package init(for data: OpenedData) {
    batchSize = data.count < 5_000 ? 32 : 128
    epochs = data.count < 5_000 ? 60 : 30
    guard case .images(let dataset) = data else {
      let isTokens = if case .arrays(let arrays) = data { arrays.hasTokens } else { false }
      architecture = isTokens ? "nplm-8-32-128" : "mlp-64-64"
      augmentation = .none
      return
    }
    let isSmall = min(dataset.shape.height, dataset.shape.width) < 16
    architecture = isSmall ? "resnet8" : "resnet20"
    switch dataset.name {
    case "cifar10", "cifar100": augmentation = .cropFlip
    case "digits": augmentation = .digitShift
    default: augmentation = .none
    }
  }
}

extension Augmentation {
  /// Shifts by one pixel, which a handwritten digit of 8 x 8 pixels bears.
  fileprivate static let digitShift =
    (try? Augmentation(
      cropPadding: 1, flipsHorizontally: false, cutoutSize: 0, cutoutProbability: 0)) ?? .none
}
