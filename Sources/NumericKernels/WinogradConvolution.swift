/// A 3x3 convolution with stride 1 or 2 and padding 1, computed by Winograd's algorithm `F(4x4, 3x3)`.
///
/// The image is cut into tiles of 4x4 outputs. With the 6x6 input patch `d` of a tile, the filter
/// `g` and the matrices of ``WinogradTransforms``,
///
///     y = Aᵀ [ Σ_c (G g_c Gᵀ) ⊙ (Bᵀ d_c B) ] A
///
/// where the sums over the input channels `c` are 36 matrix products: 4 times fewer
/// multiplications than the direct sum. The gradient by the input is the same computation with
/// another weight transform; the gradient by the filter is `F(3x3, 4x4)` with the same patches `d`.
/// With stride 2 the computation is a sum over the four phases of ``WinogradPhase``.
///
/// Tensors are `[N][C / block][H][W][block]`: the channels of a block, as many as fit a vector of
/// the CPU (8 or 16, `nChw8c` or `nChw16c`), lie side by side, and channel counts are multiples of
/// it. Buffers are aligned to 64 bytes and owned by the caller, scratch included. ``WinogradKernels``
/// computes; nothing in it allocates.
///
/// Sums run in an order that is fixed by the shape: the result for one image has the same bits
/// whatever the other images of the call, their number and the width of the blocks. One value that is not finite makes the
/// whole tile around it not finite (a direct sum: the 3x3 outputs around it).
///
/// - Complexity: `36 / 16` multiplications per output, input and output channel, `81 / 16` with
///   stride 2, plus transforms proportional to `inputChannels + outputChannels`.
package struct WinogradConvolution: Sendable, Equatable {
  /// Channels that lie side by side in images: 8 or 16.
  package let block: Int
  /// Channels of the input; a multiple of the block.
  package let inputChannels: Int
  /// Channels of the output; a multiple of the block.
  package let outputChannels: Int
  /// How the tiles lie in the images.
  package let sampling: WinogradSampling
  /// Whether it is the gradient by the input of the convolution that the filters belong to: its
  /// input channels are the filters, and the taps are rotated by 180 degrees.
  package private(set) var isInputGradient = false
  /// Whether prepared weights are the taps, sorted, and parts of them are transformed whenever they
  /// are needed, in the second-level cache; otherwise all are transformed beforehand.
  ///
  /// Transformed weights from 256 channels on would come from main memory each time (9 MiB a layer,
  /// 36 MiB with 512 channels), four times as many bytes as the taps themselves, for few tiles.
  /// Taps serve the convolution and its gradient by the input alike.
  package var storesTaps: Bool
  /// Height of the input in pixels.
  package let inputHeight: Int
  /// Width of the input in pixels.
  package let inputWidth: Int
  /// Height of the output in pixels.
  package let outputHeight: Int
  /// Width of the output in pixels.
  package let outputWidth: Int
  /// Phases of the input: four with stride 2, otherwise one.
  package let inputPhases: [WinogradPhase]
  /// Phases of the output: four for the gradient by the input with stride 2, otherwise one.
  package let outputPhases: [WinogradPhase]

  /// Positions of the transformed domain: 6x6.
  package static let positions = 36
  /// Output pixels per side of a tile.
  package static let tileSide = 4
  /// Vectors of scratch that the transforms of one tile need.
  package static let patchVectors = positions
  /// Floats that are added to a stride between positions, so that the 36 streams of a transform do
  /// not fall on the same sets of the first-level cache.
  package static let skew = 16

  /// Creates the description of a convolution.
  ///
  /// - Parameters:
  ///   - block: Channels that lie side by side in images, 8 or 16.
  ///   - inputChannels: Channels of the input.
  ///   - outputChannels: Channels of the output.
  ///   - height: Height in pixels of the image that tiles are not cut from: the input, for
  ///     `.transposed` the output. With stride 2 the other image has half as many, rounded up.
  ///   - width: Its width.
  ///   - sampling: How the tiles lie in the images.
  /// - Precondition: channel counts are positive multiples of the block, height and width positive.
  package init(
    block: Int, inputChannels: Int, outputChannels: Int, height: Int, width: Int,
    sampling: WinogradSampling = .unit
  ) {
    precondition(
      inputChannels > 0 && inputChannels % block == 0 && outputChannels > 0
        && outputChannels % block == 0,
      "channel counts \(inputChannels) and \(outputChannels) must be positive multiples of \(block)"
    )
    precondition(height > 0 && width > 0, "an image of \(height)x\(width) pixels has no output")
    self.block = block
    self.inputChannels = inputChannels
    self.outputChannels = outputChannels
    self.sampling = sampling
    let step = sampling == .unit ? 1 : 2
    let coarse = ((height + step - 1) / step, (width + step - 1) / step)
    (inputHeight, inputWidth) = sampling == .transposed ? coarse : (height, width)
    (outputHeight, outputWidth) = sampling == .transposed ? (height, width) : coarse
    inputPhases = sampling == .strided ? WinogradPhase.strided : [.whole]
    outputPhases = sampling == .transposed ? WinogradPhase.transposed : [.whole]
    storesTaps =
      inputChannels * outputChannels * inputPhases.count * outputPhases.count >= 1 << 16
  }

  /// Whether forward pass and gradients are faster than oneDNN's direct AVX2 kernels: both channel
  /// counts are at least 16, with stride 2 at least 64, and at least half of the tiles' pixels lie
  /// in the image.
  ///
  /// Measured on one core of a Zen 3, micro-batch 16: 2.4 times as fast for 16 channels at 32x32,
  /// 2.7 to 3.5 times from 32 channels on; at 3x3 pixels (9 of 16 used) 1.1 to 2 times; at 5x5
  /// (25 of 64) no gain in the input gradient; at 2x2 slower. With stride 2 ResNet-18 gains (64
  /// channels and more), ResNet-20 (16 and 32) does not.
  package var isFasterThanDirect: Bool {
    min(inputChannels, outputChannels) >= (sampling == .unit ? 16 : 64)
      && 2 * min(inputHeight * inputWidth, outputHeight * outputWidth)
        >= Self.tileSide * Self.tileSide * tilesPerImage
  }

  /// The convolution whose forward pass is this one's gradient by the input.
  package var transposed: Self {
    var result = Self(
      block: block, inputChannels: outputChannels, outputChannels: inputChannels,
      height: inputHeight,
      width: inputWidth, sampling: sampling == .unit ? .unit : .transposed)
    result.isInputGradient = !isInputGradient
    result.storesTaps = storesTaps
    return result
  }

  /// What the filters are transformed for: the four stride-1 convolutions of one with stride 2, or
  /// the one that there is.
  package var filterPhases: [WinogradPhase] {
    switch sampling {
    case .unit: [isInputGradient ? .wholeRotated : .whole]
    case .strided: inputPhases
    case .transposed: outputPhases
    }
  }

  /// Pixels of an image of the input.
  package var inputPixels: Int { inputHeight * inputWidth }
  /// Pixels of an image of the output.
  package var outputPixels: Int { outputHeight * outputWidth }
  /// Tiles from top to bottom of an image.
  package var tileRows: Int { (min(inputHeight, outputHeight) + Self.tileSide - 1) / Self.tileSide }
  /// Tiles from left to right of an image.
  package var tileColumns: Int {
    (min(inputWidth, outputWidth) + Self.tileSide - 1) / Self.tileSide
  }
  /// Tiles of an image.
  package var tilesPerImage: Int { tileRows * tileColumns }
  /// Panels of sixteen output channels, the last one possibly half filled.
  package var outputPanels: Int { (outputChannels + 15) / 16 }
  /// Panels of sixteen input channels, the last one possibly half filled.
  package var inputPanels: Int { (inputChannels + 15) / 16 }

  /// Floats of prepared weights: transformed ones `[phases][outputPanels][36][inputChannels][16]`,
  /// taps `[panels of sixteen filters][channels of a filter][3][3][16]`.
  package var weightCount: Int {
    if storesTaps {
      return 144 * (isInputGradient ? inputPanels * outputChannels : outputPanels * inputChannels)
    }
    return inputPhases.count * outputPhases.count * outputPanels * Self.positions * inputChannels
      * 16
  }

  /// Floats of a filter gradient in blocks: `[outputChannels / block][inputChannels][3][3][block]`.
  package var filterGradientCount: Int { outputChannels * inputChannels * 9 }
}
