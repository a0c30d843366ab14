/// What computes Winograd's convolutions, compiled for one instruction set.
///
/// Images are in blocks of ``block`` channels. Functions of the same convolution give the same bits in
/// every implementation, since all add up in the same order.
package protocol WinogradKernels: Sendable {
  /// Channels that lie side by side in images: as many as a vector holds.
  var block: Int { get }

  /// Writes `G g Gᵀ` of every filter, or the taps sorted so that sixteen filters lie side by side
  /// where ``WinogradConvolution/storesTaps``; channels that are only padding get zero.
  ///
  /// Both are linear in the weights: `U(w + a d) = U(w) + a U(d)` up to rounding.
  ///
  /// - Parameters:
  ///   - weights: The filters.
  ///   - convolution: What they are prepared for.
  ///   - destination: ``WinogradConvolution/weightCount`` floats.
  func prepare(
    _ weights: WinogradConvolution.Weights, for convolution: WinogradConvolution,
    to destination: UnsafeMutablePointer<Float>)

  /// Floats of scratch that `forward` needs.
  func forwardScratchCount(_ convolution: WinogradConvolution, images: Int, terms: Int) -> Int

  /// Computes `output = epilogue(Σ_terms weights * input)`.
  ///
  /// - Parameters:
  ///   - convolution: The shapes.
  ///   - images: Size N of the batch.
  ///   - terms: The summands, at least one.
  ///   - output: `[N][outputChannels / block][outputHeight][outputWidth][block]`; overlaps no input.
  ///   - epilogue: What is done to the sums before they are stored.
  ///   - scratch: `forwardScratchCount` floats, aligned to 64 bytes.
  func forward(
    _ convolution: WinogradConvolution, images: Int, terms: [WinogradConvolution.Term],
    output: UnsafeMutablePointer<Float>, epilogue: ProductEpilogue,
    scratch: UnsafeMutablePointer<Float>)

  /// Floats of scratch that `filterGradient` needs.
  func filterGradientScratchCount(
    _ convolution: WinogradConvolution, images: Int, terms: Int
  ) -> Int

  /// Computes `gradient (+)= Σ_terms Σ_n,y,x input[n, c, y + i - 1, x + j - 1] outputGradient[n, o, y, x]`.
  ///
  /// - Parameters:
  ///   - convolution: The shapes.
  ///   - images: Size N of the batch of each term.
  ///   - terms: The summands, at least one.
  ///   - gradient: ``WinogradConvolution/filterGradientCount`` floats in blocks (oneDNN's `Oihw8o`),
  ///     which ``WinogradConvolution/unpackFilterGradient(_:outputs:inputs:into:)`` sorts.
  ///   - accumulates: Whether the sums are added to `gradient` or replace it.
  ///   - scratch: `filterGradientScratchCount` floats, aligned to 64 bytes.
  func filterGradient(
    _ convolution: WinogradConvolution, images: Int, terms: [WinogradConvolution.GradientTerm],
    into gradient: UnsafeMutablePointer<Float>, accumulates: Bool,
    scratch: UnsafeMutablePointer<Float>)
}
