internal import FileFormats
internal import HDF5Files
package import LossSurfaces
internal import Objectives

extension LossLandscapeFile {
  /// Writes a surface or line in this form.
  ///
  /// A metric that is a share becomes `acc`, in percent; R2 becomes `r2`, which loss-landscape does not
  /// have.
  ///
  /// - Parameters:
  ///   - surface: The values; those that are not finite stay so.
  ///   - isLine: Whether it has no coordinates along y.
  ///   - split: Split of the samples.
  ///   - directions: What is said of the directions: the name of their file, or how they were drawn.
  ///   - path: The file to write.
  /// - Throws: `FileFormatError` when it cannot be written.
  package static func write(
    _ surface: LossSurface, isLine: Bool, split: String, directions: String, to path: String
  ) throws {
    var writer = HDF5Writer()
    writer.add("dir_file", text: directions)
    writer.add("xcoordinates", NumericArray(surface.xs))
    if !isLine { writer.add("ycoordinates", NumericArray(surface.ys)) }
    let shape = isLine ? [surface.xs.count] : [surface.xs.count, surface.ys.count]
    writer.add("\(split)_loss", NumericArray(surface.loss, shape: shape))
    if let known = metrics.first(where: { $0.metric == surface.metric }) {
      writer.add(
        "\(split)_\(known.name)",
        NumericArray(surface.score.map { $0 * known.factor }, shape: shape))
    }
    try writer.write(to: path)
  }
}
