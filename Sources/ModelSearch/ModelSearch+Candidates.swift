package import Checkpoints
internal import Datasets

extension ModelSearch {
  /// Readings of the file with the usual settings, the likelier first.
  func readings() -> [Reading] {
    guard case .success(let layers) = FoundLayer.layers(of: question.contents.tensors) else {
      return []
    }
    let shape = question.dataset.shape
    let builder = SkeletonBuilder(
      layers, channels: shape.channels, isOrdered: question.contents.keepsOrder)
    var readings: [Reading] = []
    for skeleton in builder.skeletons() {
      let search = GeometrySearch(
        skeleton, height: shape.height, width: shape.width, hints: hints)
      for (geometry, cost) in search.geometries() {
        readings.append(
          Reading(
            skeleton: skeleton, geometry: geometry, geometryCost: cost,
            settings: ReadingSettings(hints)))
      }
    }
    return readings
  }

  /// The first of some sides of square images that the tensors of a file fit.
  package static func fittingSide(
    of contents: CheckpointContents, channels: Int, among sides: [Int]
  ) -> Int? {
    guard case .success(let layers) = FoundLayer.layers(of: contents.tensors) else { return nil }
    let skeletons = SkeletonBuilder(
      layers, channels: channels, isOrdered: contents.keepsOrder
    ).skeletons()
    let hints = ModuleHints(contents.module)
    return sides.first { side in
      skeletons.contains {
        !GeometrySearch($0, height: side, width: side, hints: hints).geometries().isEmpty
      }
    }
  }

  /// The few likeliest readings of each skeleton.
  func usual(_ readings: [Reading]) -> [Reading] {
    var counts: [Skeleton: Int] = [:]
    return readings.filter { reading in
      counts[reading.skeleton, default: 0] += 1
      return counts[reading.skeleton, default: 0] <= (question.fixed.isEmpty ? 4 : 1)
    }
  }

  /// Known networks with all normalisations; where there are many, with the two most usual ones: the others are tried
  /// with the best of them.
  func trials(_ known: [SearchCandidate]) -> [SearchTrial] {
    guard hasManyNetworks else { return known.flatMap { trials($0) } }
    let usual = normalizations.sorted { $0.cost < $1.cost }.prefix(2)
    return known.flatMap { candidate in
      usual.map { SearchTrial(candidate: candidate, normalization: $0) }
    }
  }

  func trials(_ candidate: SearchCandidate) -> [SearchTrial] {
    normalizations.map { SearchTrial(candidate: candidate, normalization: $0) }
  }

  /// Trials that differ from one in a single decision.
  func neighbours(_ trial: SearchTrial, _ readings: [Reading]) -> [SearchTrial] {
    var result = normalizations.map { SearchTrial(candidate: trial.candidate, normalization: $0) }
    guard case .reading(let reading, _) = trial.candidate else {
      guard case .fixed(let network) = trial.candidate, !question.isStated else { return result }
      return result
        + network.lookalikes.map {
          SearchTrial(candidate: .fixed($0), normalization: trial.normalization)
        }
    }
    func add(_ change: (inout Reading) -> Void) {
      var changed = reading
      change(&changed)
      result.append(
        SearchTrial(
          candidate: .reading(changed, input: input), normalization: trial.normalization))
    }
    for settings in reading.settings.neighbours(
      of: reading.skeleton, reading.geometry, hints)
    {
      add { $0.settings = settings }
    }
    let others = readings.filter { $0.skeleton == reading.skeleton }
      .map { (reading: $0, distance: $0.geometry.distance(to: reading.geometry)) }
      .filter { (1...2).contains($0.distance) }
    for (other, _) in others.sorted(by: { $0.distance < $1.distance }).prefix(24) {
      add {
        $0.geometry = other.geometry
        $0.geometryCost = other.geometryCost
      }
    }
    return result
  }
}
