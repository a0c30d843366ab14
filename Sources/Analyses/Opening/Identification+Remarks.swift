internal import Artifacts
internal import Checkpoints
internal import Foundation
internal import ModelSearch
internal import NeuralNetworks
internal import Objectives
internal import Settings

extension OpenedCheckpoint {
  /// What was found with all that is said of it: how it was measured, what speaks for it or against it, and what is as good.
  ///
  /// - Throws: `CheckpointError` where nothing does better than guessing and nobody says what it is.
  func identification(
    _ found: SearchOutcome, isStated: Bool, _ configuration: ModelConfiguration, seconds: Double
  ) throws -> Identification {
    let (chosen, samples) = (found.reading.chosen, found.reading.samples)
    let measured =
      "loss \(number(chosen.loss)), \(chosen.correct) of \(samples) right, the best of "
      + "\(found.reading.tried) networks and normalisations tried in \(durationText(seconds))"
    var remarks: [String] = []
    var warnings: [String] = []
    if found.isAboveChance {
      remarks.append(
        isStated
          ? "\(file.path): normalisation \(chosen.normalization): \(measured)"
          : "\(file.path): \(file.format), read as \(chosen.architecture), "
            + "\(found.trained.model.layout.count) parameters, normalisation "
            + "\(chosen.normalization): \(measured)")
      if !isStated {
        let doubt = doubt(found)
        remarks += [doubt.remark].compactMap(\.self)
        warnings += [doubt.warning].compactMap(\.self)
        if let slope = found.loneSlope {
          warnings.append(
            "\(file.path): \(slope) is its only learned slope and stands behind one layer here; a network that has it "
              + "behind several has to be exported (torch.export.save)")
        }
      }
      remarks += [found.outputLook.flatMap { loss(for: $0, configuration) }].compactMap(\.self)
      for tie in found.reading.ties.prefix(4) {
        remarks.append(
          "as good: \(difference(tie, chosen)): loss \(number(tie.loss)), \(tie.correct) right")
      }
    } else {
      guard found.hasKnownNames || configuration.normalization != nil else {
        throw CheckpointError(
          contents.path,
          "of \(found.reading.tried) networks that fit its tensors (\(contents.layerSketch)) with "
            + "usual normalisations none does better on \(samples) images than guessing; say what it "
            + "is with \(.architecture) and \(.normalization), or check \(.data) and \(.labels)")
      }
      warnings.append(
        "\(contents.path): read as \(chosen.architecture) with normalisation "
          + "\(chosen.normalization), the usual choice, but no reading of the file does better on "
          + "these data than guessing"
          + (isStated
            ? "; \(.normalization) says how the images were prepared"
            : ": activation, pooling, padding and order of layers cannot be seen from shapes; "
              + "\(.architecture) and \(.normalization) say them"))
    }
    if let recorded = contents.recordedAccuracy,
      abs(recorded.percent - 100 * Double(chosen.correct) / Double(samples)) > 10
    {
      warnings.append(
        "\(file.path): says \(recorded.key) \(number(recorded.percent)) %, but "
          + "\(chosen.correct) of \(samples) images are right as it was read; data, architecture or "
          + "normalisation may not be those of its training")
    }
    return Identification(
      trained: found.trained, normalization: found.normalization, reading: found.reading,
      remarks: remarks, warnings: warnings)
  }

  /// Running statistics of right readings are nearer to those of the images: those of the shared zoo have at most
  /// 0.13 deviations, as the note says of each of them.
  private static let largestDrift = 0.15

  /// What speaks for a reading beside its loss, or against it: of the networks that were tried it is the best,
  /// but the right one may be none of them.
  private func doubt(_ found: SearchOutcome) -> (remark: String?, warning: String?) {
    guard found.trained.hasStatistics else {
      return (
        nil,
        "\(file.path): its norms have no running statistics; if they are group, layer or instance norms and "
          + "not batch norms, say the layers with \(.architecture)"
      )
    }
    guard let drift = found.drift else {
      if hasOwnNames(found) { return (nil, nil) }
      return (
        "nothing in the file can confirm this reading: if its loss is not that of the training, say the layers "
          + "with \(.architecture)" + (found.resizedSide.map(Self.resizing) ?? ""), nil
      )
    }
    guard drift > Self.largestDrift else {
      return (
        hasOwnNames(found)
          ? nil
          : "its running statistics are those of these images, to \(number(drift)) deviations: so are the layers up "
            + "to the last batch norm; what is behind it has the loss alone to speak for it", nil
      )
    }
    return (
      nil,
      "\(file.path): its running statistics are \(number(drift)) deviations from those of these images, more "
        + "than a right reading has: another network, or other images; say the layers with \(.architecture)"
    )
  }

  /// The loss that outputs look like, where none was chosen.
  private func loss(for look: OutputLook, _ configuration: ModelConfiguration) -> String? {
    guard configuration.loss == nil else { return nil }
    let (what, sum, kind) =
      switch look {
      case .events(let sum): ("the sigmoids of its outputs", sum, Loss.Kind.binaryCrossEntropy)
      case .numbers(let sum): ("its outputs", sum, Loss.Kind.squaredError)
      }
    return
      "\(what) add up to \(number(sum)), as if it was not trained with the cross-entropy that is taken here; "
      + "\(.loss) \(kind.rawValue) says another loss"
  }

  private static func resizing(_ side: Int) -> String {
    "; without their border they fit images of \(side) x \(side): if it was trained on resized ones, give "
      + "\(.resize) \(side)"
  }

  /// Whether it is a known architecture and the file has that one's names, which say something too.
  private func hasOwnNames(_ found: SearchOutcome) -> Bool {
    !LayerNetwork.isList(found.reading.chosen.architecture) && found.trained.hasOwnNames
  }

  private func difference(_ a: MeasuredReading.Entry, _ b: MeasuredReading.Entry) -> String {
    var parts: [String] = []
    if a.architecture != b.architecture { parts.append(a.architecture) }
    if a.normalization != b.normalization { parts.append("normalisation \(a.normalization)") }
    return parts.joined(separator: ", ")
  }

  private func number(_ value: Double) -> String { String(format: "%.4g", value) }
}
