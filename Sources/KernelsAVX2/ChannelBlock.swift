#if WIDE_VECTORS
  /// The channels of an image that lie side by side.
  typealias ChannelBlock = SIMD16<Float>
#else
  /// The channels of an image that lie side by side.
  typealias ChannelBlock = SIMD8<Float>
#endif

extension ChannelBlock {
  /// Blocks in a panel of sixteen channels.
  @inline(__always)
  static var perPanel: Int { 16 / scalarCount }
}
