internal import Settings
internal import Checkpoints
internal import Foundation
internal import ModelSearch
internal import Training

/// In which order checkpoints come.
public enum CheckpointOrder: String, CaseIterable, Sendable {
  /// That of the numbers in their names where these differ in nothing else, otherwise as given.
  case automatic = "auto"
  /// As given.
  case given
  /// That of the numbers in their names.
  case numbers
}

/// Checkpoints of one training, in its order.
public struct CheckpointSeries: Equatable, Sendable {
  /// One checkpoint.
  public struct Entry: Equatable, Sendable {
    /// The file, or folder of transformers.
    public let path: String
    /// The number in its name that differs most; nil where names have none in common.
    public let number: Int?
  }

  /// Name of the training: that of its folder.
  public let name: String
  /// The checkpoints.
  public let entries: [Entry]

  private static let extensions: Set = [
    "ckpt", "pt", "pth", "th", "tar", "bin", "safetensors", "npz", "pkl", "onnx", "pt2",
  ]

  /// Finds the series that arguments name.
  ///
  /// A folder is a series: what `trainer train --keep` left in it, or the checkpoints in it. Files that
  /// lie in one folder are one too.
  ///
  /// - Parameters:
  ///   - arguments: Files and folders.
  ///   - order: The order of files.
  ///   - areOne: Whether all are one series, wherever they lie.
  /// - Returns: The series in the order in which they are named first.
  /// - Throws: `AnalysisError` for a folder without checkpoints, and where an order is not known.
  public static func find(
    _ arguments: [String], order: CheckpointOrder, areOne: Bool
  ) throws(AnalysisError) -> [CheckpointSeries] {
    var groups: [(folder: String, paths: [String], isFolder: Bool)] = []
    for argument in arguments {
      let path = URL(filePath: argument).standardizedFileURL
      let isFolder = isFolder(argument) && !isTransformersFolder(argument)
      let folder =
        areOne ? "" : isFolder ? argument : path.deletingLastPathComponent().path
      let paths = isFolder ? try checkpoints(in: argument) : [argument]
      if let place = groups.firstIndex(where: {
        $0.folder == folder && (areOne || $0.isFolder == isFolder)
      }) {
        groups[place].paths += paths
      } else {
        groups.append((folder, paths, isFolder))
      }
    }
    var series: [CheckpointSeries] = []
    for group in groups {
      let sorted = try sorted(
        group.paths, order: group.isFolder && !areOne ? .numbers : order)
      series.append(
        CheckpointSeries(name: name(of: sorted, folder: group.folder), entries: numbered(sorted)))
    }
    return told(series)
  }

  // MARK: - Folders

  private static func isFolder(_ path: String) -> Bool {
    var isFolder: ObjCBool = false
    return unsafe FileManager.default.fileExists(atPath: path, isDirectory: &isFolder)
      && isFolder.boolValue
  }

  private static func isTransformersFolder(_ path: String) -> Bool {
    FileManager.default.fileExists(atPath: path + "/config.json")
  }

  private static func checkpoints(in folder: String) throws(AnalysisError) -> [String] {
    let kept = TrainingFiles(folder: folder).keptEpochs
    if !kept.isEmpty { return kept }
    let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
    let paths = names.filter { !$0.hasPrefix(".") }.map { "\(folder)/\($0)" }.filter { path in
      isFolder(path)
        ? isTransformersFolder(path)
        : extensions.contains(URL(filePath: path).pathExtension.lowercased())
    }.sorted()
    guard !paths.isEmpty else {
      throw AnalysisError(
        "holds no checkpoints; give files, or a folder of trainer train \(.keep)", subject: folder)
    }
    guard Set(paths.map(pattern)).count == 1 else {
      let shown = paths.prefix(3).map { URL(filePath: $0).lastPathComponent }
      throw AnalysisError(
        "its checkpoints (\(shown.joined(separator: ", "))"
          + "\(paths.count > 3 ? ", ..." : "")) are told apart by more than numbers; give the files of "
          + "one training, or a folder of trainer train \(.keep)", subject: folder)
    }
    return paths
  }

  // MARK: - Order

  /// A name with its numbers left out.
  private static func pattern(_ path: String) -> [String] {
    NaturalOrder.parts(path).map { part in
      if case .text(let text) = part { return text }
      return "#"
    }
  }

  private static func sorted(
    _ paths: [String], order: CheckpointOrder
  ) throws(AnalysisError) -> [String] {
    switch order {
    case .given: return paths
    case .numbers: return paths.sorted(by: NaturalOrder.precedes)
    case .automatic:
      let patterns = paths.map(pattern)
      if Set(patterns).count == 1 { return paths.sorted(by: NaturalOrder.precedes) }
      // A shell lists epoch-10 before epoch-2.
      for (place, path) in paths.enumerated() {
        let later = paths.indices.first { other in
          other > place && patterns[other] == patterns[place]
            && NaturalOrder.precedes(paths[other], path)
        }
        if let later {
          throw AnalysisError(
            "comes before \(paths[later]), though its number is higher, and not all "
              + "names have one; say with \(.order) given or numbers which order is right",
            subject: path)
        }
      }
      return paths
    }
  }

  /// The number that changes most often from one name to the next.
  private static func numbered(_ paths: [String]) -> [Entry] {
    let parts = paths.map(NaturalOrder.parts)
    guard Set(paths.map(pattern)).count == 1, let first = parts.first else {
      return paths.map { Entry(path: $0, number: nil) }
    }
    func numbers(_ place: Int) -> [Int] {
      parts.compactMap {
        if case .number(let number) = $0[place] { return number }
        return nil
      }
    }
    let best = first.indices.filter { !numbers($0).isEmpty }.max {
      Set(numbers($0)).count < Set(numbers($1)).count
    }
    return zip(paths, parts).map { path, parts in
      guard let best, case .number(let number) = parts[best] else {
        return Entry(path: path, number: nil)
      }
      return Entry(path: path, number: number)
    }
  }

  // MARK: - Names

  private static func name(of paths: [String], folder: String) -> String {
    var place = URL(filePath: folder.isEmpty ? paths[0] : folder).standardizedFileURL
    if folder.isEmpty { place.deleteLastPathComponent() }
    if place.lastPathComponent == "epochs" { place.deleteLastPathComponent() }
    return place.lastPathComponent
  }

  /// The series with names that tell them apart.
  private static func told(_ series: [CheckpointSeries]) -> [CheckpointSeries] {
    var taken: Set<String> = []
    return series.map { one in
      var (name, number) = (one.name, 2)
      while !taken.insert(name).inserted {
        name = "\(one.name)-\(number)"
        number += 1
      }
      return CheckpointSeries(name: name, entries: one.entries)
    }
  }
}
