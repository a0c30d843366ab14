import FileFormats

/// Tensors of a state dict that are no part of the network: counters, metrics, and what belongs to a loss.
struct PassedOverTensors {
  /// The tensors that stay.
  private(set) var kept: [StoredTensor] = []
  /// What was passed over, in words.
  private(set) var remarks: [String] = []

  /// Why a tensor is no part of the network.
  private enum Kind: String, CaseIterable {
    case counter = "counters"
    case metric = "metrics"
    case loss = "tensors of the loss"
  }

  /// Last components of counters and of what averages of weights keep.
  private static let counters: Set<String> = [
    "n_averaged", "total_ops", "total_params", "num_updates", "decay", "global_step", "iteration",
    "epoch", "step", "steps", "current_epoch", "initialized", "initted",
  ]
  /// Last components of what metrics keep, below a name that says metric.
  private static let states: Set<String> = [
    "tp", "fp", "tn", "fn", "correct", "total", "confmat", "value", "sum_value", "count",
    "measure_sum",
  ]
  private static let metrics: Set<String> = [
    "acc", "acc1", "acc5", "accuracy", "metric", "metrics", "auroc", "f1", "top1", "top5",
    "confusion",
    "precision", "recall",
  ]
  /// Modules of losses, and single tensors of class weights.
  private static let losses: Set<String> = ["criterion", "criteria", "loss", "losses"]
  private static let classWeights: Set<String> = ["class_weights", "class_weight", "pos_weight"]

  /// Splits a state dict.
  ///
  /// - Parameters:
  ///   - tensors: All tensors.
  ///   - module: The module that has them, where it is known: it says what is a loss.
  init(_ tensors: [StoredTensor], module: PickledModule?) {
    var names: [Kind: [String]] = [:]
    for tensor in tensors {
      if let kind = Self.kind(tensor, module) {
        names[kind, default: []].append(tensor.name)
      } else {
        kept.append(tensor)
      }
    }
    remarks = Kind.allCases.compactMap { kind in
      names[kind].map { "\(kind.rawValue) are passed over: \(Self.list($0))" }
    }
  }

  /// Names, the first of many.
  static func list(_ names: [String]) -> String {
    names.prefix(4).joined(separator: ", ")
      + (names.count > 4 ? " and \(names.count - 4) more" : "")
  }

  private static func kind(_ tensor: StoredTensor, _ module: PickledModule?) -> Kind? {
    let components = tensor.name.split(separator: ".")
    let last = components.last.map(String.init) ?? ""
    if isOfLoss(components, module) || (classWeights.contains(last) && tensor.shape.count == 1) {
      return .loss
    }
    // Batch norms count too, but that is known to whoever reads them.
    if last == "num_batches_tracked" { return nil }
    let isMetric = components.dropLast().contains {
      words(in: $0).contains(where: metrics.contains)
    }
    if isMetric && (states.contains(last) || !tensor.type.isFloatingPoint) { return .metric }
    guard tensor.array.count == 1 else { return nil }
    return counters.contains(last) || (tensor.shape.isEmpty && !tensor.type.isFloatingPoint)
      ? .counter : nil
  }

  private static func isOfLoss(_ components: [Substring], _ module: PickledModule?) -> Bool {
    var inner = module
    for component in components.dropLast() {
      if words(in: component).contains(where: losses.contains) { return true }
      inner = inner?.children.first { $0.name == component }?.module
      if inner?.isLoss == true { return true }
    }
    return false
  }
}
