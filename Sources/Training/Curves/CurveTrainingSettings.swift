public import Datasets

/// How a curve between two networks is trained.
public struct CurveTrainingSettings: Codable, Hashable, Sendable {
  /// What the control points make.
  public var shape = CurveShape.bezier
  /// Control points between the ends.
  public var bends = 1
  /// Passes over the samples.
  public var epochs = 20
  /// Samples of a step.
  public var batchSize = 128
  /// Length of the steps at their beginning; it falls to 0 as half a cosine.
  public var learningRate = 0.05
  /// Share of the velocity that is kept.
  public var momentum = 0.9
  /// Factor of `||phi(t)||^2 / 2` in what is descended; not in the losses that are reported.
  public var weightDecay = 5e-4
  /// Random changes of the images.
  public var augmentation = Augmentation.none
  /// Seed of the order of samples, of their changes, and of the places on the curve.
  public var seed: UInt64 = 1

  /// Creates the settings: a Bezier curve with one bend.
  public init() {}

  /// The same rule for every bend; weight decay is that of the curve, not of its bends.
  func optimizer() throws(TrainingError) -> (rule: SGD, learningRate: Schedule) {
    (
      SGD(momentum: momentum, weightDecay: 0), try Schedule(learningRate, decay: .cosine)
    )
  }

  /// Checks ranges.
  ///
  /// - Throws: `TrainingError` naming the one that is out of range.
  public func validate() throws(TrainingError) {
    guard (1...16).contains(bends) else {
      throw TrainingError("\(bends) bends; give 1 to 16")
    }
    guard epochs >= 1 else { throw TrainingError("\(epochs) epochs; give 1 or more") }
    guard batchSize >= 2 else { throw TrainingError("batch size \(batchSize); give 2 or more") }
    guard weightDecay >= 0, weightDecay.isFinite else {
      throw TrainingError("weight decay \(weightDecay); give a number of 0 or more")
    }
    let (rule, _) = try optimizer()
    try rule.validate()
  }
}
