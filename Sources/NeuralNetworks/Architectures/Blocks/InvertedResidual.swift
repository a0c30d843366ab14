internal import ComputationGraph

/// A block of mobile networks: more channels, a filter per channel, fewer channels.
///
/// Sandler et al. 2018, arXiv:1801.04381. The input is added where shapes allow.
struct InvertedResidual {
  /// Names of the 1x1 convolution that makes the inner channels; nil where the input has them.
  let expand: UnitNames?
  /// Names of the convolution with a filter per channel.
  let depthwise: UnitNames
  /// Gate between the depthwise convolution and the last one.
  var squeeze: SqueezeExcitation?
  /// Names of the 1x1 convolution at the end.
  let project: UnitNames
  /// Channels inside.
  let inner: Int
  /// Channels that leave.
  let channels: Int
  var kernel = 3
  let stride: Int
  /// Style of the first two convolutions; the last one has no activation.
  let style: UnitStyle
}

extension ModelBuilder {
  /// A block; parameters in the order of its convolutions.
  mutating func invertedResidual(
    _ x: Value, _ block: InvertedResidual
  ) throws(ShapeError) -> Value {
    var y = x
    if let names = block.expand {
      y = try unit(y, names, channels: block.inner, style: block.style)
    }
    y = try unit(
      y, block.depthwise, channels: block.inner, kernel: block.kernel, stride: block.stride,
      groups: block.inner, style: block.style)
    if let squeeze = block.squeeze { y = try squeezeExcite(y, squeeze) }
    y = try unit(y, block.project, channels: block.channels, style: block.style.with(.identity))
    let keepsShape = block.stride == 1 && graph.shape(of: x)[1] == block.channels
    return keepsShape ? try add(x, y) : y
  }
}

/// A number of channels that a factor makes, rounded to a multiple of 8, by less than a tenth down.
///
/// The rounding of all mobile networks since MobileNetV2.
func roundedChannels(_ channels: Double) -> Int {
  let rounded = max(8, Int(channels + 4) / 8 * 8)
  return Double(rounded) < 0.9 * channels ? rounded + 8 : rounded
}
