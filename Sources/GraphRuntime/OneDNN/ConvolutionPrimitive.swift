internal import COneDNN
internal import ComputationGraph

/// Which of the three related computations a primitive does.
enum ConvolutionKind: Hashable {
  case forward
  case inputGradient
  case filterGradient
}

/// What is done with the result of a forward convolution before it is stored.
struct ConvolutionEpilogue: Hashable {
  /// A number per output channel is added.
  var bias = false
  /// The former content of the output is added.
  var sum = false
}

/// A direct oneDNN convolution for fixed shapes; may run on several threads at once.
///
/// Scratch memory is the caller's: the library's own crashes when a primitive that one thread
/// created runs on another. Created with one OpenMP thread, it runs on one.
final class ConvolutionPrimitive: @unchecked Sendable {
  let kind: ConvolutionKind
  let implementation: String
  /// Floats of scratch memory.
  let scratchCount: Int
  /// Floats of the filters in the layout that the primitive wants.
  let filterCount: Int
  /// The layout of the filters is plain `oihw` (or `goihw`).
  let filterIsPlain: Bool
  private let primitive: dnnl_primitive_t
  private let descriptor: dnnl_primitive_desc_t
  private var source = dnnl_memory_desc_t()
  private var destination = dnnl_memory_desc_t()
  private var biasDescriptor = dnnl_memory_desc_t()
  private var filter = dnnl_memory_desc_t()
  private var plainFilter = dnnl_memory_desc_t()
  private var scratch = dnnl_memory_desc_t()
  private let hasBias: Bool
  private let toLibrary: dnnl_primitive_t?
  private let fromLibrary: dnnl_primitive_t?

