internal import Datasets
internal import NeuralNetworks

/// Everything that a reading of a file decides beside skeleton and geometry.
struct ReadingSettings: Hashable {
  /// Order of norm, activation and pooling behind a convolution.
  enum Order: Int, Hashable, CaseIterable {
    case normActivationPool
    case activationNormPool
    case poolNormActivation
    case activationPoolNorm
    case poolActivationNorm
  }

  /// Where activations stand in residual blocks.
  enum BlockEnd: Int, Hashable, CaseIterable {
    /// Behind the sum.
    case afterSum
    /// At the end of the body, none behind the sum.
    case inBody
    /// At neither place.
    case nowhere
    /// At both places.
    case both
  }

  /// The shortcut of blocks that change channels and have no tensors there.
  enum PlainShortcut: Int, Hashable, CaseIterable {
    case zerosOnBothSides
    case zerosBehind
  }

  /// The function behind convolutions.
  var activation: ActivationFunction? = .relu
  /// The function behind matrices, where it is another one.
  var headActivation: ActivationFunction?
  /// What is taken of windows.
  var pool: PoolSettings.Kind = .max
  /// Order behind a convolution.
  var order: Order = .normActivationPool
  /// Added to the variances of norms.
  var epsilon: Double = NormalizationMode.epsilon
  /// Groups of channels whose statistics norms take where the file has no running ones.
  ///
  /// Nil for batch norms that keep none; more than there are channels for one channel each (instance norm).
  /// Behind matrices any other norm is a layer norm.
  var groups: Int?
  /// Whether instance norms without tensors, of which a file shows nothing, stand behind convolutions.
  var hasPlainNorms = false
  /// Whether the function stands behind the last layer too.
  var activatesOutputs = false
  /// Where activations stand in blocks.
  var blockEnd: BlockEnd = .afterSum
  /// Shortcuts without tensors.
  var plainShortcut: PlainShortcut = .zerosOnBothSides
  /// Whether shortcuts take means of windows where they make images smaller, rather than every other pixel.
  var poolsShortcuts = false
  /// Whether a projection reads what the first norm and activation of its block give.
  var sharesPreactivation = true
  /// Whether a convolution without a norm has an activation although a norm with one comes next.
  var activatesBeforeNorms = false
  /// Whether the two convolutions of a separable one have an activation between them.
  var activatesInSeparable = false
}

/// A skeleton with all that it leaves open: one network that the file may mean.
struct Reading: Hashable {
  let skeleton: Skeleton
  var geometry: Geometry
  /// How unusual the geometry is.
  var geometryCost: Double
  var settings: ReadingSettings

  /// How unusual it is: of readings that do equally well the usual one is meant.
  var cost: Double {
    skeleton.cost + geometryCost + settings.cost
      - (settings.activatesOutputs && skeleton.head.isEmpty ? Self.activatedMaps : 0)
  }

  /// By how much less unusual a function behind the last layer is where that is a convolution: some networks treat the
  /// maps of the classes like all others before they take the mean.
  private static let activatedMaps = 1.8
}

extension Reading {
  /// Side of the images that give the same features without the border around those of a shape.
  ///
  /// 28 pixels with two more on each side are the 32 of MNIST as it is often resized; nil for sides that nobody
  /// resizes images to.
  func resizedSide(of shape: ImageShape) -> Int? {
    let first = geometry.steps.first.map { $0.stride == [1, 1] ? $0.padding : [0, 0] } ?? [0, 0]
    let side = shape.height + 2 * (geometry.border + first[0])
    guard shape.height == shape.width, first[0] == first[1], side > shape.height,
      side.isMultiple(of: 32)
    else { return nil }
    return side
  }
}

extension ReadingSettings {
  /// How unusual the settings are.
  var cost: Double {
    let order: Double =
      switch self.order {
      case .normActivationPool: 0
      case .activationNormPool: 0.15
      default: 0.3
      }
    return Self.cost(activation) + (headActivation == nil ? 0 : 0.5 + Self.cost(headActivation) / 2)
      + (pool == .max ? 0 : 0.2) + order + (epsilon == NormalizationMode.epsilon ? 0 : 0.15)
      + (groups == nil ? 0 : 0.2) + (hasPlainNorms ? Self.plainNorms : 0)
      + (activatesOutputs ? 2 : 0) + Double(blockEnd.rawValue) * 0.3
      + Double(plainShortcut.rawValue) * 0.1 + (poolsShortcuts ? 0.3 : 0)
      + (sharesPreactivation ? 0 : 0.3)
      + (activatesBeforeNorms ? 0.5 : 0) + (activatesInSeparable ? 0.2 : 0)
  }

  /// Activations with how unusual each is.
  ///
  /// A smooth function in place of ReLU lowers the loss of small networks by up to some 5 percent although it is
  /// wrong, and ReLU in place of GELU raises it by 8: the costs of smooth functions lie between. Leaky ReLU and
  /// ReLU6 lower it by up to 10 percent, and are hardly to be told from ReLU where they are right.
  static let activations: [(activation: ActivationFunction?, cost: Double)] = [
    (.relu, 0), (.tanh, 0.6), (.sigmoid, 0.6), (.gelu, 0.6), (.silu, 0.65), (.elu(1), 0.6),
    (.leakyReLU(0.01), 1.2), (.leakyReLU(0.2), 0.8), (.leakyReLU(0.1), 1.5), (.mish, 0.9),
    (.selu, 0.8), (.relu6, 1.5), (.softplus, 1), (.hardSwish, 1), (.geluByTanh, 0.9), (nil, 1.5),
  ]

  /// How unusual norms without tensors are.
  ///
  /// Where there are none, they make up for logits that are too large or too small, and take up to a third off the loss
  /// of a network that was trained with another one. Where there are some, reading the file without them multiplies it.
  private static let plainNorms = 8.0

  private static func cost(_ activation: ActivationFunction?) -> Double {
    activations.first { $0.activation == activation }?.cost ?? 1
  }
}
