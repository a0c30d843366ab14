// Made by `generate`; do not edit.

/// Schemas of PyTorch's operators, one a line, those of an operator in the order in which PyTorch tries them.
enum ATenSchemaTable {
  static let text = """
    __and__.Scalar(Tensor self, Scalar other) -> Tensor
    __and__.Tensor(Tensor self, Tensor other) -> Tensor
    __or__.Tensor(Tensor self, Tensor other) -> Tensor
    __or__.Scalar(Tensor self, Scalar other) -> Tensor
    __xor__.Tensor(Tensor self, Tensor other) -> Tensor
    __xor__.Scalar(Tensor self, Scalar other) -> Tensor
    _adaptive_avg_pool2d(Tensor self, int[2] output_size) -> Tensor
    _adaptive_avg_pool3d(Tensor self, int[3] output_size) -> Tensor
    _convolution.deprecated(Tensor input, Tensor weight, Tensor? bias, int[] stride, int[] padding, int[] dilation, bool transposed, int[] output_padding, int groups, bool benchmark, bool deterministic, bool cudnn_enabled) -> Tensor
    _convolution(Tensor input, Tensor weight, Tensor? bias, int[] stride, int[] padding, int[] dilation, bool transposed, int[] output_padding, int groups, bool benchmark, bool deterministic, bool cudnn_enabled, bool allow_tf32) -> Tensor
    _fused_rms_norm(Tensor input, int[] normalized_shape, Tensor? weight, float? eps) -> (Tensor, Tensor)
    _log_softmax(Tensor self, int dim, bool half_to_float) -> Tensor
    _native_batch_norm_legit(Tensor input, Tensor? weight, Tensor? bias, Tensor running_mean, Tensor running_var, bool training, float momentum, float eps) -> (Tensor, Tensor, Tensor)
    _native_batch_norm_legit.no_stats(Tensor input, Tensor? weight, Tensor? bias, bool training, float momentum, float eps) -> (Tensor, Tensor, Tensor)
    _native_batch_norm_legit_no_training(Tensor input, Tensor? weight, Tensor? bias, Tensor running_mean, Tensor running_var, float momentum, float eps) -> (Tensor, Tensor, Tensor)
    _prelu_kernel(Tensor self, Tensor weight) -> Tensor
    _safe_softmax(Tensor self, int dim, ScalarType? dtype=None) -> Tensor
    _softmax(Tensor self, int dim, bool half_to_float) -> Tensor
    _to_copy(Tensor self, *, ScalarType? dtype=None, Layout? layout=None, Device? device=None, bool? pin_memory=None, bool non_blocking=False, MemoryFormat? memory_format=None) -> Tensor
    _unsafe_index.Tensor(Tensor self, Tensor?[] indices) -> Tensor
    _unsafe_index.Tensor_hacked_twin(Tensor self, Tensor[] indices) -> Tensor
    _unsafe_view(Tensor self, int[] size) -> Tensor
    _upsample_nearest_exact1d(Tensor self, int[1] output_size, float? scales=None) -> Tensor
    _upsample_nearest_exact1d.vec(Tensor input, int[]? output_size, float[]? scale_factors) -> Tensor
    _upsample_nearest_exact2d(Tensor self, int[2] output_size, float? scales_h=None, float? scales_w=None) -> Tensor
    _upsample_nearest_exact2d.vec(Tensor input, int[]? output_size, float[]? scale_factors) -> Tensor
    abs(Tensor self) -> Tensor
    adaptive_avg_pool1d(Tensor self, int[1] output_size) -> Tensor
    adaptive_avg_pool2d(Tensor self, int[2] output_size) -> Tensor
    adaptive_avg_pool3d(Tensor self, int[3] output_size) -> Tensor
    adaptive_max_pool1d(Tensor self, int[1] output_size) -> (Tensor, Tensor)
    adaptive_max_pool2d(Tensor self, int[2] output_size) -> (Tensor, Tensor)
    add.Tensor(Tensor self, Tensor other, *, Scalar alpha=1) -> Tensor
    add.Scalar(Tensor self, Scalar other, Scalar alpha=1) -> Tensor
    addcdiv(Tensor self, Tensor tensor1, Tensor tensor2, *, Scalar value=1) -> Tensor
    addcmul(Tensor self, Tensor tensor1, Tensor tensor2, *, Scalar value=1) -> Tensor
    addmm(Tensor self, Tensor mat1, Tensor mat2, *, Scalar beta=1, Scalar alpha=1) -> Tensor
    addmm.dtype(Tensor self, Tensor mat1, Tensor mat2, ScalarType out_dtype, *, Scalar beta=1, Scalar alpha=1) -> Tensor
    addmv(Tensor self, Tensor mat, Tensor vec, *, Scalar beta=1, Scalar alpha=1) -> Tensor
    alias(Tensor self) -> Tensor
    all(Tensor self) -> Tensor
    all.dim(Tensor self, int dim, bool keepdim=False) -> Tensor
    all.dims(Tensor self, int[]? dim=None, bool keepdim=False) -> Tensor
    alpha_dropout(Tensor input, float p, bool train) -> Tensor
    amax(Tensor self, int[1] dim=[], bool keepdim=False) -> Tensor
    amin(Tensor self, int[1] dim=[], bool keepdim=False) -> Tensor
    any(Tensor self) -> Tensor
    any.dim(Tensor self, int dim, bool keepdim=False) -> Tensor
    any.dims(Tensor self, int[]? dim=None, bool keepdim=False) -> Tensor
    arange(Scalar end, *, ScalarType? dtype=None, Layout? layout=None, Device? device=None, bool? pin_memory=None) -> Tensor
    arange.start(Scalar start, Scalar end, *, ScalarType? dtype=None, Layout? layout=None, Device? device=None, bool? pin_memory=None) -> Tensor
    arange.start_step(Scalar start, Scalar end, Scalar step=1, *, ScalarType? dtype=None, Layout? layout=None, Device? device=None, bool? pin_memory=None) -> Tensor
    argmax(Tensor self, int? dim=None, bool keepdim=False) -> Tensor
    argmin(Tensor self, int? dim=None, bool keepdim=False) -> Tensor
    as_strided(Tensor self, int[] size, int[] stride, int? storage_offset=None) -> Tensor
    avg_pool1d(Tensor self, int[1] kernel_size, int[1] stride=[], int[1] padding=[0], bool ceil_mode=False, bool count_include_pad=True) -> Tensor
    avg_pool2d(Tensor self, int[2] kernel_size, int[2] stride=[], int[2] padding=0, bool ceil_mode=False, bool count_include_pad=True, int? divisor_override=None) -> Tensor
    avg_pool3d(Tensor self, int[3] kernel_size, int[3] stride=[], int[3] padding=0, bool ceil_mode=False, bool count_include_pad=True, int? divisor_override=None) -> Tensor
    baddbmm(Tensor self, Tensor batch1, Tensor batch2, *, Scalar beta=1, Scalar alpha=1) -> Tensor
    baddbmm.dtype(Tensor self, Tensor batch1, Tensor batch2, ScalarType out_dtype, *, Scalar beta=1, Scalar alpha=1) -> Tensor
    batch_norm(Tensor input, Tensor? weight, Tensor? bias, Tensor? running_mean, Tensor? running_var, bool training, float momentum, float eps, bool cudnn_enabled) -> Tensor
    bilinear(Tensor input1, Tensor input2, Tensor weight, Tensor? bias=None) -> Tensor
    binary_cross_entropy(Tensor self, Tensor target, Tensor? weight=None, int reduction=1) -> Tensor
    binary_cross_entropy_with_logits(Tensor self, Tensor target, Tensor? weight=None, Tensor? pos_weight=None, int reduction=1) -> Tensor
    bitwise_and.Tensor(Tensor self, Tensor other) -> Tensor
    bitwise_and.Scalar(Tensor self, Scalar other) -> Tensor
    bitwise_and.Scalar_Tensor(Scalar self, Tensor other) -> Tensor
    bitwise_not(Tensor self) -> Tensor
    bitwise_or.Tensor(Tensor self, Tensor other) -> Tensor
    bitwise_or.Scalar(Tensor self, Scalar other) -> Tensor
    bitwise_or.Scalar_Tensor(Scalar self, Tensor other) -> Tensor
    bitwise_xor.Tensor(Tensor self, Tensor other) -> Tensor
    bitwise_xor.Scalar(Tensor self, Scalar other) -> Tensor
    bitwise_xor.Scalar_Tensor(Scalar self, Tensor other) -> Tensor
    bmm(Tensor self, Tensor mat2) -> Tensor
    bmm.dtype(Tensor self, Tensor mat2, ScalarType out_dtype) -> Tensor
    broadcast_tensors(Tensor[] tensors) -> Tensor[]
    broadcast_to(Tensor self, int[] size) -> Tensor
    cat(Tensor[] tensors, int dim=0) -> Tensor
    cdist(Tensor x1, Tensor x2, float p=2., int? compute_mode=None) -> Tensor
    ceil(Tensor self) -> Tensor
    celu(Tensor self, Scalar alpha=1.) -> Tensor
    channel_shuffle(Tensor self, int groups) -> Tensor
    chunk(Tensor self, int chunks, int dim=0) -> Tensor[]
    clamp(Tensor self, Scalar? min=None, Scalar? max=None) -> Tensor
    clamp.Tensor(Tensor self, Tensor? min=None, Tensor? max=None) -> Tensor
    clamp_max(Tensor self, Scalar max) -> Tensor
    clamp_max.Tensor(Tensor self, Tensor max) -> Tensor
    clamp_min(Tensor self, Scalar min) -> Tensor
    clamp_min.Tensor(Tensor self, Tensor min) -> Tensor
    clone(Tensor self, *, MemoryFormat? memory_format=None) -> Tensor
    concat(Tensor[] tensors, int dim=0) -> Tensor
    constant_pad_nd(Tensor self, int[] pad, Scalar value=0) -> Tensor
    contiguous(Tensor self, *, MemoryFormat memory_format=0) -> Tensor
    conv1d(Tensor input, Tensor weight, Tensor? bias=None, int[1] stride=[1], int[1] padding=[0], int[1] dilation=[1], int groups=1) -> Tensor
    conv1d.padding(Tensor input, Tensor weight, Tensor? bias=None, int[1] stride=[1], str padding="valid", int[1] dilation=[1], int groups=1) -> Tensor
    conv2d(Tensor input, Tensor weight, Tensor? bias=None, int[2] stride=[1, 1], int[2] padding=[0, 0], int[2] dilation=[1, 1], int groups=1) -> Tensor
    conv2d.padding(Tensor input, Tensor weight, Tensor? bias=None, int[2] stride=[1, 1], str padding="valid", int[2] dilation=[1, 1], int groups=1) -> Tensor
    conv3d(Tensor input, Tensor weight, Tensor? bias=None, int[3] stride=[1, 1, 1], int[3] padding=[0, 0, 0], int[3] dilation=[1, 1, 1], int groups=1) -> Tensor
    conv3d.padding(Tensor input, Tensor weight, Tensor? bias=None, int[3] stride=[1, 1, 1], str padding="valid", int[3] dilation=[1, 1, 1], int groups=1) -> Tensor
    conv_transpose1d(Tensor input, Tensor weight, Tensor? bias=None, int[1] stride=[1], int[1] padding=[0], int[1] output_padding=[0], int groups=1, int[1] dilation=[1]) -> Tensor
    conv_transpose2d.input(Tensor input, Tensor weight, Tensor? bias=None, int[2] stride=[1, 1], int[2] padding=[0, 0], int[2] output_padding=[0, 0], int groups=1, int[2] dilation=[1, 1]) -> Tensor
    convolution(Tensor input, Tensor weight, Tensor? bias, int[] stride, int[] padding, int[] dilation, bool transposed, int[] output_padding, int groups) -> Tensor
    copy(Tensor self, Tensor src, bool non_blocking=False) -> Tensor
    cos(Tensor self) -> Tensor
    cross_entropy_loss(Tensor self, Tensor target, Tensor? weight=None, int reduction=1, int ignore_index=-100, float label_smoothing=0.) -> Tensor
    cumsum(Tensor self, int dim, *, ScalarType? dtype=None) -> Tensor
    detach(Tensor self) -> Tensor
    detach_copy(Tensor self) -> Tensor
    diagonal(Tensor self, int offset=0, int dim1=0, int dim2=1) -> Tensor
    diff(Tensor self, int n=1, int dim=-1, Tensor? prepend=None, Tensor? append=None) -> Tensor
    div.Tensor(Tensor self, Tensor other) -> Tensor
    div.Scalar(Tensor self, Scalar other) -> Tensor
    div.Tensor_mode(Tensor self, Tensor other, *, str? rounding_mode) -> Tensor
    div.Scalar_mode(Tensor self, Scalar other, *, str? rounding_mode) -> Tensor
    dot(Tensor self, Tensor tensor) -> Tensor
    dropout(Tensor input, float p, bool train) -> Tensor
    einsum(str equation, Tensor[] tensors, *, int[]? path=None) -> Tensor
    einsum.sublist(Tensor a, ...) -> Tensor
    elu(Tensor self, Scalar alpha=1, Scalar scale=1, Scalar input_scale=1) -> Tensor
    embedding(Tensor weight, Tensor indices, int padding_idx=-1, bool scale_grad_by_freq=False, bool sparse=False) -> Tensor
    empty.memory_format(int[] size, *, ScalarType? dtype=None, Layout? layout=None, Device? device=None, bool? pin_memory=None, MemoryFormat? memory_format=None) -> Tensor
    empty_like(Tensor self, *, ScalarType? dtype=None, Layout? layout=None, Device? device=None, bool? pin_memory=None, MemoryFormat? memory_format=None) -> Tensor
    eq.Tensor(Tensor self, Tensor other) -> Tensor
    eq.Scalar(Tensor self, Scalar other) -> Tensor
    erf(Tensor self) -> Tensor
    exp(Tensor self) -> Tensor
    expand(Tensor self, int[] size, *, bool implicit=False) -> Tensor
    expand_as(Tensor self, Tensor other) -> Tensor
    expm1(Tensor self) -> Tensor
    eye(int n, *, ScalarType? dtype=None, Layout? layout=None, Device? device=None, bool? pin_memory=None) -> Tensor
    eye.m(int n, int m, *, ScalarType? dtype=None, Layout? layout=None, Device? device=None, bool? pin_memory=None) -> Tensor
    feature_dropout(Tensor input, float p, bool train) -> Tensor
    fill.Scalar(Tensor self, Scalar value) -> Tensor
    fill.Tensor(Tensor self, Tensor value) -> Tensor
    flatten.using_ints(Tensor self, int start_dim=0, int end_dim=-1) -> Tensor
    flip(Tensor self, int[] dims) -> Tensor
    floor(Tensor self) -> Tensor
    floor_divide(Tensor self, Tensor other) -> Tensor
    floor_divide.Scalar(Tensor self, Scalar other) -> Tensor
    fmod.Tensor(Tensor self, Tensor other) -> Tensor
    fmod.Scalar(Tensor self, Scalar other) -> Tensor
    full(int[] size, Scalar fill_value, *, ScalarType? dtype=None, Layout? layout=None, Device? device=None, bool? pin_memory=None) -> Tensor
    full_like(Tensor self, Scalar fill_value, *, ScalarType? dtype=None, Layout? layout=None, Device? device=None, bool? pin_memory=None, MemoryFormat? memory_format=None) -> Tensor
    gather(Tensor self, int dim, Tensor index, *, bool sparse_grad=False) -> Tensor
    ge.Tensor(Tensor self, Tensor other) -> Tensor
    ge.Scalar(Tensor self, Scalar other) -> Tensor
    gelu(Tensor self, *, str approximate="none") -> Tensor
    glu(Tensor self, int dim=-1) -> Tensor
    group_norm(Tensor input, int num_groups, Tensor? weight=None, Tensor? bias=None, float eps=1.0000000000000001e-05, bool cudnn_enabled=True) -> Tensor
    gru.input(Tensor input, Tensor hx, Tensor[] params, bool has_biases, int num_layers, float dropout, bool train, bool bidirectional, bool batch_first) -> (Tensor, Tensor)
    gru.data(Tensor data, Tensor batch_sizes, Tensor hx, Tensor[] params, bool has_biases, int num_layers, float dropout, bool train, bool bidirectional) -> (Tensor, Tensor)
    gt.Tensor(Tensor self, Tensor other) -> Tensor
    gt.Scalar(Tensor self, Scalar other) -> Tensor
    hardshrink(Tensor self, Scalar lambd=0.5) -> Tensor
    hardsigmoid(Tensor self) -> Tensor
    hardswish(Tensor self) -> Tensor
    hardtanh(Tensor self, Scalar min_val=-1, Scalar max_val=1) -> Tensor
    hstack(Tensor[] tensors) -> Tensor
    huber_loss(Tensor self, Tensor target, int reduction=1, float delta=1.) -> Tensor
    index.Tensor(Tensor self, Tensor?[] indices) -> Tensor
    index.Tensor_hacked_twin(Tensor self, Tensor[] indices) -> Tensor
    index_add(Tensor self, int dim, Tensor index, Tensor source, *, Scalar alpha=1) -> Tensor
    index_put(Tensor self, Tensor?[] indices, Tensor values, bool accumulate=False) -> Tensor
    index_put.hacked_twin(Tensor self, Tensor[] indices, Tensor values, bool accumulate=False) -> Tensor
    index_select(Tensor self, int dim, Tensor index) -> Tensor
    instance_norm(Tensor input, Tensor? weight, Tensor? bias, Tensor? running_mean, Tensor? running_var, bool use_input_stats, float momentum, float eps, bool cudnn_enabled) -> Tensor
    isnan(Tensor self) -> Tensor
    kl_div(Tensor self, Tensor target, int reduction=1, *, bool log_target=False) -> Tensor
    l1_loss(Tensor self, Tensor target, int reduction=1) -> Tensor
    layer_norm(Tensor input, int[] normalized_shape, Tensor? weight=None, Tensor? bias=None, float eps=1.0000000000000001e-05, bool cudnn_enable=True) -> Tensor
    le.Tensor(Tensor self, Tensor other) -> Tensor
    le.Scalar(Tensor self, Scalar other) -> Tensor
    leaky_relu(Tensor self, Scalar negative_slope=0.01) -> Tensor
    lerp.Scalar(Tensor self, Tensor end, Scalar weight) -> Tensor
    lerp.Tensor(Tensor self, Tensor end, Tensor weight) -> Tensor
    lift_fresh(Tensor self) -> Tensor
    lift_fresh_copy(Tensor self) -> Tensor
    linalg_vector_norm(Tensor self, Scalar ord=2, int[1]? dim=None, bool keepdim=False, *, ScalarType? dtype=None) -> Tensor
    linear(Tensor input, Tensor weight, Tensor? bias=None) -> Tensor
    linspace.Tensor_Tensor(Tensor start, Tensor end, int steps, *, ScalarType? dtype=None, Layout? layout=None, Device? device=None, bool? pin_memory=None) -> Tensor
    linspace.Tensor_Scalar(Tensor start, Scalar end, int steps, *, ScalarType? dtype=None, Layout? layout=None, Device? device=None, bool? pin_memory=None) -> Tensor
    linspace.Scalar_Tensor(Scalar start, Tensor end, int steps, *, ScalarType? dtype=None, Layout? layout=None, Device? device=None, bool? pin_memory=None) -> Tensor
    linspace(Scalar start, Scalar end, int steps, *, ScalarType? dtype=None, Layout? layout=None, Device? device=None, bool? pin_memory=None) -> Tensor
    log(Tensor self) -> Tensor
    log10(Tensor self) -> Tensor
    log1p(Tensor self) -> Tensor
    log2(Tensor self) -> Tensor
    log_sigmoid(Tensor self) -> Tensor
    log_sigmoid_forward(Tensor self) -> (Tensor output, Tensor buffer)
    log_softmax.int(Tensor self, int dim, ScalarType? dtype=None) -> Tensor
    logical_and(Tensor self, Tensor other) -> Tensor
    logical_not(Tensor self) -> Tensor
    logical_or(Tensor self, Tensor other) -> Tensor
    logical_xor(Tensor self, Tensor other) -> Tensor
    logsumexp(Tensor self, int[1] dim, bool keepdim=False) -> Tensor
    lstm.input(Tensor input, Tensor[] hx, Tensor[] params, bool has_biases, int num_layers, float dropout, bool train, bool bidirectional, bool batch_first) -> (Tensor, Tensor, Tensor)
    lstm.data(Tensor data, Tensor batch_sizes, Tensor[] hx, Tensor[] params, bool has_biases, int num_layers, float dropout, bool train, bool bidirectional) -> (Tensor, Tensor, Tensor)
    lt.Tensor(Tensor self, Tensor other) -> Tensor
    lt.Scalar(Tensor self, Scalar other) -> Tensor
    mT(Tensor self) -> Tensor
    mT.a(Tensor self) -> Tensor
    masked_fill.Scalar(Tensor self, Tensor mask, Scalar value) -> Tensor
    masked_fill.Tensor(Tensor self, Tensor mask, Tensor value) -> Tensor
    masked_scatter(Tensor self, Tensor mask, Tensor source) -> Tensor
    matmul(Tensor self, Tensor other) -> Tensor
    max.other(Tensor self, Tensor other) -> Tensor
    max(Tensor self) -> Tensor
    max.dim(Tensor self, int dim, bool keepdim=False) -> (Tensor values, Tensor indices)
    max.dim_max(Tensor self, int dim, bool keepdim=False, *, Tensor max, Tensor max_values) -> (Tensor values, Tensor indices)
    max_pool1d(Tensor self, int[1] kernel_size, int[1] stride=[], int[1] padding=[0], int[1] dilation=[1], bool ceil_mode=False) -> Tensor
    max_pool2d(Tensor self, int[2] kernel_size, int[2] stride=[], int[2] padding=0, int[2] dilation=1, bool ceil_mode=False) -> Tensor
    max_pool2d_with_indices(Tensor self, int[2] kernel_size, int[2] stride=[], int[2] padding=0, int[2] dilation=1, bool ceil_mode=False) -> (Tensor, Tensor)
    max_pool3d(Tensor self, int[3] kernel_size, int[3] stride=[], int[3] padding=0, int[3] dilation=1, bool ceil_mode=False) -> Tensor
    max_pool3d_with_indices(Tensor self, int[3] kernel_size, int[3] stride=[], int[3] padding=0, int[3] dilation=1, bool ceil_mode=False) -> (Tensor, Tensor)
    maximum(Tensor self, Tensor other) -> Tensor
    mean(Tensor self, *, ScalarType? dtype=None) -> Tensor
    mean.dim(Tensor self, int[1]? dim, bool keepdim=False, *, ScalarType? dtype=None) -> Tensor
    meshgrid(Tensor[] tensors) -> Tensor[]
    meshgrid.indexing(Tensor[] tensors, *, str indexing) -> Tensor[]
    min.other(Tensor self, Tensor other) -> Tensor
    min(Tensor self) -> Tensor
    min.dim(Tensor self, int dim, bool keepdim=False) -> (Tensor values, Tensor indices)
    min.dim_min(Tensor self, int dim, bool keepdim=False, *, Tensor min, Tensor min_indices) -> (Tensor values, Tensor indices)
    minimum(Tensor self, Tensor other) -> Tensor
    mish(Tensor self) -> Tensor
    mm(Tensor self, Tensor mat2) -> Tensor
    mm.dtype(Tensor self, Tensor mat2, ScalarType out_dtype) -> Tensor
    movedim.int(Tensor self, int source, int destination) -> Tensor
    movedim.intlist(Tensor self, int[] source, int[] destination) -> Tensor
    mse_loss(Tensor self, Tensor target, int reduction=1) -> Tensor
    mul.Tensor(Tensor self, Tensor other) -> Tensor
    mul.Scalar(Tensor self, Scalar other) -> Tensor
    mv(Tensor self, Tensor vec) -> Tensor
    narrow(Tensor self, int dim, int start, int length) -> Tensor
    narrow.Tensor(Tensor self, int dim, Tensor start, int length) -> Tensor
    native_batch_norm(Tensor input, Tensor? weight, Tensor? bias, Tensor? running_mean, Tensor? running_var, bool training, float momentum, float eps) -> (Tensor, Tensor, Tensor)
    native_dropout(Tensor input, float p, bool? train) -> (Tensor, Tensor)
    native_group_norm(Tensor input, Tensor? weight, Tensor? bias, int N, int C, int HxW, int group, float eps) -> (Tensor, Tensor, Tensor)
    native_layer_norm(Tensor input, int[] normalized_shape, Tensor? weight, Tensor? bias, float eps) -> (Tensor, Tensor, Tensor)
    ne.Tensor(Tensor self, Tensor other) -> Tensor
    ne.Scalar(Tensor self, Scalar other) -> Tensor
    neg(Tensor self) -> Tensor
    new_empty(Tensor self, int[] size, *, ScalarType? dtype=None, Layout? layout=None, Device? device=None, bool? pin_memory=None) -> Tensor
    new_full(Tensor self, int[] size, Scalar fill_value, *, ScalarType? dtype=None, Layout? layout=None, Device? device=None, bool? pin_memory=None) -> Tensor
    new_ones(Tensor self, int[] size, *, ScalarType? dtype=None, Layout? layout=None, Device? device=None, bool? pin_memory=None) -> Tensor
    new_zeros(Tensor self, int[] size, *, ScalarType? dtype=None, Layout? layout=None, Device? device=None, bool? pin_memory=None) -> Tensor
    nll_loss(Tensor self, Tensor target, Tensor? weight=None, int reduction=1, int ignore_index=-100) -> Tensor
    nll_loss2d_forward(Tensor self, Tensor target, Tensor? weight, int reduction, int ignore_index) -> (Tensor output, Tensor total_weight)
    nll_loss_forward(Tensor self, Tensor target, Tensor? weight, int reduction, int ignore_index) -> (Tensor output, Tensor total_weight)
    nll_loss_nd(Tensor self, Tensor target, Tensor? weight=None, int reduction=1, int ignore_index=-100) -> Tensor
    norm.Scalar(Tensor self, Scalar p=2) -> Tensor
    norm.ScalarOpt_dim(Tensor self, Scalar? p, int[1] dim, bool keepdim=False) -> Tensor
    norm.ScalarOpt_dim_dtype(Tensor self, Scalar? p, int[1] dim, bool keepdim, *, ScalarType dtype) -> Tensor
    norm.ScalarOpt_dtype(Tensor self, Scalar? p, *, ScalarType dtype) -> Tensor
    numpy_T(Tensor self) -> Tensor
    numpy_T.a(Tensor self) -> Tensor
    one_hot(Tensor self, int num_classes=-1) -> Tensor
    ones(int[] size, *, ScalarType? dtype=None, Layout? layout=None, Device? device=None, bool? pin_memory=None) -> Tensor
    ones_like(Tensor self, *, ScalarType? dtype=None, Layout? layout=None, Device? device=None, bool? pin_memory=None, MemoryFormat? memory_format=None) -> Tensor
    outer(Tensor self, Tensor vec2) -> Tensor
    pad(Tensor self, int[] pad, str mode="constant", float? value=None) -> Tensor
    permute(Tensor self, int[] dims) -> Tensor
    pixel_shuffle(Tensor self, int upscale_factor) -> Tensor
    pixel_unshuffle(Tensor self, int downscale_factor) -> Tensor
    pow.Tensor_Tensor(Tensor self, Tensor exponent) -> Tensor
    pow.Tensor_Scalar(Tensor self, Scalar exponent) -> Tensor
    pow.Scalar(Scalar self, Tensor exponent) -> Tensor
    prelu(Tensor self, Tensor weight) -> Tensor
    prod(Tensor self, *, ScalarType? dtype=None) -> Tensor
    prod.dim_int(Tensor self, int dim, bool keepdim=False, *, ScalarType? dtype=None) -> Tensor
    reciprocal(Tensor self) -> Tensor
    reflection_pad1d(Tensor self, int[2] padding) -> Tensor
    reflection_pad2d(Tensor self, int[4] padding) -> Tensor
    relu(Tensor self) -> Tensor
    relu6(Tensor self) -> Tensor
    remainder.Tensor(Tensor self, Tensor other) -> Tensor
    remainder.Scalar(Tensor self, Scalar other) -> Tensor
    remainder.Scalar_Tensor(Scalar self, Tensor other) -> Tensor
    repeat(Tensor self, int[] repeats) -> Tensor
    repeat_interleave.Tensor(Tensor repeats, *, int? output_size=None) -> Tensor
    repeat_interleave.self_Tensor(Tensor self, Tensor repeats, int? dim=None, *, int? output_size=None) -> Tensor
    repeat_interleave.self_int(Tensor self, int repeats, int? dim=None, *, int? output_size=None) -> Tensor
    replication_pad1d(Tensor self, int[2] padding) -> Tensor
    replication_pad2d(Tensor self, int[4] padding) -> Tensor
    reshape(Tensor self, int[] shape) -> Tensor
    reshape_as(Tensor self, Tensor other) -> Tensor
    rms_norm(Tensor input, int[] normalized_shape, Tensor? weight=None, float? eps=None) -> Tensor
    rnn_relu.input(Tensor input, Tensor hx, Tensor[] params, bool has_biases, int num_layers, float dropout, bool train, bool bidirectional, bool batch_first) -> (Tensor, Tensor)
    rnn_relu.data(Tensor data, Tensor batch_sizes, Tensor hx, Tensor[] params, bool has_biases, int num_layers, float dropout, bool train, bool bidirectional) -> (Tensor, Tensor)
    rnn_tanh.input(Tensor input, Tensor hx, Tensor[] params, bool has_biases, int num_layers, float dropout, bool train, bool bidirectional, bool batch_first) -> (Tensor, Tensor)
    rnn_tanh.data(Tensor data, Tensor batch_sizes, Tensor hx, Tensor[] params, bool has_biases, int num_layers, float dropout, bool train, bool bidirectional) -> (Tensor, Tensor)
    roll(Tensor self, int[1] shifts, int[1] dims=[]) -> Tensor
    rot90(Tensor self, int k=1, int[] dims=[0, 1]) -> Tensor
    round(Tensor self) -> Tensor
    round.decimals(Tensor self, *, int decimals) -> Tensor
    rrelu(Tensor self, Scalar lower=0.125, Scalar upper=0.33333333333333331, bool training=False, Generator? generator=None) -> Tensor
    rsqrt(Tensor self) -> Tensor
    rsub.Tensor(Tensor self, Tensor other, *, Scalar alpha=1) -> Tensor
    rsub.Scalar(Tensor self, Scalar other, Scalar alpha=1) -> Tensor
    scalar_tensor(Scalar s, *, ScalarType? dtype=None, Layout? layout=None, Device? device=None, bool? pin_memory=None) -> Tensor
    scaled_dot_product_attention(Tensor query, Tensor key, Tensor value, Tensor? attn_mask=None, float dropout_p=0., bool is_causal=False, *, float? scale=None, bool enable_gqa=False) -> Tensor
    scatter_add(Tensor self, int dim, Tensor index, Tensor src) -> Tensor
    select.int(Tensor self, int dim, int index) -> Tensor
    select_scatter(Tensor self, Tensor src, int dim, int index) -> Tensor
    selu(Tensor self) -> Tensor
    sigmoid(Tensor self) -> Tensor
    sign(Tensor self) -> Tensor
    silu(Tensor self) -> Tensor
    sin(Tensor self) -> Tensor
    slice.Tensor(Tensor self, int dim=0, int? start=None, int? end=None, int step=1) -> Tensor
    slice_scatter(Tensor self, Tensor src, int dim=0, int? start=None, int? end=None, int step=1) -> Tensor
    smooth_l1_loss(Tensor self, Tensor target, int reduction=1, float beta=1.) -> Tensor
    softmax.int(Tensor self, int dim, ScalarType? dtype=None) -> Tensor
    softplus(Tensor self, Scalar beta=1, Scalar threshold=20) -> Tensor
    softshrink(Tensor self, Scalar lambd=0.5) -> Tensor
    sort(Tensor self, int dim=-1, bool descending=False) -> (Tensor values, Tensor indices)
    sort.stable(Tensor self, *, bool? stable, int dim=-1, bool descending=False) -> (Tensor values, Tensor indices)
    sort.values_stable(Tensor self, *, bool? stable, int dim=-1, bool descending=False, Tensor values, Tensor indices) -> (Tensor values, Tensor indices)
    sort.values(Tensor self, int dim=-1, bool descending=False, *, Tensor values, Tensor indices) -> (Tensor values, Tensor indices)
    split.Tensor(Tensor self, int split_size, int dim=0) -> Tensor[]
    split.sizes(Tensor self, int[] split_size, int dim=0) -> Tensor[]
    split(Tensor self, int[] split_sizes, int dim=0) -> Tensor[]
    split_with_sizes(Tensor self, int[] split_sizes, int dim=0) -> Tensor[]
    sqrt(Tensor self) -> Tensor
    square(Tensor self) -> Tensor
    squeeze(Tensor self) -> Tensor
    squeeze.dim(Tensor self, int dim) -> Tensor
    squeeze.dims(Tensor self, int[] dim) -> Tensor
    stack(Tensor[] tensors, int dim=0) -> Tensor
    std(Tensor self, bool unbiased=True) -> Tensor
    std.dim(Tensor self, int[1]? dim, bool unbiased=True, bool keepdim=False) -> Tensor
    std.correction(Tensor self, int[1]? dim=None, *, Scalar? correction=None, bool keepdim=False) -> Tensor
    std_mean(Tensor self, bool unbiased=True) -> (Tensor, Tensor)
    std_mean.dim(Tensor self, int[1]? dim, bool unbiased=True, bool keepdim=False) -> (Tensor, Tensor)
    std_mean.correction(Tensor self, int[1]? dim=None, *, Scalar? correction=None, bool keepdim=False) -> (Tensor, Tensor)
    sub.Tensor(Tensor self, Tensor other, *, Scalar alpha=1) -> Tensor
    sub.Scalar(Tensor self, Scalar other, Scalar alpha=1) -> Tensor
    sum.dim_IntList(Tensor self, int[1]? dim, bool keepdim=False, *, ScalarType? dtype=None) -> Tensor
    sum(Tensor self, *, ScalarType? dtype=None) -> Tensor
    swapaxes(Tensor self, int axis0, int axis1) -> Tensor
    take_along_dim(Tensor self, Tensor indices, int? dim=None) -> Tensor
    tanh(Tensor self) -> Tensor
    threshold(Tensor self, Scalar threshold, Scalar value) -> Tensor
    tile(Tensor self, int[] dims) -> Tensor
    to.device(Tensor self, Device device, ScalarType dtype, bool non_blocking=False, bool copy=False, MemoryFormat? memory_format=None) -> Tensor
    to.dtype(Tensor self, ScalarType dtype, bool non_blocking=False, bool copy=False, MemoryFormat? memory_format=None) -> Tensor
    to.other(Tensor self, Tensor other, bool non_blocking=False, bool copy=False, MemoryFormat? memory_format=None) -> Tensor
    to.dtype_layout(Tensor self, *, ScalarType? dtype=None, Layout? layout=None, Device? device=None, bool? pin_memory=None, bool non_blocking=False, bool copy=False, MemoryFormat? memory_format=None) -> Tensor
    to.prim_Device(Tensor self, Device? device, int? dtype=None, bool non_blocking=False, bool copy=False) -> Tensor
    to.prim_dtype(Tensor self, int? dtype=None, bool non_blocking=False, bool copy=False) -> Tensor
    to.prim_other(Tensor self, bool non_blocking=False, bool copy=False) -> Tensor
    topk(Tensor self, int k, int dim=-1, bool largest=True, bool sorted=True) -> (Tensor values, Tensor indices)
    topk.values(Tensor self, int k, int dim=-1, bool largest=True, bool sorted=True, *, Tensor values, Tensor indices) -> (Tensor values, Tensor indices)
    transpose.int(Tensor self, int dim0, int dim1) -> Tensor
    tril(Tensor self, int diagonal=0) -> Tensor
    tril_indices(int row, int col, int offset=0, *, ScalarType? dtype=4, Layout? layout=None, Device? device=None, bool? pin_memory=None) -> Tensor
    triu(Tensor self, int diagonal=0) -> Tensor
    triu_indices(int row, int col, int offset=0, *, ScalarType? dtype=4, Layout? layout=None, Device? device=None, bool? pin_memory=None) -> Tensor
    trunc(Tensor self) -> Tensor
    type_as(Tensor self, Tensor other) -> Tensor
    unbind.int(Tensor self, int dim=0) -> Tensor[]
    unflatten.int(Tensor self, int dim, int[] sizes) -> Tensor
    unfold(Tensor self, int dimension, int size, int step) -> Tensor
    unsafe_chunk(Tensor self, int chunks, int dim=0) -> Tensor[]
    unsqueeze(Tensor self, int dim) -> Tensor
    upsample_bicubic2d(Tensor self, int[2] output_size, bool align_corners, float? scales_h=None, float? scales_w=None) -> Tensor
    upsample_bicubic2d.vec(Tensor input, int[]? output_size, bool align_corners, float[]? scale_factors) -> Tensor
    upsample_bilinear2d(Tensor self, int[2] output_size, bool align_corners, float? scales_h=None, float? scales_w=None) -> Tensor
    upsample_bilinear2d.vec(Tensor input, int[]? output_size, bool align_corners, float[]? scale_factors) -> Tensor
    upsample_linear1d(Tensor self, int[1] output_size, bool align_corners, float? scales=None) -> Tensor
    upsample_linear1d.vec(Tensor input, int[]? output_size, bool align_corners, float[]? scale_factors) -> Tensor
    upsample_nearest1d(Tensor self, int[1] output_size, float? scales=None) -> Tensor
    upsample_nearest1d.vec(Tensor input, int[]? output_size, float[]? scale_factors) -> Tensor
    upsample_nearest2d(Tensor self, int[2] output_size, float? scales_h=None, float? scales_w=None) -> Tensor
    upsample_nearest2d.vec(Tensor input, int[]? output_size, float[]? scale_factors) -> Tensor
    upsample_nearest3d(Tensor self, int[3] output_size, float? scales_d=None, float? scales_h=None, float? scales_w=None) -> Tensor
    upsample_nearest3d.vec(Tensor input, int[]? output_size, float[]? scale_factors) -> Tensor
    var(Tensor self, bool unbiased=True) -> Tensor
    var.dim(Tensor self, int[1]? dim, bool unbiased=True, bool keepdim=False) -> Tensor
    var.correction(Tensor self, int[1]? dim=None, *, Scalar? correction=None, bool keepdim=False) -> Tensor
    var_mean(Tensor self, bool unbiased=True) -> (Tensor, Tensor)
    var_mean.dim(Tensor self, int[1]? dim, bool unbiased=True, bool keepdim=False) -> (Tensor, Tensor)
    var_mean.correction(Tensor self, int[1]? dim=None, *, Scalar? correction=None, bool keepdim=False) -> (Tensor, Tensor)
    view(Tensor self, int[] size) -> Tensor
    view.dtype(Tensor self, ScalarType dtype) -> Tensor
    view_as(Tensor self, Tensor other) -> Tensor
    where.self(Tensor condition, Tensor self, Tensor other) -> Tensor
    where.ScalarOther(Tensor condition, Tensor self, Scalar other) -> Tensor
    where.ScalarSelf(Tensor condition, Scalar self, Tensor other) -> Tensor
    where.Scalar(Tensor condition, Scalar self, Scalar other) -> Tensor
    where(Tensor condition) -> Tensor[]
    zero(Tensor self) -> Tensor
    zeros(int[] size, *, ScalarType? dtype=None, Layout? layout=None, Device? device=None, bool? pin_memory=None) -> Tensor
    zeros_like(Tensor self, *, ScalarType? dtype=None, Layout? layout=None, Device? device=None, bool? pin_memory=None, MemoryFormat? memory_format=None) -> Tensor
    """
}
