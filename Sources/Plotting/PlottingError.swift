/// Why a picture could not be made; the text is one line that says what to do.
package enum PlottingError: Error, Equatable, CustomStringConvertible {
  /// Coordinates and values of a grid do not fit together.
  case invalidGrid(String)
  /// There is nothing finite to draw.
  case noFiniteValues(String)
  /// A range, level list or axis that cannot be used.
  case invalidScale(String)
  /// A figure that cannot be laid out: no panels, too narrow, too large.
  case invalidFigure(String)
  /// A native library refused; `call` is the function, `status` its message.
  case library(call: String, status: String)

  package var description: String {
    switch self {
    case .invalidGrid(let text), .noFiniteValues(let text), .invalidScale(let text),
      .invalidFigure(let text):
      text
    case .library(let call, let status):
      "\(call) failed: \(status)"
    }
  }
}
