internal import COneDNN

/// Shape of a tensor of floats and the order of its elements in memory, as oneDNN has it.
final class TensorDescriptor: @unchecked Sendable {
  // `@unchecked`: never changed after its creation.

  private let layout: UnsafeMutablePointer<onednn_layout>

  /// The layout with a name; `dnnl_format_tag_any` leaves it to the primitive.
  convenience init(_ dimensions: [Int], _ tag: dnnl_format_tag_t) throws(OneDNNError) {
    var layout = onednn_layout()
    try check(
      onednn_layout_init(
        &layout, Int32(dimensions.count), dimensions.map { dnnl_dim_t($0) }, tag),
      "layout of \(dimensions)")
    self.init(layout)
  }

  /// A layout that a primitive chose.
  convenience init(
    _ which: dnnl_query_t, of primitive: dnnl_primitive_desc_t
  ) throws(OneDNNError) {
    var layout = onednn_layout()
    try check(onednn_layout_of(&layout, primitive, which), "layout of a primitive")
    self.init(layout)
  }

  private init(_ layout: onednn_layout) {
    self.layout = .allocate(capacity: 1)
    self.layout.initialize(to: layout)
  }

  deinit {
    onednn_layout_destroy(layout)
    layout.deallocate()
  }

  /// What oneDNN's functions take; valid as long as the descriptor.
  var pointer: UnsafePointer<onednn_layout> { UnsafePointer(layout) }

  /// Floats of memory.
  var count: Int { (onednn_layout_size(layout) + 3) / 4 }

  /// Whether shape and order are the same.
  func equals(_ other: TensorDescriptor) -> Bool {
    onednn_layout_equal(layout, other.layout) == 1
  }
}
