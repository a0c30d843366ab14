/// `torch.nn.functional`, in evaluation.
///
/// Signatures and defaults are those of torch/nn/functional.py; what `training` would change is left out where
/// the engine knows it by the operator.
enum PyTorchFunctional {
  static let text = #"""
    def relu(input, inplace=False):
        return torch.relu_(input) if inplace else torch.relu(input)
    def relu_(input):
        return torch.relu_(input)
    def relu6(input, inplace=False):
        return torch.relu6_(input) if inplace else torch.relu6(input)
    def leaky_relu(input, negative_slope=0.01, inplace=False):
        return torch.leaky_relu_(input, negative_slope) if inplace else torch.leaky_relu(input, negative_slope)
    def leaky_relu_(input, negative_slope=0.01):
        return torch.leaky_relu_(input, negative_slope)
    def elu(input, alpha=1.0, inplace=False):
        return torch.elu_(input, alpha) if inplace else torch.elu(input, alpha)
    def elu_(input, alpha=1.0):
        return torch.elu_(input, alpha)
    def selu(input, inplace=False):
        return torch.selu_(input) if inplace else torch.selu(input)
    def celu(input, alpha=1.0, inplace=False):
        return torch.celu_(input, alpha) if inplace else torch.celu(input, alpha)
    def gelu(input, approximate='none'):
        return torch.gelu(input, approximate=approximate)
    def silu(input, inplace=False):
        return torch.silu_(input) if inplace else torch.silu(input)
    def mish(input, inplace=False):
        return torch.mish_(input) if inplace else torch.mish(input)
    def hardtanh(input, min_val=-1.0, max_val=1.0, inplace=False):
        return torch.hardtanh_(input, min_val, max_val) if inplace else torch.hardtanh(input, min_val, max_val)
    def hardswish(input, inplace=False):
        return torch.hardswish_(input) if inplace else torch.hardswish(input)
    def hardsigmoid(input, inplace=False):
        return torch.hardsigmoid_(input) if inplace else torch.hardsigmoid(input)
    def threshold(input, threshold, value, inplace=False):
        return torch.threshold_(input, threshold, value) if inplace else torch.threshold(input, threshold, value)
    def rrelu(input, lower=0.125, upper=0.3333333333333333, training=False, inplace=False):
        return torch.leaky_relu(input, (lower + upper) / 2)
    def sigmoid(input):
        return torch.sigmoid(input)
    def tanh(input):
        return torch.tanh(input)
    def softplus(input, beta=1, threshold=20):
        return torch.softplus(input, beta, threshold)
    def softsign(input):
        return input / (torch.abs(input) + 1)
    def tanhshrink(input):
        return input - torch.tanh(input)
    def hardshrink(input, lambd=0.5):
        return torch.hardshrink(input, lambd)
    def softshrink(input, lambd=0.5):
        return torch.softshrink(input, lambd)
    def logsigmoid(input):
        return torch.log_sigmoid(input)
    def prelu(input, weight):
        return torch.prelu(input, weight)
    def glu(input, dim=-1):
        return torch.glu(input, dim)

    def _softmax_dim(ndim):
        return 0 if ndim == 0 or ndim == 1 or ndim == 3 else 1
    def softmax(input, dim=None, _stacklevel=3, dtype=None):
        return torch.softmax(input, _softmax_dim(input.dim()) if dim is None else dim, dtype)
    def log_softmax(input, dim=None, _stacklevel=3, dtype=None):
        return torch.log_softmax(input, _softmax_dim(input.dim()) if dim is None else dim, dtype)
    def softmin(input, dim=None, _stacklevel=3, dtype=None):
        return torch.softmax(-input, _softmax_dim(input.dim()) if dim is None else dim, dtype)

    def dropout(input, p=0.5, training=True, inplace=False):
        return torch.dropout(input, p, training)
    def dropout1d(input, p=0.5, training=True, inplace=False):
        return torch.feature_dropout(input, p, training)
    def dropout2d(input, p=0.5, training=True, inplace=False):
        return torch.feature_dropout(input, p, training)
    def dropout3d(input, p=0.5, training=True, inplace=False):
        return torch.feature_dropout(input, p, training)
    def alpha_dropout(input, p=0.5, training=False, inplace=False):
        return torch.alpha_dropout(input, p, training)
    def feature_alpha_dropout(input, p=0.5, training=False, inplace=False):
        assert not training, "feature_alpha_dropout in training"
        return input

