import Analyses
public import ArgumentParser
import CommandSupport
import Training

extension OptimizerName: ExpressibleByArgument {}

/// How a gradient becomes a step; `train` and `sweep` share these.
struct StepOptions: ParsableArguments {
  @Option(
    help: """
      Highest learning rate, for any --batch-size; default: 0.1 with sgd, where targets are numbers 0.01; \
      0.001 with adamw; a tenth of it with --from.
      """)
  var learningRate: Double?

  @Option(
    help: "Course of the learning rate: constant, cosine, step[=FACTOR@SHARE,...], inverse-sqrt.")
  var schedule = "cosine"

  @Option(help: "Steps over which the learning rate grows from 0.")
  var warmUp = 0

  @Option(
    help:
      "Weight decay, part of the step and not of a perturbation; default: 5e-4, with adamw 0.01.")
  var weightDecay: Double?

  @Option(help: "Momentum of sgd; default: 0.9.")
  var momentum: Double?

  @Flag(help: "Nesterov's form of momentum (sgd).")
  var nesterov = false

  @Option(help: "Share of the mean gradient that adamw keeps; default: 0.9.")
  var beta1: Double?

  @Option(help: "Share of the mean squared gradient that adamw keeps; default: 0.999.")
  var beta2: Double?

  @Option(help: "Summand of adamw's denominator; default: 1e-8.")
  var epsilon: Double?

  /// Checks what can be checked before the data are read.
  func validate() throws {
    do {
      _ = try Schedule.Decay(parsing: schedule)
      _ = try learningRate.map { try Schedule($0) }
    } catch {
      throw ValidationError("\(error)")
    }
  }

  /// Checks that every option that was given is one of the rules that are used.
  func validate(for optimizers: [OptimizerName]) throws {
    let given: [(option: String, base: OptimizerName.Base, isGiven: Bool)] = [
      ("--momentum", .sgd, momentum != nil), ("--nesterov", .sgd, nesterov),
      ("--beta1", .adamW, beta1 != nil), ("--beta2", .adamW, beta2 != nil),
      ("--epsilon", .adamW, epsilon != nil),
    ]
    let bases = Set(optimizers.map(\.base))
    if let wrong = given.first(where: { $0.isGiven && !bases.contains($0.base) }) {
      throw ValidationError("\(wrong.option) is an option of \(wrong.base.rawValue); leave it out.")
    }
  }

  /// Puts the settings of an optimizer into a plan.
  func set(_ optimizer: OptimizerName, in plan: inout TrainingPlan) throws {
    plan.optimizer = optimizer
    plan.rule = rule(optimizer.base)
    plan.learningRate = learningRate
    plan.decay = try Schedule.Decay(parsing: schedule)
    plan.warmUp = warmUp
  }

  /// The rule of a name with its settings.
  private func rule(_ base: OptimizerName.Base) -> BaseOptimizer {
    switch base {
    case .sgd:
      var rule = SGD(nesterov: nesterov)
      if let momentum { rule.momentum = momentum }
      if let weightDecay { rule.weightDecay = weightDecay }
      return .sgd(rule)
    case .adamW:
      var rule = AdamW()
      if let beta1 { rule.beta1 = beta1 }
      if let beta2 { rule.beta2 = beta2 }
      if let epsilon { rule.epsilon = epsilon }
      if let weightDecay { rule.weightDecay = weightDecay }
      return .adamW(rule)
    }
  }
}
