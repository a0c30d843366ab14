#if WIDE_VECTORS
  /// The channels of an image that lie side by side.
  typealias Strip = SIMD16<Float>
#else
  /// The channels of an image that lie side by side.
  typealias Strip = SIMD8<Float>
#endif

extension Strip {
  /// Strips in a block of sixteen channels.
  @inline(__always)
  static var perBlock: Int { 16 / scalarCount }
}
