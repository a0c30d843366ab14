/// A setting that a text for the user can name.
///
/// The library knows no options. A text names a setting as it is called in the configurations, between
/// backticks, and a program that calls its settings otherwise puts its own names there, as the commands do
/// with their options:
///
///     let text = "half of \(.memory) 8G is too little"   // half of `memory` 8G is too little
///     text.namingSettings { "--\($0.rawValue)" }         // half of --memory 8G is too little
public enum Setting: String, CaseIterable, Sendable {
  // Model, data and files.
  /// The network, by name or as a list of layers.
  case architecture
  /// The data set.
  case data
  /// Normalisation of the channels of images.
  case normalization
  /// Which labels of data with two kinds.
  case labels
  /// Share of the training part that is held out.
  case validation
  /// How many samples are used.
  case samples
  /// The folder of the results.
  case output
  /// Weights for a graph, or one of several networks in a file.
  case weights
  /// Which output of a graph is the model's.
  case modelOutput
  /// Tensors of a graph that are no parameters.
  case constants

  // Checkpoints of a training.
  /// Which epochs leave a checkpoint.
  case keep
  /// In which order checkpoints come.
  case order
  /// A graph that checkpoints are weights of.
  case graph

  // How data are read.
  /// Shorter side that images are resized to.
  case resize
  /// Side of the square that is cut out of images.
  case crop
  /// Channels of images.
  case channels
  /// Where targets come from.
  case target
  /// Tokens of a sample.
  case context

  // How outputs are compared with targets.
  /// How outputs are compared with targets.
  case loss
  /// Weight of each class in the loss.
  case classWeights
  /// Class of rows that do not count.
  case ignoredClass

  // Engine.
  /// Number of threads.
  case threads

  // Points and gradients.
  /// Which statistics batch norms use.
  case batchNorm
  /// Samples of a batch.
  case batchSize
  /// Factor of the squared weights in the loss or the step.
  case weightDecay

  // Surfaces.
  /// Coordinates along the first direction.
  case x
  /// Coordinates along the second direction.
  case y
  /// Pairs of random directions.
  case pairs
  /// Rise of the loss that widths are measured at.
  case rise
  /// A file of directions.
  case directions
  /// Whether directions are written.
  case saveDirections

  // Curvature.
  /// Parameters by their names.
  case parameters
  /// Parameters by their roles.
  case roles
  /// A file with a mask of parameters.
  case mask
  /// Samples that go through the network at once.
  case microBatch
  /// Labels drawn for each sample.
  case labelDraws
  /// Memory of the process.
  case memory

  // Eigenvalues and traces.
  /// Lanczos steps.
  case steps
  /// Random starts of a spectral density.
  case probes
  /// Number of largest eigenvalues.
  case top
  /// Number of smallest eigenvalues.
  case bottom
  /// Residual of a converged eigenvalue, relative to it.
  case tolerance
  /// Products for the random part of a trace.
  case traceSamples
  /// Width of the Gaussians of a density.
  case width
  /// Disjoint parts of the samples.
  case subsets
  /// Products of a trace.
  case products
  /// Relative error at which a trace ends.
  case relativeError
  /// Method of a trace.
  case method

  // Curves between networks.
  /// Points along an axis or a curve.
  case points

  // Gradient ratios.
  /// Radius of a perturbation.
  case rho
  /// Number of batches.
  case batches
  /// Bins of a histogram.
  case bins

  // Sharpness.
  /// Measures of sharpness.
  case measure
  /// Steps of an ascent.
  case ascentSteps
  /// Starts of an ascent.
  case restarts
  /// Random perturbations of a mean.
  case draws
  /// Samples that share a perturbation.
  case m

  // Figures.
  /// Pixels per inch.
  case dpi
  /// Smallest value of a colour scale.
  case minimum
  /// Largest value of a colour scale.
  case maximum

  // Paths of weights.
  /// Random walks that a path is compared with.
  case walks

  // Trainings.
  /// Checkpoint that a training starts from.
  case start
  /// Highest learning rate.
  case learningRate
  /// Probability of dropout.
  case dropout
  /// Whether an earlier run in the folder is given up.
  case restart
}

extension DefaultStringInterpolation {
  /// A setting, which the reader's program names, see `String.namingSettings(_:)`.
  public mutating func appendInterpolation(_ setting: Setting) {
    appendLiteral("`\(setting.rawValue)`")
  }
}

extension String {
  /// The text with the settings that it names called as its reader knows them.
  ///
  /// - Parameter name: Name of a setting.
  /// - Returns: The text; backticks around anything else stay.
  public func namingSettings(_ name: (Setting) -> String) -> String {
    let parts = split(separator: "`", omittingEmptySubsequences: false)
    var result = String(parts[0])
    var index = 1
    while index < parts.count {
      // What is no setting keeps its backtick, and the next one may begin a setting.
      if index + 1 < parts.count, let setting = Setting(rawValue: String(parts[index])) {
        result += name(setting) + parts[index + 1]
        index += 2
      } else {
        result += "`" + parts[index]
        index += 1
      }
    }
    return result
  }
}
