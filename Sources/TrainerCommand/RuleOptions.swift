import ArgumentParser
import CommandSupport
import Training

/// Which gradient is followed.
struct RuleOptions: ParsableArguments {
  @Option(
    help: """
      Gradient that is followed and rule that makes steps of it: sgd and adamw follow the plain one; sam, \
      asam (adaptive), ssam-f and ssam-d (sparse) that of sharpness-aware minimisation with sgd, or with \
      -adamw behind the name with adamw.
      """)
  var optimizer = OptimizerName.sgd
}

/// Where randomness comes from.
struct SeedOptions: ParsableArguments {
  @Option(help: "Seed of initial weights, order of samples, augmentation and masks.")
  var seed: UInt64 = 1
}

/// How sparse a perturbation is.
struct SparsityOptions: ParsableArguments {
  @Option(help: "Share of zeros in the mask of ssam-f and ssam-d.")
  var sparsity = 0.5
}
