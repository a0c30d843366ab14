/// A setting of a run that a text for the user can name.
///
/// Named as in the configurations. A program that calls its settings otherwise, like the commands with
/// their options, puts its own names into the texts, see `Message.text(naming:)`.
package enum Setting: String, CaseIterable, Sendable {
  // Model, data and files.
  case data, normalization, validation, output
  // Engine.
  case threads
  // Points and gradients.
  case batchNorm, batchSize, weightDecay
  // Surfaces.
  case x, y, pairs, rise, directions, saveDirections
  // Curvature.
  case parameters, roles, mask, microBatch, labelDraws, memory
  // Eigenvalues and traces.
  case steps, probes, top, bottom, tolerance, traceSamples, width, subsets
  case products, relativeError, method
  // Curves between networks.
  case points
  // Gradient ratios.
  case rho, batches, bins
  // Sharpness.
  case measure, ascentSteps, restarts, draws, m
  // Figures.
  case dpi, minimum, maximum
  // Paths of weights.
  case walks
}
