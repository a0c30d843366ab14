import ArgumentParser
import Training

/// What is varied in a sweep.
struct SweepOptions: ParsableArguments {
  @Option(
    help: """
      Optimizers, any of sgd,sam,asam,ssam-f,ssam-d and adamw,sam-adamw,asam-adamw,ssam-f-adamw,\
      ssam-d-adamw.
      """)
  var optimizers = DistinctList<OptimizerName>([.sgd, .sam, .ssamF, .ssamD])

  @Option(help: "Shares of zeros in the masks of ssam-f and ssam-d; 0 is a full mask.")
  var sparsity = DistinctList<Double>([0, 0.5, 0.8, 0.9, 0.95, 0.98, 0.99])

  @Option(help: "Seeds of initial weights, order of samples, augmentation and masks.")
  var seeds = DistinctList<UInt64>([1])

  func validate() throws {
    if let share = sparsity.values.first(where: { !(0...1).contains($0) }) {
      throw ValidationError("--sparsity \(share) is outside 0 ... 1.")
    }
  }
}

/// Where a sweep goes.
struct SweepFolderOptions: ParsableArguments {
  @Option(name: .shortAndLong, help: "Folder for table, figure and the folders of all runs.")
  var output = "sweep"

  @Flag(help: "Train everything again, whatever the folder holds.")
  var restart = false
}

/// Values separated by commas, all different.
struct DistinctList<Element: ExpressibleByArgument & Hashable & Sendable>: ExpressibleByArgument,
  Sendable
{
  let values: [Element]

  init(_ values: [Element]) { self.values = values }

  init?(argument: String) {
    let parts = argument.split(separator: ",", omittingEmptySubsequences: false)
    let values = parts.compactMap { Element(argument: String($0)) }
    guard values.count == parts.count, Set(values).count == values.count else { return nil }
    self.values = values
  }

  var defaultValueDescription: String {
    values.map(\.defaultValueDescription).joined(separator: ",")
  }
}
