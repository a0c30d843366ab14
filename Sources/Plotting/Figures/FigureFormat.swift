/// The file formats a figure can be written in.
package enum FigureFormat: String, Sendable, Equatable, CaseIterable {
  case png, svg, pdf

  /// The usual ending of file names, without the dot.
  package var fileExtension: String { rawValue }
}
