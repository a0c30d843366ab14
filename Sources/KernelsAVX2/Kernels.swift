package import NumericKernels

/// Winograd's convolutions with vectors of this target's width.
///
/// `KernelsAVX512` is a link to the sources of `KernelsAVX2`: the same code, compiled for another
/// instruction set with `WIDE_VECTORS` set.
package struct Kernels: WinogradKernels {
  package let block = ChannelBlock.scalarCount

  package init() {}

  package func prepare(
    _ weights: WinogradConvolution.Weights, for convolution: WinogradConvolution,
    to destination: UnsafeMutablePointer<Float>
  ) {
    if convolution.storesTaps {
      convolution.sortTaps(weights, to: destination)
    } else {
      convolution.transform(weights, to: destination)
    }
  }

  package func forwardScratchCount(
    _ convolution: WinogradConvolution, images: Int, terms: Int
  ) -> Int {
    WinogradForwardPlan(convolution, images: images, terms: terms).count
  }

  package func forward(
    _ convolution: WinogradConvolution, images: Int, terms: [WinogradConvolution.Term],
    output: UnsafeMutablePointer<Float>, epilogue: ProductEpilogue,
    scratch: UnsafeMutablePointer<Float>
  ) {
    precondition(convolution.block == block, "images in blocks of \(convolution.block) channels")
    convolution.forward(
      images: images, terms: terms, output: output, epilogue: epilogue, scratch: scratch)
  }

  package func filterGradientScratchCount(
    _ convolution: WinogradConvolution, images: Int, terms: Int
  ) -> Int {
    WinogradFilterGradientPlan(convolution, images: images, terms: terms).count
  }

  package func filterGradient(
    _ convolution: WinogradConvolution, images: Int, terms: [WinogradConvolution.GradientTerm],
    into gradient: UnsafeMutablePointer<Float>, accumulates: Bool,
    scratch: UnsafeMutablePointer<Float>
  ) {
    precondition(convolution.block == block, "images in blocks of \(convolution.block) channels")
    convolution.filterGradient(
      images: images, terms: terms, into: gradient, accumulates: accumulates, scratch: scratch)
  }
}
