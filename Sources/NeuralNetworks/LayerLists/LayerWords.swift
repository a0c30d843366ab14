/// The words of layer lists.
package enum LayerWords {
  /// One example a word, for messages.
  static let examples: [String: String] = [
    "conv": "conv(32,3)", "linear": "linear(10)", "maxpool": "maxpool(2)", "avgpool": "avgpool(2)",
    "averageto": "averageto(7)", "pad": "pad(2)", "groupnorm": "groupnorm(8)", "prelu": "prelu(1)",
    "subsample": "subsample(2)", "zeros": "zeros(4,4)",
  ]

  /// The words with what they mean, for help texts.
  package static let meanings: [(word: String, meaning: String)] = [
    (
      "conv(OUT,KERNEL)",
      "convolution; stride=, padding=, dilation=, groups=, bias=no; 3x5 is height x width"
    ),
    ("linear(OUT)", "matrix and bias; bias=no"),
    ("batchnorm", "eps=, momentum=, affine=no; also groupnorm(GROUPS), layernorm"),
    (
      "relu",
      "also relu6, leakyrelu(SLOPE), prelu(COUNT), elu(ALPHA), selu, gelu, gelu(tanh), "
        + "silu, mish, tanh, sigmoid, softplus, hardswish, hardsigmoid, hardtanh"
    ),
    ("maxpool(SIZE)", "stride=, padding=, ceil; also avgpool(SIZE)"),
    ("globalaverage", "one number a channel; also globalmax, averageto(EXTENT)"),
    ("flatten", "images to features"),
    ("dropout(RATE)", "also dropout2d(RATE): whole channels"),
    ("pad(BORDER)", "zeros around images"),
    (
      "residual(LAYERS | SHORTCUT)",
      "sum of both; the shortcut is identity, layers, or subsample(2) zeros(BEFORE,BEHIND)"
    ),
    ("softmax", "also logsoftmax"),
  ]

  /// Other spellings of the words.
  static let synonyms: [String: String] = [
    "conv2d": "conv", "convolution": "conv", "dense": "linear", "fc": "linear", "bn": "batchnorm",
    "batchnorm2d": "batchnorm", "batchnorm1d": "batchnorm", "leaky": "leakyrelu", "swish": "silu",
    "averagepool": "avgpool", "gap": "globalaverage", "gmp": "globalmax", "inputpad": "pad",
    "zeropad": "pad", "res": "residual", "log_softmax": "logsoftmax",
  ]
}
