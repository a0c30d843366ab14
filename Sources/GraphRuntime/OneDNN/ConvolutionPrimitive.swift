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
  private let source: TensorDescriptor
  private let destination: TensorDescriptor
  private let bias: TensorDescriptor
  private let filter: TensorDescriptor
  private let plainFilter: TensorDescriptor
  private let scratch: TensorDescriptor
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
    let groups = geometry.groups
    let filterDimensions =
      groups == 1
      ? filterShape.dimensions
      : [groups, filterShape[0] / groups] + filterShape.dimensions.dropFirst()
    source = try TensorDescriptor(input.dimensions, inputLayout.imageTag)
    destination = try TensorDescriptor(output.dimensions, outputLayout.imageTag)
    bias = try TensorDescriptor([output[1]], dnnl_a)
    plainFilter = try TensorDescriptor(filterDimensions, groups == 1 ? dnnl_oihw : dnnl_goihw)

    let descriptor = try Self.descriptor(
      kind, source: source, filter: TensorDescriptor(filterDimensions, dnnl_format_tag_any),
      bias: epilogue.bias ? bias : nil, destination: destination,
      geometry: onednn_geometry(geometry), addsToOutput: epilogue.sum,
      of: "convolution of \(input) with \(filterShape)")
    defer { dnnl_primitive_desc_destroy(descriptor) }
    filter = try TensorDescriptor(
      kind == .filterGradient ? dnnl_query_diff_weights_md : dnnl_query_weights_md, of: descriptor)
    scratch = try TensorDescriptor(dnnl_query_scratchpad_md, of: descriptor)
    scratchCount = scratch.count
    filterCount = filter.count
    filterIsPlain = filter.equals(plainFilter)
    var name: UnsafePointer<CChar>?
    dnnl_primitive_desc_query(descriptor, dnnl_query_impl_info_str, 0, &name)
    implementation = name.map { String(cString: $0) } ?? "unknown"
    primitive = try Self.primitive(descriptor, "convolution primitive")
    toLibrary =
      filterIsPlain || kind == .filterGradient ? nil : try Self.reorder(plainFilter, filter)
    fromLibrary =
      filterIsPlain || kind != .filterGradient ? nil : try Self.reorder(filter, plainFilter)
  }

  deinit {
    dnnl_primitive_destroy(primitive)
    if let toLibrary { dnnl_primitive_destroy(toLibrary) }
    if let fromLibrary { dnnl_primitive_destroy(fromLibrary) }
  }

  /// What the library would run.
  private static func descriptor(
    _ kind: ConvolutionKind, source: TensorDescriptor, filter: TensorDescriptor,
    bias: TensorDescriptor?, destination: TensorDescriptor, geometry: onednn_geometry,
    addsToOutput: Bool, of name: String
  ) throws(OneDNNError) -> dnnl_primitive_desc_t {
    var attributes: dnnl_primitive_attr_t?
    try check(dnnl_primitive_attr_create(&attributes), "attributes")
    defer { dnnl_primitive_attr_destroy(attributes) }
    try check(
      dnnl_primitive_attr_set_scratchpad_mode(attributes, dnnl_scratchpad_mode_user), "scratchpad")
    if addsToOutput {
      var operations: dnnl_post_ops_t?
      try check(dnnl_post_ops_create(&operations), "post-operations")
      defer { dnnl_post_ops_destroy(operations) }
      try check(onednn_append_sum(operations), "post-operation sum")
      try check(dnnl_primitive_attr_set_post_ops(attributes, operations), "post-operations")
    }

    let engine = OneDNN.engine
    let isForward = kind == .forward
    var forward: dnnl_primitive_desc_t?
    try check(
      onednn_convolution_forward(
        &forward, engine, isForward ? dnnl_forward_inference : dnnl_forward_training,
        source.pointer, filter.pointer, bias?.pointer, destination.pointer, geometry,
        isForward ? attributes : nil), name)
    var gradient: dnnl_primitive_desc_t?
    switch kind {
    case .forward: break
    case .inputGradient:
      defer { dnnl_primitive_desc_destroy(forward) }
      try check(
        onednn_convolution_input_gradient(
          &gradient, engine, source.pointer, filter.pointer, destination.pointer, geometry,
          forward, attributes), "input gradient of the \(name)")
    case .filterGradient:
      defer { dnnl_primitive_desc_destroy(forward) }
      try check(
        onednn_convolution_filter_gradient(
          &gradient, engine, source.pointer, filter.pointer, destination.pointer, geometry,
          forward, attributes), "filter gradient of the \(name)")
    }
    guard let result = isForward ? forward : gradient else {
      throw OneDNNError(call: name, status: 0)
    }
    return result
  }

  private static func reorder(
    _ from: TensorDescriptor, _ to: TensorDescriptor
  ) throws(OneDNNError) -> dnnl_primitive_t {
    var descriptor: dnnl_primitive_desc_t?
    try check(
      onednn_reorder_create(&descriptor, OneDNN.engine, from.pointer, to.pointer),
      "reorder description")
    defer { dnnl_primitive_desc_destroy(descriptor) }
    return try primitive(descriptor, "reorder primitive")
  }

  private static func primitive(
    _ descriptor: dnnl_primitive_desc_t?, _ name: String
  ) throws(OneDNNError) -> dnnl_primitive_t {
    var created: dnnl_primitive_t?
    try check(dnnl_primitive_create(&created, descriptor), name)
    guard let created else { throw OneDNNError(call: name, status: 0) }
    return created
  }

  /// Whether the library fell back to its slow plain loops.
  var isReference: Bool { implementation.hasPrefix("ref") || implementation.contains(":ref") }

  /// Whether filters of this primitive are laid out as those of another.
  func hasFilterLayout(of other: ConvolutionPrimitive) -> Bool { filter.equals(other.filter) }

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
  ///   - biasData: One number per output channel, when the epilogue has a bias.
  ///   - scratchData: `scratchCount` floats.
  func run(
    input: UnsafeMutablePointer<Float>, filter filterData: UnsafeMutablePointer<Float>,
    output: UnsafeMutablePointer<Float>, bias biasData: UnsafeMutablePointer<Float>?,
    scratch scratchData: UnsafeMutablePointer<Float>
  ) {
    var arguments: [(Int32, TensorDescriptor, UnsafeMutablePointer<Float>)]
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
    if hasBias, let biasData { arguments.append((DNNL_ARG_BIAS, bias, biasData)) }
    if scratchCount > 0 { arguments.append((DNNL_ARG_SCRATCHPAD, scratch, scratchData)) }
    execute(primitive, arguments)
  }

  /// Runs a primitive on the caller's memory.
  ///
  /// The calls below cannot fail for shapes that the primitive was created with, other than for
  /// lack of memory.
  private func execute(
    _ primitive: dnnl_primitive_t,
    _ tensors: [(Int32, TensorDescriptor, UnsafeMutablePointer<Float>)]
  ) {
    var stream: dnnl_stream_t?
    dnnl_stream_create(&stream, OneDNN.engine, UInt32(dnnl_stream_default_flags.rawValue))
    defer { dnnl_stream_destroy(stream) }
    var arguments: [dnnl_exec_arg_t] = []
    for (name, descriptor, data) in tensors {
      var memory: dnnl_memory_t?
      onednn_memory_create(&memory, descriptor.pointer, OneDNN.engine, data)
      arguments.append(dnnl_exec_arg_t(arg: name, memory: memory))
    }
    let status = dnnl_primitive_execute(primitive, stream, Int32(arguments.count), arguments)
    dnnl_stream_wait(stream)
    for argument in arguments { dnnl_memory_destroy(argument.memory) }
    precondition(status == dnnl_success, "oneDNN: execution failed with status \(status.rawValue)")
  }
}

extension onednn_geometry {
  /// The numbers of a convolution as oneDNN counts them: of a dilation, the zeros between taps.
  init(_ geometry: ConvolutionGeometry) {
    func pair(_ numbers: [Int]) -> (dnnl_dim_t, dnnl_dim_t) {
      (dnnl_dim_t(numbers[0]), dnnl_dim_t(numbers[1]))
    }
    self.init(
      strides: pair(geometry.stride), dilation: pair(geometry.dilation.map { $0 - 1 }),
      padding_low: pair(geometry.paddingLow), padding_high: pair(geometry.paddingHigh))
  }
}
