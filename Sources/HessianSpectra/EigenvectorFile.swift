internal import ComputationGraph
internal import FileFormats
package import Krylov
package import LinearAlgebra
internal import NeuralNetworks

/// Eigenvectors as an `.npz` file.
///
/// One array per tensor of the network, named like it, of shape `[vectors] + shape of the
/// tensor`; `eigenvalues` and `residual_bounds` in the same order.
package enum EigenvectorFile {
  /// Writes unit vectors, 0 outside the selection.
  ///
  /// - Parameters:
  ///   - vectors: Eigenvectors over the chosen parameters.
  ///   - values: Their eigenvalues.
  ///   - selection: The chosen parameters.
  ///   - path: The file.
  /// - Throws: `FileFormatError` when the file cannot be written or passes 4 GiB.
  package static func write(
    _ vectors: [Vector<Float>], values: [RitzValue], selection: ParameterSelection,
    to path: String
  ) throws {
    precondition(vectors.count == values.count, "one eigenvalue per vector")
    var writer = NPZWriter()
    try writer.add("eigenvalues", NumericArray(values.map(\.value)))
    try writer.add("residual_bounds", NumericArray(values.map(\.residualBound)))
    let whole = vectors.map(selection.embed)
    for segment in selection.layout.segments {
      try writer.add(
        segment.name,
        NumericArray(
          whole.flatMap { $0[segment.range].array },
          shape: [whole.count] + segment.shape.dimensions))
    }
    try writer.write(to: path)
  }
}
