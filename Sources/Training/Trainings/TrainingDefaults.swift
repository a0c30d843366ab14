package import Datasets
package import Objectives

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
  private let hasNumbers: Bool

  /// Chooses by the size of the images, the number of samples, and what they show.
  ///
  /// Only data whose labels survive it are augmented.
  ///
  /// - Parameters:
  ///   - data: The training split.
  ///   - loss: The loss; nil for that which suits the targets.
  package init(for data: OpenedData, loss: Loss? = nil) {
    hasNumbers = data.hasNumbers(for: loss)
    batchSize = data.count < 5_000 ? 32 : 128
    epochs = data.count < 5_000 ? 60 : 30
    guard case .images(let dataset) = data else {
      let isTokens = if case .arrays(let arrays) = data { arrays.hasTokens } else { false }
      architecture = isTokens ? "nplm-8-32-128" : "mlp-64-64"
      augmentation = .none
      return
    }
    let isSmall = min(dataset.shape.height, dataset.shape.width) < 16
    architecture =
      isSmall ? "resnet8" : dataset.pixels.isResized ? "resnet18-imagenet" : "resnet20"
    switch dataset.name {
    case "cifar10", "cifar100": augmentation = .cropFlip
    case "digits": augmentation = .digitShift
    default: augmentation = dataset.pixels.isResized ? .resizedCropFlip : .none
    }
  }

  /// Highest learning rate.
  ///
  /// Squared errors have slopes without bound, where those of cross-entropies are at most 1, and bear
  /// smaller steps of SGD. The steps of AdamW do not depend on the scale of the loss.
  package func learningRate(of base: OptimizerName.Base) -> Double {
    switch base {
    case .sgd: hasNumbers ? 0.01 : 0.1
    case .adamW: 0.001
    }
  }
}

extension OpenedData {
  /// Whether outputs are compared with numbers by a squared error.
  fileprivate func hasNumbers(for loss: Loss?) -> Bool {
    if let loss { return loss.kind == .squaredError }
    guard case .arrays(let data) = self else { return false }
    return data.samples.target?.isInteger == false
  }
}

extension Augmentation {
  /// Shifts by one pixel, which a handwritten digit of 8 x 8 pixels bears.
  fileprivate static let digitShift =
    (try? Augmentation(
      cropPadding: 1, flipsHorizontally: false, cutoutSize: 0, cutoutProbability: 0)) ?? .none
}
