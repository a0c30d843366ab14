internal import Analyses
internal import ArgumentParser
package import Settings

extension Setting {
  /// The option that a setting is on the command line: its name in lower case with hyphens, as the
  /// parser makes them, but for those that are called otherwise.
  package var optionName: String {
    switch self {
    case .normalization: "--normalize"
    case .roles: "--role"
    case .steps: "--lanczos"
    case .ignoredClass: "--ignore-class"
    case .start: "--from"
    default:
      rawValue.reduce(into: "--") { name, letter in
        name += letter.isUppercase ? "-" + letter.lowercased() : String(letter)
      }
    }
  }
}

/// The line for the user of a command.
package func commandText(_ error: any Error) -> String {
  "\(error)".namingSettings(\.optionName)
}

/// Checks a configuration where options are parsed: what is wrong with it is bad usage.
package func checkOptions(_ check: () throws -> Void) throws {
  do {
    try check()
  } catch let error as AnalysisError {
    throw ValidationError(commandText(error) + ".")
  }
}
