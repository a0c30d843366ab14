extension Architecture {
  /// All names that `named` understands, with what they mean, for help texts: patterns, then the
  /// networks of each source.
  package static let acceptedNames: [ArchitecturePattern] =
    ArchitectureFamily.all.flatMap { $0.patterns }
    + sources.map { suffix, meaning in
      ("NAME\(suffix)", "\(meaning); NAME is " + names(of: suffix).joined(separator: ", "))
    } + [("...-wN", "a ResNet or pre-activation ResNet with N channels in its first stage")]

  /// Ends of names and where they come from.
  private static let sources: [(suffix: String, meaning: String)] = [
    ("", "kuangliu/pytorch-cifar, 32 x 32 pixels"),
    ("-cifar", "names of torchvision with a 3x3 stem"),
    ("-chenyaofo", "chenyaofo/pytorch-cifar-models"),
    ("-weiaicunzai", "weiaicunzai/pytorch-cifar100"),
    ("-huyvnphan", "huyvnphan/PyTorch_CIFAR10"),
    ("-imagenet", "torchvision, 224 x 224 pixels"),
    ("-timm", "timm"),
  ]

  /// What stands before a source's end in its names.
  private static func names(of suffix: String) -> [String] {
    ArchitectureFamily.all.flatMap { $0.names }.filter { source(of: $0) == suffix }
      .map { String($0.dropLast(suffix.count)) }.sorted()
  }

  private static func source(of name: String) -> String {
    // This one is pytorch-cifar's own name.
    if name == "densenet-cifar" { return "" }
    return sources.first { !$0.suffix.isEmpty && name.hasSuffix($0.suffix) }?.suffix ?? ""
  }
}
