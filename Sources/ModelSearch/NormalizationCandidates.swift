internal import Datasets

/// The normalisations that images are usually trained with.
struct NormalizationCandidate: Hashable {
  let value: ChannelNormalization
  /// How unusual it is for these data.
  let cost: Double
}

extension NormalizationCandidate {
  /// The candidates for a data set, each once.
  ///
  /// - Parameters:
  ///   - dataset: The images.
  ///   - own: Statistics of the training split, where they are known.
  /// - Returns: The candidates, in no order.
  static func candidates(
    for dataset: Dataset, own: ChannelNormalization?
  ) -> [NormalizationCandidate] {
    var list: [NormalizationCandidate] = []
    func add(_ value: ChannelNormalization?, _ cost: Double) {
      guard let value, !list.contains(where: { $0.value == value }),
        value.mean.count == 1 || value.mean.count == dataset.shape.channels
      else { return }
      list.append(NormalizationCandidate(value: value, cost: cost))
    }
    guard dataset.pixels.white != nil else {
      add(ChannelNormalization.none, 0)
      add(ChannelNormalization.preset("half"), 0.3)
      add(.perImage, 0.6)
      return list
    }
    let isColoured = dataset.shape.channels == 3
    if isColoured {
      let isCIFAR100 = dataset.name.contains("cifar100")
      let isLarge = dataset.shape.height > 64
      add(ChannelNormalization.preset("imagenet"), isLarge ? 0 : 0.08)
      add(ChannelNormalization.preset("cifar10-kuangliu"), isLarge ? 0.6 : 0.05)
      add(ChannelNormalization.preset("cifar10"), isLarge ? 0.6 : 0.05)
      add(ChannelNormalization.preset("cifar100"), isCIFAR100 ? 0 : 0.6)
    }
    // Grey levels, also repeated for a network of colours.
    if !isColoured || dataset.name.contains("mnist") {
      let isFashion = dataset.name.contains("fashion")
      add(ChannelNormalization.preset("mnist"), 0)
      add(ChannelNormalization.preset("fashion-mnist"), isFashion ? 0 : 0.6)
    }
    add(ChannelNormalization.preset("half"), 0.05)
    add(ChannelNormalization.none, 0.05)
    add(own, 0.15)
    add(ChannelNormalization.preset("bytes"), 0.3)
    add(.perImage, 0.5)
    return list
  }
}
