/// Activations and dropout of `torch.nn`, see `PyTorchModules`.
extension PyTorchModules {
  /// Activations and dropout.
  static let activations = #"""
    class Identity:
        def forward(self, input):
            return input
    class ReLU:
        def __init__(self, inplace=False):
            self.inplace = inplace
        def forward(self, input):
            return F.relu(input, getattr(self, 'inplace', False))
    class ReLU6:
        def __init__(self, inplace=False):
            self.inplace = inplace
        def forward(self, input):
            return F.relu6(input, getattr(self, 'inplace', False))
    class LeakyReLU:
        def __init__(self, negative_slope=0.01, inplace=False):
            self.negative_slope = negative_slope
            self.inplace = inplace
        def forward(self, input):
            return F.leaky_relu(input, self.negative_slope, getattr(self, 'inplace', False))
    class PReLU:
        def forward(self, input):
            return torch.prelu(input, self.weight)
    class RReLU:
        def forward(self, input):
            return F.rrelu(input, self.lower, self.upper)
    class ELU:
        def __init__(self, alpha=1.0, inplace=False):
            self.alpha = alpha
            self.inplace = inplace
        def forward(self, input):
            return F.elu(input, self.alpha, getattr(self, 'inplace', False))
    class SELU:
        def __init__(self, inplace=False):
            self.inplace = inplace
        def forward(self, input):
            return F.selu(input, getattr(self, 'inplace', False))
    class CELU:
        def forward(self, input):
            return F.celu(input, self.alpha, getattr(self, 'inplace', False))
    class GELU:
        def __init__(self, approximate='none'):
            self.approximate = approximate
        def forward(self, input):
            return F.gelu(input, getattr(self, 'approximate', 'none'))
    class SiLU:
        def __init__(self, inplace=False):
            self.inplace = inplace
        def forward(self, input):
            return F.silu(input, getattr(self, 'inplace', False))
    class Mish:
        def forward(self, input):
            return F.mish(input, getattr(self, 'inplace', False))
    class Hardswish:
        def forward(self, input):
            return F.hardswish(input, getattr(self, 'inplace', False))
    class Hardsigmoid:
        def forward(self, input):
            return F.hardsigmoid(input, getattr(self, 'inplace', False))
    class Hardtanh:
        def forward(self, input):
            return F.hardtanh(input, self.min_val, self.max_val, getattr(self, 'inplace', False))
    class Threshold:
        def forward(self, input):
            return F.threshold(input, self.threshold, self.value, getattr(self, 'inplace', False))
    class Sigmoid:
        def __init__(self):
            pass
        def forward(self, input):
            return torch.sigmoid(input)
    class Tanh:
        def __init__(self):
            pass
        def forward(self, input):
            return torch.tanh(input)
    class Softplus:
        def forward(self, input):
            return F.softplus(input, self.beta, self.threshold)
    class Softsign:
        def forward(self, input):
            return F.softsign(input)
    class Tanhshrink:
        def forward(self, input):
            return F.tanhshrink(input)
    class Hardshrink:
        def forward(self, input):
            return F.hardshrink(input, self.lambd)
    class Softshrink:
        def forward(self, input):
            return F.softshrink(input, self.lambd)
    class LogSigmoid:
        def forward(self, input):
            return torch.log_sigmoid(input)
    class GLU:
        def forward(self, input):
            return F.glu(input, self.dim)
    class Softmax:
        def __init__(self, dim=None):
            self.dim = dim
        def forward(self, input):
            return F.softmax(input, getattr(self, 'dim', None))
    class Softmax2d:
        def forward(self, input):
            return F.softmax(input, -3)
    class Softmin:
        def forward(self, input):
            return F.softmin(input, getattr(self, 'dim', None))
    class LogSoftmax:
        def __init__(self, dim=None):
            self.dim = dim
        def forward(self, input):
            return F.log_softmax(input, getattr(self, 'dim', None))
    class Dropout:
        def __init__(self, p=0.5, inplace=False):
            self.p = p
        def forward(self, input):
            return torch.dropout(input, self.p, False)
    class Dropout1d:
        def forward(self, input):
            return torch.feature_dropout(input, self.p, False)
    class Dropout2d:
        def __init__(self, p=0.5, inplace=False):
            self.p = p
        def forward(self, input):
            return torch.feature_dropout(input, self.p, False)
    class Dropout3d:
        def forward(self, input):
            return torch.feature_dropout(input, self.p, False)
    class AlphaDropout:
        def forward(self, input):
            return torch.alpha_dropout(input, self.p, False)
    class FeatureAlphaDropout:
        def forward(self, input):
            return input
    class StochasticDepth:
        def forward(self, input):
            return input
    class DropPath:
        def forward(self, x):
            return x

    """#
}
