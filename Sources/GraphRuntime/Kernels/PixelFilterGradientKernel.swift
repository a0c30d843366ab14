internal import NumericKernels

/// Sum of filter gradients alike of images of few pixels: a matrix product for each tap.
///
/// Threads share the channels of the input.
struct PixelFilterGradientKernel: Kernel {
  /// One summand.
  struct Term {
    let images: Buffer
    let cotangent: Buffer
  }

  let kernels: any MatrixProductKernels
  let pairs: PixelPairs
  let terms: [Term]
  /// `[taps][outputs][inputs]`.
  let result: Buffer
  let inputChannels: Int
  let outputChannels: Int
  let block: Int
  let images: Int
  /// Calls that share the work.
  let parts: Int

  var division: KernelDivision { parts > 1 ? .perShare : .whole }

  /// Terms of a sum in the largest product.
  private var largestDepth: Int {
    let most = pairs.taps.map { $0.reduce(0) { $0 + $1.count } }.max() ?? 0
    return most * images * terms.count
  }

  private var counts: (images: Int, cotangent: Int) {
    (
      ArenaAllocator.rounded(pairs.inputPixels * images * inputChannels),
      ArenaAllocator.rounded(pairs.outputPixels * images * outputChannels)
    )
  }

  var scratchCount: Int {
    terms.count * (counts.images + counts.cotangent)
      + ArenaAllocator.rounded(largestDepth * inputChannels)
      + ArenaAllocator.rounded(largestDepth * outputChannels)
      + kernels.productScratchCount(
        MatrixProductShape(rows: outputChannels, columns: inputChannels, depth: largestDepth))
  }

  func run(_ memory: Memory, _ chunk: SampleChunk) {
    let panels = inputChannels / 16
    let columns = panels * chunk.index / parts * 16..<panels * (chunk.index + 1) / parts * 16
    guard !columns.isEmpty else { return }
    let (imageCount, cotangentCount) = counts
    let sortedCotangents = memory.scratch + terms.count * imageCount
    for (number, term) in terms.enumerated() {
      PixelOrder(channels: inputChannels, pixels: pairs.inputPixels, block: block, images: images)
        .sort(memory[term.images], to: memory.scratch + number * imageCount)
      PixelOrder(
        channels: outputChannels, pixels: pairs.outputPixels, block: block, images: images
      )
      .sort(memory[term.cotangent], to: sortedCotangents + number * cotangentCount)
    }
    let right = sortedCotangents + terms.count * cotangentCount
    let left = right + ArenaAllocator.rounded(largestDepth * inputChannels)
    let scratch = left + ArenaAllocator.rounded(largestDepth * outputChannels)
    for (tap, runs) in pairs.taps.enumerated() {
      // The pairs of all terms one below the other are the depth of one product.
      var depth = 0
      for number in terms.indices {
        for run in runs {
          let rows = run.count * images
          (right + depth * inputChannels).update(
            from: memory.scratch + (number * imageCount + run.input * images * inputChannels),
            count: rows * inputChannels)
          (left + depth * outputChannels).update(
            from: sortedCotangents
              + (number * cotangentCount + run.output * images * outputChannels),
            count: rows * outputChannels)
          depth += rows
        }
      }
      let target = memory[result] + (tap * outputChannels * inputChannels + columns.lowerBound)
      if depth == 0 {
        for row in 0..<outputChannels {
          (target + row * inputChannels).update(repeating: 0, count: columns.count)
        }
        continue
      }
      kernels.product(
        MatrixProductShape(rows: outputChannels, columns: columns.count, depth: depth),
        terms: [
          (
            left: .matrix(left, rows: outputChannels, columns: depth, isTransposed: true),
            right: MatrixOperand(
              elements: right + columns.lowerBound, rowStride: inputChannels, columnStride: 1)
          )
        ],
        output: target, outputStride: inputChannels, accumulates: false, scratch: scratch)
    }
  }
}

/// Sorts a filter gradient in planes of one tap each.
struct SortTapsKernel: Kernel {
  let division = KernelDivision.whole
  /// `[taps][filters]`.
  let planes: Buffer
  let taps: Int
  /// Outputs times inputs.
  let filters: Int
  /// `[filters][taps]`.
  let result: Buffer

  func run(_ memory: Memory, _ chunk: SampleChunk) {
    let (planes, result) = (memory[planes], memory[result])
    for filter in 0..<filters {
      for tap in 0..<taps { result[filter &* taps &+ tap] = planes[tap &* filters &+ filter] }
    }
  }
}
