package import Foundation

/// How a result came about: enough to make it again and to tell it from others.
public struct Provenance: Codable, Equatable, Sendable {
  /// The version of this record's form; readers refuse a higher one than they know.
  public static let currentSchemaVersion = 1

  /// A file that went into the result.
  public struct InputFile: Codable, Equatable, Sendable {
    /// The absolute path, so that the folder is known wherever the record is read.
    public var path: String
    /// The SHA-256 digest of the contents, in hexadecimal.
    public var sha256: String
    /// The format of the file in words; nil in old results.
    public var format: String?

    package init(path: String, sha256: String, format: String?) {
      self.path = URL(filePath: path).standardizedFileURL.path(percentEncoded: false)
      self.sha256 = sha256
      self.format = format
    }

    /// Name for titles and legends: that of the file without its extension.
    ///
    /// Every training writes `model.ckpt`, `last.ckpt`, `best.ckpt` and `epochs/epoch-N.ckpt`, so for these
    /// the folder stands in front.
    public var title: String {
      let url = URL(filePath: path)
      let name = url.deletingPathExtension().lastPathComponent
      var folder = url.deletingLastPathComponent()
      if name.hasPrefix("epoch-"), folder.lastPathComponent == "epochs" {
        folder.deleteLastPathComponent()
      } else if !["model", "last", "best"].contains(name) {
        return name
      }
      return "\(folder.lastPathComponent)/\(name)"
    }
  }

  /// The samples that went into the result.
  public struct DataSource: Codable, Equatable, Sendable {
    /// The data set: `cifar10`.
    public var name: String
    /// `train` or `test`.
    public var split: String
    /// The SHA-256 digest of the samples used, in hexadecimal.
    public var digest: String
    /// The number of samples used, taken from the start of the split.
    public var samples: Int
    /// Where the data were opened: `digits`, or the absolute path of a folder or file; nil in old
    /// results.
    public var path: String?

    package init(name: String, split: String, digest: String, samples: Int, path: String?) {
      self.name = name
      self.split = split
      self.digest = digest
      self.samples = samples
      self.path = path.map {
        $0 == "digits" ? $0 : URL(filePath: $0).standardizedFileURL.path(percentEncoded: false)
      }
    }
  }

  /// The ranks that did a run together.
  public struct Distribution: Codable, Equatable, Sendable {
    /// How many there were.
    public var ranks: Int
    /// Their machines.
    public var hosts: [String]
    /// The worker threads of all together.
    public var threads: Int

    package init(ranks: Int, hosts: [String], threads: Int) {
      self.ranks = ranks
      self.hosts = hosts
      self.threads = threads
    }

    /// Text like `4 ranks on 2 hosts, 8 threads`.
    public var text: String {
      "\(ranks) ranks on \(hosts.count) host\(hosts.count == 1 ? "" : "s"), \(threads) threads"
    }
  }

  /// Version of this form.
  public var schemaVersion = Provenance.currentSchemaVersion
  /// The command line, program first.
  public var command: [String]
  /// The version of the toolkit.
  public var version: String
  /// When the run was started, in ISO 8601, UTC.
  public var date: String
  /// The seed of each named random stream.
  public var seeds: [String: UInt64] = [:]
  /// The networks, in the order in which they were given.
  public var models: [InputFile] = []
  /// The samples; nil where there are none.
  public var data: DataSource?
  /// `inference`, `batch` or `recalibrated`; `none` where the models have no batch norms.
  public var batchNormalization: String?
  /// The same for captions: nil where the models have no batch norms.
  public var batchNormStatistics: String? {
    batchNormalization == "none" ? nil : batchNormalization
  }
  /// The coefficient of weight decay, and whether the loss of the result contains its term.
  public var weightDecay: Double?
  /// Whether `weightDecay` is part of the loss; nil where there is none.
  public var lossIncludesWeightDecay: Bool?
  /// The number of worker threads, of the first rank.
  public var threads: Int
  /// Who did the run together; nil where one process did it.
  public var distribution: Distribution?
  /// The versions of the libraries that did the arithmetic.
  public var libraries: [String: String] = [:]
  /// All other settings that influence the result.
  public var settings: [String: String] = [:]
  /// The duration in seconds: of the process that ended the run, for a training of all its parts.
  public var wallSeconds: Double = 0
  /// What a reader must know before using the numbers, in plain words; nil in old results.
  public var warnings: [String]?
  /// What the networks were taken for, in their order, where that was measured; nil where files or
  /// options say it.
  public var readings: [MeasuredReading]?

  /// Creates a record with the parts that every result has.
  package init(command: [String], version: String, threads: Int, date: Date = Date()) {
    self.command = command
    self.version = version
    self.threads = threads
    self.date = date.formatted(.iso8601)
  }
}
