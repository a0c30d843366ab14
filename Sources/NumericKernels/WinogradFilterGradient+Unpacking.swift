extension WinogradConvolution {
  /// Sorts a filter gradient in blocks into a network's order.
  ///
  /// - Parameters:
  ///   - blocked: a gradient as written by
  ///     ``WinogradKernels/filterGradient(_:images:terms:into:accumulates:scratch:)``.
  ///   - outputs: filters without padding.
  ///   - inputs: channels of a filter without padding.
  ///   - gradient: `[outputs][inputs][3][3]`.
  package func unpackFilterGradient(
    _ blocked: UnsafePointer<Float>, outputs: Int, inputs: Int,
    into gradient: UnsafeMutablePointer<Float>
  ) {
    precondition(
      outputs <= outputChannels && inputs <= inputChannels,
      "\(outputs)x\(inputs) filters of \(outputChannels)x\(inputChannels) channels")
    for output in 0..<outputs {
      let source = blocked + (output / block &* inputChannels &* 9 &* block &+ output % block)
      let target = gradient + output &* inputs &* 9
      for index in 0..<(inputs &* 9) { target[index] = source[index &* block] }
    }
  }
}
