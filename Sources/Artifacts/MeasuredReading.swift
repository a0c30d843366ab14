/// Which network a file of weights was taken for, where it does not say so itself, with what else it may be.
public struct MeasuredReading: Codable, Equatable, Sendable {
  /// A network with a normalisation of its images, and how well it did.
  public struct Entry: Codable, Equatable, Sendable {
    /// What `--architecture` takes: a layer list or a name.
    public var architecture: String
    /// What `--normalize` takes.
    public var normalization: String
    /// Mean loss over the samples that were measured.
    public var loss: Double
    /// Samples whose class is right.
    public var correct: Int

    /// Joins the parts.
    package init(architecture: String, normalization: String, loss: Double, correct: Int) {
      self.architecture = architecture
      self.normalization = normalization
      self.loss = loss
      self.correct = correct
    }
  }

  /// What was taken.
  public var chosen: Entry
  /// Others that do equally well: the data cannot tell them apart.
  public var ties: [Entry]
  /// The best of the rest.
  public var next: Entry?
  /// Samples that were measured.
  public var samples: Int
  /// Networks and normalisations that were tried.
  public var tried: Int

  /// Joins the parts.
  package init(chosen: Entry, ties: [Entry], next: Entry?, samples: Int, tried: Int) {
    self.chosen = chosen
    self.ties = ties
    self.next = next
    self.samples = samples
    self.tried = tried
  }
}