  /// Creates the primitive.
  ///
  /// - Throws: `OneDNNError` when the library has no implementation.
  init(
    kind: ConvolutionKind, geometry: ConvolutionGeometry, input: Shape, filter filterShape: Shape,
    output: Shape, inputLayout: TensorLayout, outputLayout: TensorLayout,
    epilogue: ConvolutionEpilogue
  ) throws(OneDNNError) {
    self.kind = kind
    hasBias = epilogue.bias
    let algorithm = dnnl_convolution_direct
    var attributes: dnnl_primitive_attr_t?
    try check(dnnl_primitive_attr_create(&attributes), "attributes")
    defer { dnnl_primitive_attr_destroy(attributes) }
    try check(
      dnnl_primitive_attr_set_scratchpad_mode(attributes, dnnl_scratchpad_mode_user), "scratchpad")
    if epilogue.sum {
      var operations: dnnl_post_ops_t?
      try check(dnnl_post_ops_create(&operations), "post-operations")
      defer { dnnl_post_ops_destroy(operations) }
      try check(dnnl_post_ops_append_sum(operations, 1), "post-operation sum")
      try check(dnnl_primitive_attr_set_post_ops(attributes, operations), "post-operations")
    }

    let dims: (Shape) -> [dnnl_dim_t] = { $0.dimensions.map { dnnl_dim_t($0) } }
    let groups = geometry.groups
    let filterDims =
      groups == 1
      ? dims(filterShape)
      : [dnnl_dim_t(groups), dnnl_dim_t(filterShape[0] / groups)] + dims(filterShape).dropFirst()
    let filterRank = Int32(filterDims.count)
    try check(
      dnnl_memory_desc_init_by_tag(&source, 4, dims(input), dnnl_f32, inputLayout.imageTag),
      "layout of the input")
    try check(
      dnnl_memory_desc_init_by_tag(&destination, 4, dims(output), dnnl_f32, outputLayout.imageTag),
      "layout of the output")
    try check(
      dnnl_memory_desc_init_by_tag(
        &plainFilter, filterRank, filterDims, dnnl_f32, groups == 1 ? dnnl_oihw : dnnl_goihw),
      "layout of the filters")
    var anyFilter = dnnl_memory_desc_t()
    try check(
      dnnl_memory_desc_init_by_tag(
        &anyFilter, filterRank, filterDims, dnnl_f32, dnnl_format_tag_any),
      "layout of the filters")
    try check(
      dnnl_memory_desc_init_by_tag(
        &biasDescriptor, 1, [dnnl_dim_t(output[1])], dnnl_f32, dnnl_a), "layout of the bias")

    let strides = geometry.stride.map { dnnl_dim_t($0) }
    let low = geometry.paddingLow.map { dnnl_dim_t($0) }
    let high = geometry.paddingHigh.map { dnnl_dim_t($0) }
    // oneDNN counts the zeros between taps.
    let dilation = geometry.dilation.map { dnnl_dim_t($0 - 1) }
    var forward = dnnl_convolution_desc_t()
    let propagation = kind == .forward ? dnnl_forward_inference : dnnl_forward_training
    if hasBias {
      try check(
        dnnl_dilated_convolution_forward_desc_init(
          &forward, propagation, algorithm, &source, &anyFilter, &biasDescriptor, &destination,
          strides, dilation, low, high), "convolution description")
    } else {
      try check(
        dnnl_dilated_convolution_forward_desc_init(
          &forward, propagation, algorithm, &source, &anyFilter, nil, &destination, strides,
          dilation, low, high), "convolution description")
    }
    var forwardDescriptor: dnnl_primitive_desc_t?
    try check(
      dnnl_primitive_desc_create(
        &forwardDescriptor, &forward, kind == .forward ? attributes : nil, OneDNN.engine, nil),
      "convolution of \(input) with \(filterShape)")
    var chosen = forwardDescriptor
    if kind != .forward {
      defer { dnnl_primitive_desc_destroy(forwardDescriptor) }
      var backward = dnnl_convolution_desc_t()
      if kind == .inputGradient {
        try check(
          dnnl_dilated_convolution_backward_data_desc_init(
            &backward, algorithm, &source, &anyFilter, &destination, strides, dilation, low,
            high), "input gradient description")
      } else {
        try check(
          dnnl_dilated_convolution_backward_weights_desc_init(
            &backward, algorithm, &source, &anyFilter, nil, &destination, strides, dilation,
            low, high), "filter gradient description")
      }
      chosen = nil
      try check(
        dnnl_primitive_desc_create(
          &chosen, &backward, attributes, OneDNN.engine, forwardDescriptor),
        "gradient of the convolution of \(input) with \(filterShape)")
    }
    guard let descriptor = chosen else {
      throw OneDNNError(call: "convolution descriptor", status: 0)
    }
    self.descriptor = descriptor
    var created: dnnl_primitive_t?
    try check(dnnl_primitive_create(&created, descriptor), "convolution primitive")
    guard let primitive = created else {
      throw OneDNNError(call: "convolution primitive", status: 0)
    }
    self.primitive = primitive
    let wanted = kind == .filterGradient ? dnnl_query_diff_weights_md : dnnl_query_weights_md
    filter = dnnl_primitive_desc_query_md(descriptor, wanted, 0).pointee
    scratch = dnnl_primitive_desc_query_md(descriptor, dnnl_query_scratchpad_md, 0).pointee
    scratchCount = (dnnl_memory_desc_get_size(&scratch) + 3) / 4
    filterCount = (dnnl_memory_desc_get_size(&filter) + 3) / 4
    filterIsPlain = dnnl_memory_desc_equal(&filter, &plainFilter) == 1
    var name: UnsafePointer<CChar>?
    dnnl_primitive_desc_query(descriptor, dnnl_query_impl_info_str, 0, &name)
    implementation = name.map { String(cString: $0) } ?? "unknown"
    toLibrary =
      filterIsPlain || kind == .filterGradient ? nil : try Self.reorder(plainFilter, filter)
    fromLibrary =
      filterIsPlain || kind != .filterGradient ? nil : try Self.reorder(filter, plainFilter)
  }

  deinit {
    dnnl_primitive_destroy(primitive)
    dnnl_primitive_desc_destroy(descriptor)
    if let toLibrary { dnnl_primitive_destroy(toLibrary) }
    if let fromLibrary { dnnl_primitive_destroy(fromLibrary) }
  }

  private static func reorder(
    _ from: dnnl_memory_desc_t, _ to: dnnl_memory_desc_t
  ) throws(OneDNNError) -> dnnl_primitive_t? {
    var from = from
    var to = to
    var descriptor: dnnl_primitive_desc_t?
    try check(
      dnnl_reorder_primitive_desc_create(
        &descriptor, &from, OneDNN.engine, &to, OneDNN.engine, nil), "reorder description")
    defer { dnnl_primitive_desc_destroy(descriptor) }
    var primitive: dnnl_primitive_t?
    try check(dnnl_primitive_create(&primitive, descriptor), "reorder primitive")
    return primitive
  }

