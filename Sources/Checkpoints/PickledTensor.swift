package import FileFormats

/// A tensor as a pickle of PyTorch describes it, before any element is read.
package struct PickledTensor: Sendable {
  /// Its place in a storage, which counts from the start of the part of the storage that is meant.
  package let view: StridedView
  /// Whether derivatives are taken by it.
  package let requiresGradient: Bool

  /// What a call stands for; nil for a call that makes no tensor of numbers.
  ///
  /// - Throws: `FileFormatError` if it is described in an unknown form.
  package init?(_ object: PickleObject, name: String) throws(FileFormatError) {
    guard let (_, view) = try TensorRebuilder.described(object, name: name) else { return nil }
    self.view = view
    guard object.callable.name.hasPrefix("_rebuild_tensor_v"), object.arguments.count > 4,
      case .boolean(let flag) = object.arguments[4]
    else {
      requiresGradient = object.callable.name.hasPrefix("_rebuild_parameter")
      return
    }
    requiresGradient = flag
  }
}

extension PickleGlobalPolicy {
  /// What TorchScript writes: as for checkpoints, and calls that say what a list holds.
  package static let torchScript = PickleGlobalPolicy { global in
    global.module == "torch.jit._pickle" ? .allowed : PyTorchGlobals.policy(global)
  }
}
