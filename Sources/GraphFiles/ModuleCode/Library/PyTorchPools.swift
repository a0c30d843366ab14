/// Pooling and padding and Containers of `torch.nn`, see `PyTorchModules`.
extension PyTorchModules {
  /// Pooling and padding.
  static let pools = #"""
    class MaxPool1d:
        def forward(self, input):
            return F.max_pool1d(input, self.kernel_size, self.stride, self.padding, self.dilation, self.ceil_mode, self.return_indices)
    class MaxPool2d:
        def __init__(self, kernel_size, stride=None, padding=0, dilation=1, return_indices=False, ceil_mode=False):
            self.kernel_size = kernel_size
            self.stride = kernel_size if stride is None else stride
            self.padding = padding
            self.dilation = dilation
            self.return_indices = return_indices
            self.ceil_mode = ceil_mode
        def forward(self, input):
            return F.max_pool2d(input, self.kernel_size, self.stride, self.padding, self.dilation, self.ceil_mode, self.return_indices)
    class MaxPool3d:
        def forward(self, input):
            return F.max_pool3d(input, self.kernel_size, self.stride, self.padding, self.dilation, self.ceil_mode, self.return_indices)
    class AvgPool1d:
        def forward(self, input):
            return F.avg_pool1d(input, self.kernel_size, self.stride, self.padding, self.ceil_mode, self.count_include_pad)
    class AvgPool2d:
        def __init__(self, kernel_size, stride=None, padding=0, ceil_mode=False, count_include_pad=True, divisor_override=None):
            self.kernel_size = kernel_size
            self.stride = kernel_size if stride is None else stride
            self.padding = padding
            self.ceil_mode = ceil_mode
            self.count_include_pad = count_include_pad
            self.divisor_override = divisor_override
        def forward(self, input):
            return F.avg_pool2d(input, self.kernel_size, self.stride, self.padding, self.ceil_mode, self.count_include_pad, getattr(self, 'divisor_override', None))
    class AdaptiveAvgPool1d:
        def forward(self, input):
            return F.adaptive_avg_pool1d(input, self.output_size)
    class AdaptiveAvgPool2d:
        def __init__(self, output_size):
            self.output_size = output_size
        def forward(self, input):
            return F.adaptive_avg_pool2d(input, self.output_size)
    class AdaptiveMaxPool1d:
        def forward(self, input):
            return F.adaptive_max_pool1d(input, self.output_size)
    class AdaptiveMaxPool2d:
        def forward(self, input):
            return F.adaptive_max_pool2d(input, self.output_size)
    class ZeroPad2d:
        def forward(self, input):
            return F.pad(input, self.padding, 'constant', 0.0)
    class ConstantPad1d:
        def forward(self, input):
            return F.pad(input, self.padding, 'constant', self.value)
    class ConstantPad2d:
        def forward(self, input):
            return F.pad(input, self.padding, 'constant', self.value)
    class ReflectionPad1d:
        def forward(self, input):
            return F.pad(input, self.padding, 'reflect')
    class ReflectionPad2d:
        def forward(self, input):
            return F.pad(input, self.padding, 'reflect')
    class ReplicationPad1d:
        def forward(self, input):
            return F.pad(input, self.padding, 'replicate')
    class ReplicationPad2d:
        def forward(self, input):
            return F.pad(input, self.padding, 'replicate')
    class CircularPad2d:
        def forward(self, input):
            return F.pad(input, self.padding, 'circular')

    """#

  /// Containers.
  static let containers = #"""
    class Sequential:
        def forward(self, input):
            for module in self:
                input = module(input)
            return input
    # torchvision's, the bases of whose classes files do not hold.
    class ConvNormActivation(Sequential):
        pass
    class Conv2dNormActivation(Sequential):
        pass
    class MLP(Sequential):
        pass
    class ModuleList:
        pass
    class ModuleDict:
        def items(self):
            return [(name, self[name]) for name in self]
        def keys(self):
            return [name for name in self]
        def values(self):
            return [self[name] for name in self]
    class DataParallel:
        def forward(self, *inputs, **kwargs):
            return self.module(*inputs, **kwargs)
    class DistributedDataParallel(DataParallel):
        pass

    """#
}
