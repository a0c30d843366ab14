/// `torch.nn`: what its modules compute in evaluation from the attributes that files hold.
///
/// Attributes that old files lack have PyTorch's defaults. Modules without parameters can be made inside a pass.
enum PyTorchModules {
  static let text = activations + layers + pools + containers + recurrences
}
