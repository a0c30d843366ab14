package import FileFormats

/// The tensors of a dictionary that `torch.save` wrote, described before any of them is read.
package struct TensorArchive {
  /// Views by the names of the tensors, in the order of the dictionary.
  package let views: [(name: String, view: StridedView)]
  private let zip: PyTorchZip

  /// Reads the description; what is no tensor is passed over.
  ///
  /// - Throws: `FileFormatError` if the bytes are no zip archive of PyTorch, damaged, or name
  ///   anything but tensors.
  package init(_ source: ByteSource) throws(FileFormatError) {
    zip = try PyTorchZip(try ZipArchive(source), fileSize: source.count)
    views = try zip.views()
  }

  /// The bytes of a storage, checked against their CRC-32.
  ///
  /// - Throws: `FileFormatError` if they are missing or damaged.
  package func storage(_ name: String) throws(FileFormatError) -> ArraySlice<UInt8> {
    try zip.storage(name)
  }
}
