package import Analyses
public import ArgumentParser

extension ByteCount: ExpressibleByArgument {
  /// Parses a number with an optional `K`, `M`, `G` or `T`.
  package init?(argument: String) { self.init(parsing: argument) }

  /// Not the number, which differs from run to run.
  package var defaultValueDescription: String { "half of what is free" }
}
