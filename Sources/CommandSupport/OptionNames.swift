package import Analyses
internal import ArgumentParser

extension Setting {
  /// The option that a setting is on the command line: its name in lower case with hyphens, as the
  /// parser makes them, but for those that are called otherwise.
  package var optionName: String {
    switch self {
    case .normalization: "--normalize"
    case .roles: "--role"
    case .steps: "--lanczos"
    default:
      rawValue.reduce(into: "--") { name, letter in
        name += letter.isUppercase ? "-" + letter.lowercased() : String(letter)
      }
    }
  }
}

extension AnalysisError {
  /// The line for the user of a command.
  package var commandText: String { text(naming: \.optionName) }
}

/// Checks a configuration where options are parsed: what is wrong with it is bad usage.
package func checkOptions(_ check: () throws -> Void) throws {
  do {
    try check()
  } catch let error as AnalysisError {
    throw ValidationError(error.commandText + ".")
  }
}