    def linear(input, weight, bias=None):
        return torch.linear(input, weight, bias)
    def bilinear(input1, input2, weight, bias=None):
        result = torch.einsum("bi,oij,bj->bo", [input1, weight, input2])
        return result if bias is None else result + bias
    def conv1d(input, weight, bias=None, stride=1, padding=0, dilation=1, groups=1):
        return torch.conv1d(input, weight, bias, stride, padding, dilation, groups)
    def conv2d(input, weight, bias=None, stride=1, padding=0, dilation=1, groups=1):
        return torch.conv2d(input, weight, bias, stride, padding, dilation, groups)
    def conv3d(input, weight, bias=None, stride=1, padding=0, dilation=1, groups=1):
        return torch.conv3d(input, weight, bias, stride, padding, dilation, groups)
    def conv_transpose1d(input, weight, bias=None, stride=1, padding=0, output_padding=0, groups=1, dilation=1):
        return torch.conv_transpose1d(input, weight, bias, stride, padding, output_padding, groups, dilation)
    def conv_transpose2d(input, weight, bias=None, stride=1, padding=0, output_padding=0, groups=1, dilation=1):
        return torch.conv_transpose2d(input, weight, bias, stride, padding, output_padding, groups, dilation)

    def max_pool1d(input, kernel_size, stride=None, padding=0, dilation=1, ceil_mode=False, return_indices=False):
        assert not return_indices, "pooling that returns indices"
        return torch.max_pool1d(input, kernel_size, kernel_size if stride is None else stride, padding, dilation, ceil_mode)
    def max_pool2d(input, kernel_size, stride=None, padding=0, dilation=1, ceil_mode=False, return_indices=False):
        assert not return_indices, "pooling that returns indices"
        return torch.max_pool2d(input, kernel_size, kernel_size if stride is None else stride, padding, dilation, ceil_mode)
    def max_pool3d(input, kernel_size, stride=None, padding=0, dilation=1, ceil_mode=False, return_indices=False):
        assert not return_indices, "pooling that returns indices"
        return torch.max_pool3d(input, kernel_size, kernel_size if stride is None else stride, padding, dilation, ceil_mode)
    def avg_pool1d(input, kernel_size, stride=None, padding=0, ceil_mode=False, count_include_pad=True):
        return torch.avg_pool1d(input, kernel_size, kernel_size if stride is None else stride, padding, ceil_mode, count_include_pad)
    def avg_pool2d(input, kernel_size, stride=None, padding=0, ceil_mode=False, count_include_pad=True, divisor_override=None):
        return torch.avg_pool2d(input, kernel_size, kernel_size if stride is None else stride, padding, ceil_mode, count_include_pad, divisor_override)
    def _adaptive_size(input, output_size, axes):
        if isinstance(output_size, int):
            return [output_size] * axes
        sizes = list(input.shape[-axes:])
        return [sizes[i] if output_size[i] is None else output_size[i] for i in range(axes)]
    def adaptive_avg_pool1d(input, output_size):
        return torch.adaptive_avg_pool1d(input, _adaptive_size(input, output_size, 1))
    def adaptive_avg_pool2d(input, output_size):
        return torch.adaptive_avg_pool2d(input, _adaptive_size(input, output_size, 2))
    def adaptive_avg_pool3d(input, output_size):
        return torch.adaptive_avg_pool3d(input, _adaptive_size(input, output_size, 3))
    def adaptive_max_pool1d(input, output_size, return_indices=False):
        assert not return_indices, "pooling that returns indices"
        return torch.adaptive_max_pool1d(input, _adaptive_size(input, output_size, 1))[0]
    def adaptive_max_pool2d(input, output_size, return_indices=False):
        assert not return_indices, "pooling that returns indices"
        return torch.adaptive_max_pool2d(input, _adaptive_size(input, output_size, 2))[0]

