internal import ComputationGraph

/// AlexNet as in torchvision.
///
/// Krizhevsky 2014, arXiv:1404.5997.
struct AlexNet: TabulatedFamily {
  static let plans = ["alexnet-imagenet": true]

  let name: String
  let plan: Bool

  func build(
    _ images: Value, for architecture: Architecture, in network: inout ModelBuilder
  ) throws(ShapeError) -> Value {
    let style = UnitStyle(hasBias: true)
    var x = try network.unit(
      images, UnitNames("features.0", nil), channels: 64, kernel: 11, stride: 4, padding: 2,
      style: style)
    x = try network.maxPool(x, size: 3, stride: 2)
    x = try network.unit(x, UnitNames("features.3", nil), channels: 192, kernel: 5, style: style)
    x = try network.maxPool(x, size: 3, stride: 2)
    for (place, channels) in [(6, 384), (8, 256), (10, 256)] {
      x = try network.unit(
        x, UnitNames("features.\(place)", nil), channels: channels, kernel: 3, style: style)
    }
    x = try network.maxPool(x, size: 3, stride: 2)
    x = try network.dropout(
      network.flatten(network.adaptiveAverage(x, extent: 6)), rate: 0.5)
    x = try network.relu(network.linear(x, "classifier.1", outputs: 4096))
    x = try network.dropout(x, rate: 0.5)
    x = try network.relu(network.linear(x, "classifier.4", outputs: 4096))
    return try network.linear(x, "classifier.6", outputs: architecture.classCount)
  }
}
