internal import ComputationGraph
package import FileFormats
package import Krylov
package import LinearAlgebra
internal import NeuralNetworks

/// Eigenvectors as an `.npz` file.
///
/// One array per tensor of the network, named like it, of shape `[vectors] + shape of the
/// tensor`; `eigenvalues` and `residual_bounds` in the same order.
package enum EigenvectorFile {
  /// Writes unit vectors, 0 outside the selection; only one tensor of one vector is copied at a time.
  ///
  /// - Parameters:
  ///   - vectors: Eigenvectors over the chosen parameters.
  ///   - values: Their eigenvalues.
  ///   - selection: The chosen parameters.
  ///   - path: The file.
  /// - Throws: `FileFormatError` when the file cannot be written.
  package static func write(
    _ vectors: [Vector<Float>], values: [RitzValue], selection: ParameterSelection,
    to path: String
  ) throws(FileFormatError) {
    precondition(vectors.count == values.count, "one eigenvalue per vector")
    var writer = NPZWriter()
    writer.add("eigenvalues", NumericArray(values.map(\.value)))
    writer.add("residual_bounds", NumericArray(values.map(\.residualBound)))
    for segment in selection.layout.segments {
      writer.add(
        segment.name, type: .float32, shape: [vectors.count] + segment.shape.dimensions
      ) { NumericArray(selection.elements(of: vectors[$0], in: segment.range)) }
    }
    try writer.write(to: path)
  }
}
