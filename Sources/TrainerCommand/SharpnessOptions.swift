public import ArgumentParser
import CommandSupport
import NeuralNetworks
import Training

extension MaskSettings.Norm: ExpressibleByArgument {}
extension MaskSettings.Structure: ExpressibleByArgument {}
extension MaskSettings.FirstMask: ExpressibleByArgument {}
extension SharpnessSettings.Statistics: ExpressibleByArgument {}
extension NormalizationMode: ExpressibleByArgument {}

/// Options of sharpness-aware minimisation; without effect on sgd and adamw.
struct SharpnessOptions: ParsableArguments {
  @Option(help: "Radius of the perturbation; default: 0.05, for asam 0.5.")
  var rho: Double?

  @Option(help: "Course of the radius: constant, cosine, step or inverse-sqrt.")
  var rhoSchedule = "constant"

  @Option(help: "Epochs between two refreshes of the mask.")
  var updateEvery = 5

  @Option(help: "Samples of the Fisher information (ssam-f).")
  var fisherSamples = 128

  @Option(help: "Initial share of the mask's ones that is exchanged (ssam-d).")
  var dropRate = 0.5

  @Option(
    help: """
      Norm that makes the perturbation rho long: official (that of the whole gradient, so that the \
      masked perturbation is shorter) or iso (that of the masked gradient).
      """)
  var maskNorm = MaskSettings.Norm.iso

  @Option(
    help: """
      What a mask keeps as one: element, filter or layer, chosen by their Fisher information; or \
      suffix, the last layers that make up the share of ones, with no information computed (all but \
      element for ssam-f). With --mask-norm iso, filters and layers that are left out are not \
      computed in the first pass; official needs all of them for its norm. The second pass begins at \
      the lowest layer in the mask.
      """)
  var maskStructure = MaskSettings.Structure.element

  @Option(help: "First mask of ssam-f: computed, or zero until the first refresh.")
  var firstMask = MaskSettings.FirstMask.computed

  @Option(help: "Batch norm in the Fisher pass: inference, or batch (that of each sample alone).")
  var fisherBatchNorm = NormalizationMode.inference

  @Option(help: "How often a step updates running statistics: once (first pass) or twice.")
  var statistics = SharpnessSettings.Statistics.once

  @Option(help: "Only parameters of such roles are perturbed: any of \(ParameterRole.names).")
  var perturb = ParameterRole.allCases.map(\.rawValue).joined(separator: ",")

  @Option(help: "Summand of |w| in the scale of asam.")
  var adaptiveShift = 0.01

  @Flag(
    help: """
      Make every choice that the paper on sparse SAM leaves open as its public code does: official \
      norm, zero first mask, refresh after the first step, Fisher pass in batch mode on augmented \
      images, statistics twice.
      """)
  var paperCode = false

  /// The settings for an optimizer and a share of zeros in its mask, if it has one.
  func settings(_ optimizer: OptimizerName, sparsity: Double) throws -> SharpnessSettings? {
    guard
      var settings = try SharpnessSettings.usual(for: optimizer, rho: rho, sparsity: sparsity)
    else { return nil }
    settings.rho = try Schedule(
      settings.rho.initial, decay: Schedule.Decay(parsing: rhoSchedule))
    settings.statistics = statistics
    settings.roles = []
    for name in perturb.split(separator: ",") {
      guard let role = ParameterRole(rawValue: String(name)) else {
        throw TrainingError(
          "--perturb: unknown role \"\(name)\"; use \(ParameterRole.names)")
      }
      settings.roles.insert(role)
    }
    if settings.adaptiveShift != nil { settings.adaptiveShift = adaptiveShift }
    settings.mask?.updateEvery = updateEvery
    settings.mask?.norm = maskNorm
    settings.mask?.structure = maskStructure
    settings.mask?.firstMask = firstMask
    settings.mask?.fisherSamples = fisherSamples
    settings.mask?.fisherMode = fisherBatchNorm
    settings.mask?.dropRate = dropRate
    return paperCode ? settings.paperCode : settings
  }
}
