/// The file formats a figure can be written in.
public enum FigureFormat: String, Sendable, Equatable, CaseIterable {
  /// Pixels, with the caption and the sources inside.
  case png
  /// Vectors, for the web.
  case svg
  /// Vectors, for print.
  case pdf

  /// The usual ending of file names, without the dot.
  public var fileExtension: String { rawValue }
}
