/// Parts of an axis that are as even as possible, as of PyTorch's adaptive pooling.
package enum EvenParts {
  /// The matrix `[count, parts]` that takes the means of the parts of an axis.
  ///
  /// Part i begins at `floor(i count / parts)` and ends before `ceil((i + 1) count / parts)`, so parts overlap where
  /// they cannot be equal.
  ///
  /// - Parameters:
  ///   - count: Extent of the axis.
  ///   - parts: Number of parts, at least 1.
  /// - Returns: The elements, row by row; both numbers times each other are in memory.
  package static func means(of count: Int, in parts: Int) -> [Double] {
    (0..<count).flatMap { place in
      (0..<parts).map { part in
        let (start, end) = (part * count / parts, ((part + 1) * count + parts - 1) / parts)
        return (start..<end).contains(place) ? 1 / Double(end - start) : 0
      }
    }
  }
}
