internal import Foundation
internal import LinearAlgebra

/// What is done where OpenBLAS computes wrongly with the kernels that it chose for this CPU.
enum LibraryCheck {
  /// Starts the program again with kernels that are known to be right; returns where they are right now.
  ///
  /// - Throws: `UsageError` where nothing helps; `OpenBLAS.Missing`.
  static func passOrRestart() throws {
    guard try !OpenBLAS.isRight() else { return }
    let (variable, kernels) = (OpenBLAS.kernelVariable, OpenBLAS.provenKernels)
    let fault = "OpenBLAS \(OpenBLAS.version) computes wrong eigenvalues on this CPU"
    if ProcessInfo.processInfo.environment[variable] == nil {
      standardError("note: \(fault); starting again with \(variable)=\(kernels)\n")
      _ = unsafe setenv(variable, kernels, 1)
      unsafe execv("/proc/self/exe", CommandLine.unsafeArgv)
    }
    throw UsageError(
      description: "\(fault), and \(variable) does not help; install another version of OpenBLAS")
  }
}
