internal import NumericKernels

/// How the forward pass of a shape is cut up, and where its parts lie in the scratch.
///
/// The transformed input of a group of tiles should stay in the second-level cache while all
/// weights, which do not fit there from 64 channels on, stream past it once. Between 12 and 64 tiles
/// the speed hardly depends on the group; with 512 channels the weights come from main memory and a
/// larger group pays.
struct WinogradForwardPlan {
  /// Tiles that are transformed together; a multiple of the micro-kernel's six rows.
  let tiles: Int
  /// Output panels whose products are kept before they are transformed back.
  let panels: Int
  /// Input channels that are summed in one run of the micro-kernel.
  ///
  /// Fixed because it decides the rounding: shorter runs are more accurate, longer ones load and
  /// store the products less often.
  let slice = 128
  /// Columns of the left factor: input channels of all terms and phases.
  let depth: Int
  /// Floats between positions of the transformed input, which is `[36][tiles][depth]`.
  let transformedStride: Int
  /// Floats between positions of the products, which are `[panels][36][tiles][16]`.
  let productsStride: Int
  /// Floats between output panels of the products.
  let panelStride: Int
  let productsOffset: Int
  let patchOffset: Int
  /// Place of the transformed weights of some output panels and one run of channels, where weights
  /// come as taps; 144 vectors for the transform lie behind them.
  let weightsOffset: Int
  /// Vectors between positions of them; odd, so that the 36 streams of a transform do not fall on
  /// the same sets of the first-level cache.
  let weightStride: Int
  /// Vectors between output panels of them.
  let weightPanelStride: Int
  let count: Int

  init(_ convolution: WinogradConvolution, images: Int, terms: Int) {
    let all = images * convolution.tilesPerImage
    if convolution.storesTaps {
      // 64 tiles cost 18 multiplications per weight and position, the transform about 4.
      tiles = min(all, 64)
      panels = min(convolution.outputPanels, MatrixProducts.panelsAtOnce)
    } else {
      tiles = min(all, convolution.inputChannels > 256 ? 48 : 24)
      panels = min(
        convolution.outputPanels, convolution.inputChannels > 64 ? 4 : MatrixProducts.panelsAtOnce)
    }
    depth = terms * convolution.inputPhases.count * convolution.inputChannels
    transformedStride = (tiles * depth + 15) / 16 * 16 + WinogradConvolution.skew
    productsStride = tiles * 16 + WinogradConvolution.skew
    panelStride = WinogradConvolution.positions * productsStride
    productsOffset = WinogradConvolution.positions * transformedStride
    patchOffset = productsOffset + panels * panelStride
    weightsOffset =
      (patchOffset + ChannelBlock.scalarCount * WinogradConvolution.patchVectors + 15) / 16 * 16
    weightStride = min(slice, convolution.inputChannels) | 1
    weightPanelStride = WinogradConvolution.positions * weightStride
    count = weightsOffset + (convolution.storesTaps ? 16 * (panels * weightPanelStride + 144) : 0)
  }
}

/// How a filter gradient is cut up, and where its parts lie in the scratch.
///
/// A group of tiles is the depth of the products, whose sums are loaded and stored once a group.
/// From 64 tiles on the speed no longer grows. If one group holds all tiles the sums of sixteen by
/// sixteen channels are transformed back as soon as they are there and need no memory of their own.
struct WinogradFilterGradientPlan {
  /// Floats between positions of the sums of sixteen by sixteen channels.
  static let positionStride = 16 * 16 + WinogradConvolution.skew

  /// Tiles that are transformed and summed together.
  let tiles: Int
  /// Floats of one position and one panel of channels: `[tiles][16]`.
  let panelCount: Int
  /// Floats between positions of the transformed inputs, `[36][inputPanels][tiles][16]`.
  let inputStride: Int
  /// Floats between positions of the transformed output gradients.
  let outputStride: Int
  let outputOffset: Int
  let sumsOffset: Int
  /// Floats of the sums of sixteen by sixteen channels.
  let sumsStride: Int
  /// Floats from one output panel to the next of the sums.
  let panelStride: Int
  /// Whether the sums of all channels are kept from one group of tiles to the next.
  let keepsSums: Bool
  let patchOffset: Int

  let count: Int

  init(_ convolution: WinogradConvolution, images: Int, terms: Int) {
    let positions = WinogradConvolution.positions
    let all = images * convolution.tilesPerImage * terms
    tiles = min(all, 64)
    keepsSums = tiles < all
    panelCount = tiles * 16
    inputStride = convolution.inputPanels * panelCount + WinogradConvolution.skew
    outputStride = convolution.outputPanels * panelCount + WinogradConvolution.skew
    outputOffset = positions * inputStride
    sumsOffset = outputOffset + positions * outputStride
    sumsStride = positions * Self.positionStride
    panelStride = sumsStride * (keepsSums ? convolution.inputPanels : 1)
    patchOffset =
      sumsOffset
      + sumsStride
      * (keepsSums
        ? convolution.inputPanels * convolution.outputPanels : MatrixProducts.panelsAtOnce)
    count = patchOffset + ChannelBlock.scalarCount * WinogradConvolution.patchVectors
  }
}