  /// Whether the library fell back to its slow plain loops.
  var isReference: Bool { implementation.hasPrefix("ref") || implementation.contains(":ref") }

  /// Whether filters of this primitive are laid out as those of another.
  func hasFilterLayout(of other: ConvolutionPrimitive) -> Bool {
    var (own, others) = (filter, other.filter)
    return dnnl_memory_desc_equal(&own, &others) == 1
  }

  /// Brings plain filters into the layout of the primitive.
  func packFilter(_ plain: UnsafePointer<Float>, into packed: UnsafeMutablePointer<Float>) {
    guard let toLibrary else {
      packed.update(from: plain, count: filterCount)
      return
    }
    execute(
      toLibrary,
      [
        (DNNL_ARG_FROM, plainFilter, UnsafeMutablePointer(mutating: plain)),
        (DNNL_ARG_TO, filter, packed),
      ])
  }

  /// Brings a filter gradient of the primitive into plain order.
  func unpackFilter(_ packed: UnsafePointer<Float>, into plain: UnsafeMutablePointer<Float>) {
    guard let fromLibrary else {
      plain.update(from: packed, count: filterCount)
      return
    }
    execute(
      fromLibrary,
      [
        (DNNL_ARG_FROM, filter, UnsafeMutablePointer(mutating: packed)),
        (DNNL_ARG_TO, plainFilter, plain),
      ])
  }

  /// Runs the convolution.
  ///
  /// - Parameters:
  ///   - input: Images (or their gradient, the result of `.inputGradient`).
  ///   - filterData: Packed filters (or their gradient, the result of `.filterGradient`).
  ///   - output: Result of `.forward`, else its gradient.
  ///   - bias: One number per output channel, when the epilogue has a bias.
  ///   - scratchData: `scratchCount` floats.
  func run(
    input: UnsafeMutablePointer<Float>, filter filterData: UnsafeMutablePointer<Float>,
    output: UnsafeMutablePointer<Float>, bias: UnsafeMutablePointer<Float>?,
    scratch scratchData: UnsafeMutablePointer<Float>
  ) {
    var arguments: [(Int32, dnnl_memory_desc_t, UnsafeMutablePointer<Float>)]
    switch kind {
    case .forward:
      arguments = [
        (DNNL_ARG_SRC, source, input), (DNNL_ARG_WEIGHTS, filter, filterData),
        (DNNL_ARG_DST, destination, output),
      ]
    case .inputGradient:
      arguments = [
        (DNNL_ARG_DIFF_SRC, source, input), (DNNL_ARG_WEIGHTS, filter, filterData),
        (DNNL_ARG_DIFF_DST, destination, output),
      ]
    case .filterGradient:
      arguments = [
        (DNNL_ARG_SRC, source, input), (DNNL_ARG_DIFF_WEIGHTS, filter, filterData),
        (DNNL_ARG_DIFF_DST, destination, output),
      ]
    }
    if hasBias, let bias { arguments.append((DNNL_ARG_BIAS, biasDescriptor, bias)) }
    if scratchCount > 0 { arguments.append((DNNL_ARG_SCRATCHPAD, scratch, scratchData)) }
    execute(primitive, arguments)
  }

  /// Runs a primitive on the caller's memory.
  ///
  /// The calls below cannot fail for shapes that the primitive was created with, other than for
  /// lack of memory.
  private func execute(
    _ primitive: dnnl_primitive_t,
    _ tensors: [(Int32, dnnl_memory_desc_t, UnsafeMutablePointer<Float>)]
  ) {
    var stream: dnnl_stream_t?
    dnnl_stream_create(&stream, OneDNN.engine, UInt32(dnnl_stream_default_flags.rawValue))
    defer { dnnl_stream_destroy(stream) }
    var arguments: [dnnl_exec_arg_t] = []
    for (name, descriptor, data) in tensors {
      var memory: dnnl_memory_t?
      var descriptor = descriptor
      dnnl_memory_create(&memory, &descriptor, OneDNN.engine, data)
      arguments.append(dnnl_exec_arg_t(arg: name, memory: memory))
    }
    let status = dnnl_primitive_execute(primitive, stream, Int32(arguments.count), arguments)
    dnnl_stream_wait(stream)
    for argument in arguments { dnnl_memory_destroy(argument.memory) }
    precondition(status == dnnl_success, "oneDNN: execution failed with status \(status.rawValue)")
  }
}
