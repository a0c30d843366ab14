internal import ComputationGraph
internal import KernelsAVX2
internal import KernelsAVX512
internal import NumericKernels

/// What computes a convolution or one of its gradients.
enum ConvolutionImplementation: Hashable {
  /// oneDNN's direct kernels.
  case direct
  /// `WinogradConvolution`.
  case winograd
  /// Matrix products between pixels.
  case pixels
}

/// Which implementation computes a convolution: a function of its shape, the layout of images and
/// the user's choice, never of timings, so that results can be repeated.
///
/// 3x3 filters with stride 1 or 2, dilation and padding 1 in one group run on
/// `WinogradConvolution` wherever that was measured to be faster than oneDNN's direct kernels.
struct ConvolutionRule: Hashable {
  /// What the user allows.
  let choice: ConvolutionChoice
  /// Channels in a block of image tensors.
  let block: Int

  /// What runs Winograd's convolutions on images in such blocks; nil where this CPU cannot.
  var kernels: (any WinogradKernels)? {
    switch block {
    case 8: KernelsAVX2.Kernels()
    case 16 where OneDNN.hasAVX512: KernelsAVX512.Kernels()
    default: nil
    }
  }

  /// What multiplies matrices: with the widest vectors of this CPU, as images in such blocks do.
  var matrixKernels: any MatrixProductKernels {
    if block == 16 && OneDNN.hasAVX512 { return KernelsAVX512.Kernels() }
    return KernelsAVX2.Kernels()
  }

  /// The implementation of a node; direct for those that are no convolutions.
  func implementation(of value: Value, in graph: Graph) -> ConvolutionImplementation {
    let node = graph[value]
    switch node.operation {
    case .convolution(let p):
      return implementation(
        .forward, p.geometry, images: graph.shape(of: node.inputs[0]),
        filter: graph.shape(of: node.inputs[1]))
    case .convolutionInputGradient(let p):
      return implementation(
        .inputGradient, p.geometry, images: p.input, filter: graph.shape(of: node.inputs[1]))
    case .convolutionFilterGradient(let p):
      return implementation(
        .filterGradient, p.geometry, images: graph.shape(of: node.inputs[0]), filter: p.filter)
    default: return .direct
    }
  }

  /// The implementation for images `[n, c, h, w]` and filters `[o, c / groups, r, s]`.
  func implementation(
    _ kind: ConvolutionKind, _ geometry: ConvolutionGeometry, images: Shape, filter: Shape
  ) -> ConvolutionImplementation {
    if isOfFewPixels(geometry, images: images, filter: filter) { return .pixels }
    guard choice == .automatic, filter[2] == 3, filter[3] == 3, geometry.groups == 1,
      geometry.stride == [1, 1] || geometry.stride == [2, 2], geometry.dilation == [1, 1],
      geometry.paddingLow == [1, 1], geometry.paddingHigh == [1, 1]
    else { return .direct }
    guard let kernels, filter[0] % kernels.block == 0, filter[1] % kernels.block == 0 else {
      return .direct
    }
    let convolution = WinogradConvolution(
      block: kernels.block, geometry, images: images, filter: filter)
    guard convolution.isFasterThanDirect else { return .direct }
    return isOvertakenByDirect(kind, convolution) ? .direct : .winograd
  }
}

extension ConvolutionRule {
  /// Whether a direct kernel with 512-bit vectors is faster although Winograd multiplies less.
  ///
  /// With stride 2 four phases of the larger image are transformed, for 81 multiplications in place of
  /// 144. Measured on one core of an Emerald Rapids, 8 and 16 images, 64 to 512 channels: oneDNN's
  /// convolution is 1.3 to 2 times as fast; so is its input gradient where a tile is a whole image, 1.1
  /// to 1.6 times, since filters are transformed for few tiles. Other gradients are equal or slower, and
  /// so are all with 256-bit vectors.
  private func isOvertakenByDirect(
    _ kind: ConvolutionKind, _ convolution: WinogradConvolution
  ) -> Bool {
    guard block == 16, convolution.sampling == .strided else { return false }
    switch kind {
    case .forward: return true
    case .inputGradient: return convolution.tilesPerImage == 1
    case .filterGradient: return false
    }
  }

  /// Whether images have so few pixels, and filters so many channels, that a direct kernel computes
  /// mostly zeros around the image and waits for the filters.
  ///
  /// Measured with 512 channels, 2x2 pixels and 16 images: forward pass and gradients are 3 to 6 times as fast
  /// as oneDNN's kernels, with AVX2 and with AVX-512.
  private func isOfFewPixels(
    _ geometry: ConvolutionGeometry, images: Shape, filter: Shape
  ) -> Bool {
    guard geometry.groups == 1, min(filter[0], filter[1]) >= 128, filter[0] % 16 == 0,
      filter[1] % 16 == 0, images[2] * images[3] <= 4,
      let output = try? geometry.outputShape(images, filter)
    else { return false }
    return output[2] * output[3] <= 4
  }
}

extension GraphExecutor {
  /// One line on which convolution algorithm is used on this machine.
  package static var convolutionRule: String {
    "3x3 convolutions by Winograd F(4x4, 3x3) from 16 channels (stride 2: 64) in multiples of "
      + "\(channelBlock) where at least half of the tiles lies in the image"
      + (channelBlock == 16 ? " (stride 2: gradients)" : "")
      + "; images of at most 4 pixels with at least 128 channels by matrix products; others by "
      + "oneDNN's direct kernels."
  }
}