    def batch_norm(input, running_mean, running_var, weight=None, bias=None, training=False, momentum=0.1, eps=1e-5):
        return torch.batch_norm(input, weight, bias, running_mean, running_var, training, momentum, eps, True)
    def instance_norm(input, running_mean=None, running_var=None, weight=None, bias=None, use_input_stats=True, momentum=0.1, eps=1e-5):
        return torch.instance_norm(input, weight, bias, running_mean, running_var, use_input_stats, momentum, eps, True)
    def layer_norm(input, normalized_shape, weight=None, bias=None, eps=1e-5):
        return torch.layer_norm(input, normalized_shape, weight, bias, eps)
    def rms_norm(input, normalized_shape, weight=None, eps=None):
        return torch.rms_norm(input, normalized_shape, weight, eps)
    def group_norm(input, num_groups, weight=None, bias=None, eps=1e-5):
        return torch.group_norm(input, num_groups, weight, bias, eps)
    def local_response_norm(input, size, alpha=0.0001, beta=0.75, k=1.0):
        squares = (input * input).unsqueeze(1)
        if input.dim() == 3:
            squares = torch.avg_pool2d(torch.constant_pad_nd(squares, [0, 0, size // 2, (size - 1) // 2]), [size, 1], [1, 1]).squeeze(1)
        else:
            sizes = input.size()
            squares = squares.view(sizes[0], 1, sizes[1], sizes[2], -1)
            squares = torch.constant_pad_nd(squares, [0, 0, 0, 0, size // 2, (size - 1) // 2])
            squares = torch.avg_pool3d(squares, [size, 1, 1], [1, 1, 1]).squeeze(1).view(sizes)
        return input / (squares * alpha + k) ** beta
    def normalize(input, p=2.0, dim=1, eps=1e-12, out=None):
        return input / torch.linalg_vector_norm(input, p, [dim], True).clamp_min(eps).expand_as(input)
    def cosine_similarity(x1, x2, dim=1, eps=1e-8):
        a = x1 / torch.linalg_vector_norm(x1, 2.0, [dim], True).clamp_min(eps)
        b = x2 / torch.linalg_vector_norm(x2, 2.0, [dim], True).clamp_min(eps)
        return (a * b).sum(dim)

    def pad(input, pad, mode='constant', value=None):
        return torch.pad(input, pad, mode, value)
    def embedding(input, weight, padding_idx=None, max_norm=None, norm_type=2.0, scale_grad_by_freq=False, sparse=False):
        assert max_norm is None, "tables of limited norm"
        padding = -1 if padding_idx is None else (padding_idx if padding_idx >= 0 else weight.size(0) + padding_idx)
        return torch.embedding(weight, input, padding, scale_grad_by_freq, sparse)
    def one_hot(tensor, num_classes=-1):
        return torch.one_hot(tensor, num_classes)
    def pixel_shuffle(input, upscale_factor):
        return torch.pixel_shuffle(input, upscale_factor)
    def pixel_unshuffle(input, downscale_factor):
        return torch.pixel_unshuffle(input, downscale_factor)
    def channel_shuffle(input, groups):
        return torch.channel_shuffle(input, groups)
    def scaled_dot_product_attention(query, key, value, attn_mask=None, dropout_p=0.0, is_causal=False, scale=None, enable_gqa=False):
        return torch.scaled_dot_product_attention(query, key, value, attn_mask, dropout_p, is_causal, scale=scale, enable_gqa=enable_gqa)

    def interpolate(input, size=None, scale_factor=None, mode='nearest', align_corners=None, recompute_scale_factor=None, antialias=False):
        assert not antialias, "interpolation with antialiasing"
        axes = input.dim() - 2
        sizes = [size] * axes if isinstance(size, int) else size
        if isinstance(scale_factor, (int, float)):
            factors = [float(scale_factor)] * axes
        else:
            factors = None if scale_factor is None else [float(s) for s in scale_factor]
        if recompute_scale_factor and factors is not None:
            sizes = [int(math.floor(float(input.size(i + 2)) * factors[i])) for i in range(axes)]
            factors = None
        aligned = bool(align_corners)
        if mode == 'nearest' and axes == 1:
            return torch.upsample_nearest1d(input, sizes, factors)
        if mode == 'nearest' and axes == 2:
            return torch.upsample_nearest2d(input, sizes, factors)
        if mode == 'nearest-exact' and axes == 1:
            return torch._upsample_nearest_exact1d(input, sizes, factors)
        if mode == 'nearest-exact' and axes == 2:
            return torch._upsample_nearest_exact2d(input, sizes, factors)
        if mode == 'linear' and axes == 1:
            return torch.upsample_linear1d(input, sizes, aligned, factors)
        if mode == 'bilinear' and axes == 2:
            return torch.upsample_bilinear2d(input, sizes, aligned, factors)
        if mode == 'bicubic' and axes == 2:
            return torch.upsample_bicubic2d(input, sizes, aligned, factors)
        if mode == 'area' and sizes is not None and axes == 2:
            return torch.adaptive_avg_pool2d(input, sizes)
        raise ValueError("interpolation by " + mode)
    def upsample(input, size=None, scale_factor=None, mode='nearest', align_corners=None):
        return interpolate(input, size, scale_factor, mode, align_corners)
    def upsample_nearest(input, size=None, scale_factor=None):
        return interpolate(input, size, scale_factor, 'nearest')
    def upsample_bilinear(input, size=None, scale_factor=None):
        return interpolate(input, size, scale_factor, 'bilinear', True)
    """#
}
