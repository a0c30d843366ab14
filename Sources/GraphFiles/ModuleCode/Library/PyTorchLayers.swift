/// Layers with parameters, norms, changes of shape of `torch.nn`, see `PyTorchModules`.
extension PyTorchModules {
  /// Layers with parameters, norms, changes of shape.
  static let layers = #"""
    class Linear:
        def forward(self, input):
            return torch.linear(input, self.weight, self.bias)
    class NonDynamicallyQuantizableLinear(Linear):
        pass
    class Bilinear:
        def forward(self, input1, input2):
            return F.bilinear(input1, input2, self.weight, self.bias)
    class _ConvNd:
        def _padded(self, input):
            mode = getattr(self, 'padding_mode', 'zeros')
            if mode == 'zeros':
                return input, self.padding
            if isinstance(self.padding, str):
                sizes = []
                for i in range(len(self.kernel_size)):
                    total = self.dilation[i] * (self.kernel_size[i] - 1) if self.padding == 'same' else 0
                    sizes = [total // 2, total - total // 2] + sizes
            else:
                sizes = []
                for p in self.padding:
                    sizes = [p, p] + sizes
            return F.pad(input, sizes, mode), 0
    class Conv1d(_ConvNd):
        def forward(self, input):
            x, padding = self._padded(input)
            return torch.conv1d(x, self.weight, self.bias, self.stride, padding, self.dilation, self.groups)
    class Conv2d(_ConvNd):
        def forward(self, input):
            x, padding = self._padded(input)
            return torch.conv2d(x, self.weight, self.bias, self.stride, padding, self.dilation, self.groups)
        def _conv_forward(self, input, weight, bias=None):
            x, padding = self._padded(input)
            return torch.conv2d(x, weight, bias, self.stride, padding, self.dilation, self.groups)
    class Conv3d(_ConvNd):
        def forward(self, input):
            x, padding = self._padded(input)
            return torch.conv3d(x, self.weight, self.bias, self.stride, padding, self.dilation, self.groups)
    class ConvTranspose1d:
        def forward(self, input):
            return torch.conv_transpose1d(input, self.weight, self.bias, self.stride, self.padding, self.output_padding, self.groups, self.dilation)
    class ConvTranspose2d:
        def forward(self, input):
            return torch.conv_transpose2d(input, self.weight, self.bias, self.stride, self.padding, self.output_padding, self.groups, self.dilation)
    class _BatchNorm:
        def forward(self, input):
            momentum = getattr(self, 'momentum', 0.1)
            return torch.batch_norm(input, getattr(self, 'weight', None), getattr(self, 'bias', None), getattr(self, 'running_mean', None), getattr(self, 'running_var', None), False, 0.1 if momentum is None else momentum, self.eps, True)
    class BatchNorm1d(_BatchNorm):
        pass
    class BatchNorm2d(_BatchNorm):
        pass
    class BatchNorm3d(_BatchNorm):
        pass
    class SyncBatchNorm(_BatchNorm):
        pass
    class _InstanceNorm:
        def forward(self, input):
            mean = getattr(self, 'running_mean', None)
            return torch.instance_norm(input, getattr(self, 'weight', None), getattr(self, 'bias', None), mean, getattr(self, 'running_var', None), mean is None, self.momentum, self.eps, True)
    class InstanceNorm1d(_InstanceNorm):
        pass
    class InstanceNorm2d(_InstanceNorm):
        pass
    class LayerNorm:
        def forward(self, input):
            return torch.layer_norm(input, self.normalized_shape, getattr(self, 'weight', None), getattr(self, 'bias', None), self.eps)
    class RMSNorm:
        def forward(self, input):
            return torch.rms_norm(input, self.normalized_shape, getattr(self, 'weight', None), self.eps)
    class GroupNorm:
        def forward(self, input):
            return torch.group_norm(input, self.num_groups, getattr(self, 'weight', None), getattr(self, 'bias', None), self.eps)
    class LocalResponseNorm:
        def forward(self, input):
            return F.local_response_norm(input, self.size, self.alpha, self.beta, self.k)
    class Embedding:
        def forward(self, input):
            return F.embedding(input, self.weight, self.padding_idx, self.max_norm)
    class Flatten:
        def __init__(self, start_dim=1, end_dim=-1):
            self.start_dim = start_dim
            self.end_dim = end_dim
        def forward(self, input):
            return torch.flatten(input, getattr(self, 'start_dim', 1), getattr(self, 'end_dim', -1))
    class Unflatten:
        def forward(self, input):
            return torch.unflatten(input, self.dim, self.unflattened_size)
    class PixelShuffle:
        def forward(self, input):
            return torch.pixel_shuffle(input, self.upscale_factor)
    class PixelUnshuffle:
        def forward(self, input):
            return torch.pixel_unshuffle(input, self.downscale_factor)
    class ChannelShuffle:
        def forward(self, input):
            return torch.channel_shuffle(input, self.groups)
    class Upsample:
        def forward(self, input):
            return F.interpolate(input, self.size, self.scale_factor, self.mode, self.align_corners, getattr(self, 'recompute_scale_factor', None))
    class UpsamplingNearest2d(Upsample):
        pass
    class UpsamplingBilinear2d(Upsample):
        pass
    class CosineSimilarity:
        def forward(self, x1, x2):
            return F.cosine_similarity(x1, x2, self.dim, self.eps)

    """#
}
