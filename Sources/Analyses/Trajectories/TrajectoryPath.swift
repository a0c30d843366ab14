package import NeuralNetworks

/// The checkpoints of one training, in the order in which it came by them.
public struct TrajectoryPath {
  /// A checkpoint that is read when it is needed.
  package struct Checkpoint {
    /// The file or folder.
    package let path: String
    /// The number in its name that tells it from the others; nil where there is none.
    package let number: Int?
    /// Reads it.
    package let read: () throws -> Content

    /// Names a checkpoint.
    package init(path: String, number: Int?, read: @escaping () throws -> Content) {
      self.path = path
      self.number = number
      self.read = read
    }
  }

  /// What is read of a checkpoint.
  package struct Content {
    /// Weights and running statistics.
    package let point: ModelPoint
    /// SHA-256 of the file.
    package let sha256: String
    /// Epochs that it says to have seen; nil where it says nothing.
    package let epoch: Int?

    /// Joins the parts.
    package init(point: ModelPoint, sha256: String, epoch: Int?) {
      self.point = point
      self.sha256 = sha256
      self.epoch = epoch
    }
  }

  /// Name for legends.
  public let name: String
  /// The checkpoints.
  package let checkpoints: [Checkpoint]

  /// Joins checkpoints to a path.
  package init(name: String, checkpoints: [Checkpoint]) {
    self.name = name
    self.checkpoints = checkpoints
  }
}
