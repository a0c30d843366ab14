internal import GraphRuntime
internal import LinearAlgebra

/// Version of the toolkit, and of what it computes with.
public enum Toolkit {
  /// Version like `0.1.0`.
  public static let version = "0.1.0"

  /// Versions of the libraries that do the arithmetic, for reports.
  public static var libraries: [String: String] {
    [
      "oneDNN": OneDNN.version, "OpenBLAS": OpenBLAS.version,
      "instruction set": OneDNN.instructionSet,
    ]
  }
}
