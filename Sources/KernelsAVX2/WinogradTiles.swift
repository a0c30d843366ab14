internal import NumericKernels

/// The tiles of a batch of images, visited in the order image, row, column.
struct WinogradTileCursor {
  private let rows: Int
  private let columns: Int
  private(set) var image: Int
  private(set) var row: Int
  private(set) var column: Int

  /// Creates a cursor at tile number `index` of the batch.
  init(_ convolution: WinogradConvolution, at index: Int) {
    rows = convolution.tileRows
    columns = convolution.tileColumns
    let perImage = rows &* columns
    image = index / perImage
    let rest = index &- image &* perImage
    row = rest / columns
    column = rest &- row &* columns
  }

  /// Moves to the next tile.
  @inline(__always)
  mutating func advance() {
    column &+= 1
    if column == columns {
      column = 0
      row &+= 1
      if row == rows {
        row = 0
        image &+= 1
      }
    }
  }
}

/// Two-dimensional transforms of one tile and eight channels.
enum WinogradTiles {
  typealias Lanes = ChannelBlock

  /// Writes `Bᵀ d B` of the 6x6 patch whose first pixel is (`top`, `left`); outside the image the
  /// patch is zero.
  ///
  /// `plane` is one image and channel block of `height` rows and `width` columns, which lie `pitch`
  /// and `step` vectors apart; `work` holds 36 vectors of scratch; position `p` is written to
  /// `destination + p * stride`.
  @inline(__always)
  static func transformInput(
    _ plane: UnsafePointer<Lanes>, step: Int, pitch: Int, height: Int, width: Int, top: Int,
    left: Int, work: UnsafeMutablePointer<Lanes>, to destination: UnsafeMutablePointer<Lanes>,
    stride: Int
  ) {
    let whole = left >= 0 && left &+ 6 <= width
    var r = 0
    while r < 6 {
      let y = top &+ r
      let line = work + 6 &* r
      if y < 0 || y >= height {
        for j in 0..<6 { line[j] = .zero }
      } else {
        let source = plane + (y &* pitch &+ left &* step)
        let t: WinogradTransforms.Six
        if whole {
          t = WinogradTransforms.input(
            source[0], source[step], source[2 &* step], source[3 &* step], source[4 &* step],
            source[5 &* step])
        } else {
          t = WinogradTransforms.input(
            left >= 0 ? source[0] : .zero,
            left &+ 1 < width ? source[step] : .zero,
            left &+ 2 < width ? source[2 &* step] : .zero,
            left &+ 3 < width ? source[3 &* step] : .zero,
            left &+ 4 < width ? source[4 &* step] : .zero,
            left &+ 5 < width ? source[5 &* step] : .zero)
        }
        line[0] = t.0
        line[1] = t.1
        line[2] = t.2
        line[3] = t.3
        line[4] = t.4
        line[5] = t.5
      }
      r &+= 1
    }
    var j = 0
    while j < 6 {
      let t = WinogradTransforms.input(
        work[j], work[j &+ 6], work[j &+ 12], work[j &+ 18], work[j &+ 24], work[j &+ 30])
      let column = destination + j &* stride
      column[0] = t.0
      column[6 &* stride] = t.1
      column[12 &* stride] = t.2
      column[18 &* stride] = t.3
      column[24 &* stride] = t.4
      column[30 &* stride] = t.5
      j &+= 1
    }
  }

  /// Writes `S⁻¹ G₄ g G₄ᵀ S⁻¹` of the 4x4 tile of an output gradient whose first pixel is
  /// (`top`, `left`); outside the image the tile is zero.
  @inline(__always)
  static func transformOutputGradient(
    _ plane: UnsafePointer<Lanes>, height: Int, width: Int, top: Int, left: Int,
    work: UnsafeMutablePointer<Lanes>, to destination: UnsafeMutablePointer<Lanes>, stride: Int
  ) {
    let whole = left &+ 4 <= width
    var r = 0
    while r < 4 {
      let y = top &+ r
      let line = work + 6 &* r
      if y >= height {
        for j in 0..<6 { line[j] = .zero }
      } else {
        let source = plane + (y &* width &+ left)
        let t: WinogradTransforms.Six
        if whole {
          t = WinogradTransforms.outputGradient(source[0], source[1], source[2], source[3])
        } else {
          t = WinogradTransforms.outputGradient(
            source[0],
            left &+ 1 < width ? source[1] : .zero,
            left &+ 2 < width ? source[2] : .zero,
            .zero)
        }
        line[0] = t.0
        line[1] = t.1
        line[2] = t.2
        line[3] = t.3
        line[4] = t.4
        line[5] = t.5
      }
      r &+= 1
    }
    var j = 0
    while j < 6 {
      let t = WinogradTransforms.outputGradient(
        work[j], work[j &+ 6], work[j &+ 12], work[j &+ 18])
      let column = destination + j &* stride
      column[0] = t.0
      column[6 &* stride] = t.1
      column[12 &* stride] = t.2
      column[18 &* stride] = t.3
      column[24 &* stride] = t.4
      column[30 &* stride] = t.5
      j &+= 1
    }
  }

  /// Writes `Aᵀ m`, four rows of six vectors, to `work`.
  ///
  /// Position `p` is read from `source + p * stride`; each row's transform gives four pixels.
  @inline(__always)
  static func transformOutputColumns(
    _ source: UnsafePointer<Lanes>, stride: Int, work: UnsafeMutablePointer<Lanes>
  ) {
    var j = 0
    while j < 6 {
      let column = source + j &* stride
      let t = WinogradTransforms.output(
        column[0], column[6 &* stride], column[12 &* stride], column[18 &* stride],
        column[24 &* stride], column[30 &* stride])
      work[j] = t.0
      work[j &+ 6] = t.1
      work[j &+ 12] = t.2
      work[j &+ 18] = t.3
      j &+= 1
    }
  }
}
