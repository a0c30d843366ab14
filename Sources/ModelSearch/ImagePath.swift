/// The convolutions that images go through, as far as their sizes matter.
///
/// Hundreds of thousands of geometries are measured on one path, so nothing is allocated for one.
struct ImagePath {
  /// A convolution on the main way.
  private struct Filters {
    let height: Int
    let width: Int
    /// Multiplications for a pixel.
    let work: Int
    /// Number of the item behind whose last convolution a window may stand; nil for the others.
    var endOfItem: Int?
    /// Multiplications of a shortcut for a pixel of what the block gives.
    var shortcutWork = 0
  }

  private var filters: [Filters] = []
  private var headWork = 0

  init(_ skeleton: Skeleton) {
    for (number, item) in skeleton.images.enumerated() {
      switch item {
      case .unit(let unit): add([unit], shortcut: nil, item: number)
      case .block(let block): add(block.body, shortcut: block.shortcut, item: number)
      case .norm: break
      }
    }
    headWork = skeleton.head.reduce(0) { $0 + $1.weight.multiplications }
  }

  private mutating func add(_ units: [Unit], shortcut: Unit?, item: Int) {
    for unit in units {
      let kernel = unit.weight.kernel ?? [1, 1]
      filters.append(
        Filters(height: kernel[0], width: kernel[1], work: unit.weight.multiplications))
    }
    guard !units.isEmpty else { return }
    filters[filters.count - 1].endOfItem = item
    filters[filters.count - 1].shortcutWork = shortcut?.weight.multiplications ?? 0
  }

  /// Extents of the images behind the last item, and multiplications for one sample; nil where something
  /// does not fit.
  func measure(
    _ geometry: Geometry, height: Int, width: Int
  ) -> (height: Int, width: Int, work: Int)? {
    measure(
      border: geometry.border, steps: geometry.steps, windows: geometry.windows, height: height,
      width: width)
  }

  /// The same for the parts of a geometry.
  func measure(
    border: Int, steps: [Geometry.Step], windows: [Geometry.Window?], height: Int, width: Int
  ) -> (height: Int, width: Int, work: Int)? {
    guard steps.count == filters.count else { return nil }
    var (h, w) = (height + 2 * border, width + 2 * border)
    var work = headWork
    for (filter, step) in zip(filters, steps) {
      h += 2 * step.padding[0] - step.dilation * (filter.height - 1) - 1
      w += 2 * step.padding[1] - step.dilation * (filter.width - 1) - 1
      guard h >= 0, w >= 0 else { return nil }
      h = h / step.stride[0] + 1
      w = w / step.stride[1] + 1
      work += (filter.work + filter.shortcutWork) * h * w
      guard let item = filter.endOfItem, let window = windows[item] else { continue }
      guard let pooledHeight = window.extent(h), let pooledWidth = window.extent(w) else {
        return nil
      }
      (h, w) = (pooledHeight, pooledWidth)
    }
    return (h, w, work)
  }
}

extension FoundLayer {
  /// Multiplications for a pixel of what a convolution gives, or for a row of a matrix.
  ///
  /// Where each channel is filtered for itself, memory takes the time of some more.
  fileprivate var multiplications: Int {
    let inputs = kernel != nil && inputs == 1 ? Self.depthwiseWeight : inputs ?? 0
    return (outputs ?? 0) * inputs * (kernel ?? []).reduce(1, *)
  }

  /// How many multiplications of a dense convolution one of a depthwise convolution takes the time of.
  private static let depthwiseWeight = 16
}
