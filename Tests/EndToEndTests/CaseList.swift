/// The cases of the shared data and what has to come of them.
enum CaseList {
  /// The container of a file is what these are about: the network is named, so that nothing is measured.
  private static let containers: [CasesTests.Case] = [
    "base", "xla-numpy-tensors", "location-cuda3-legacy", "location-privateuse",
    "sequential-prefix-1",
    "compile-ddp", "compile-inner", "opacus-prefix", "dtype-bfloat16", "dtype-float64",
    "channels-last", "parameters-not-tensors", "numpy-best-acc", "pickled-numpy-dict",
    "pickle-dump-of-tensors", "deflated-zip", "zip-without-folder", "class-names-state",
    "fc-named", "pytorchcv-names", "prefix-resnet", "backbone-and-head",
    "state-dict-as-module-dict", "args-and-config",
  ].map { .init(name: $0, outcome: .loss, options: ["--architecture", "resnet8"]) }

  /// The same, with a remark.
  private static let remarked: [CasesTests.Case] = [
    ("swa-averaged", "n_averaged"),
    ("ema-beside", "also there: 'state_dict_ema' (--weights chooses)"),
    ("ema-model-keys", "takes 'model'; also there: 'ema'"),
    ("weight-norm-old", "weight norm: folded"),
    ("weight-norm-new", "weight norm: folded"), ("loss-weights-beside", "passed over"),
    ("own-config-class-beside", "passes over config, an object of 'trainer.config.Cfg'"),
    ("two-normalised-buffers-late", "normalisation"),
  ].map {
    .init(name: $0.0, outcome: .loss, says: [$0.1], options: ["--architecture", "resnet8"])
  }

  /// Which network it is has to be found.
  private static let searched: [CasesTests.Case] = [
    "flower-npz", "flower-npz-mlp", "lenet-padded-28", "mnist-example-20-50",
    "safetensors-sorted-names", "safetensors-resnet-renamed", "safetensors-named-as-known",
    "npz-names-mlp", "resnet18-cifar-stem-torchvision-names", "tied-layers-safetensors-alias",
    "cifar-bottleneck-resnet", "preact-resnet18",
  ].map { .init(name: $0, outcome: .loss) }

  /// What the file does not say.
  private static let doubtful: [CasesTests.Case] = [
    "resnet-zero-channels-behind", "resnet-silu", "mlp-tanh", "mlp-sigmoid", "lenet-tanh-avgpool",
    "lenet-sigmoid-avgpool-32", "bn-eps",
  ].map { .init(name: $0, outcome: .doubtful, says: ["cannot be seen from shapes"]) }

  private static let refused: [CasesTests.Case] = [
    ("git-lfs-pointer", "git lfs pull"), ("git-lfs-pointer-pth", "git lfs pull"),
    ("truncated-zip", "cut off"), ("complex-tensor", "'freqs': is a complex tensor"),
    ("sparse-tensor", "linear.weight.to_dense()"), ("quantized-dynamic", "quantised"),
    ("list-of-state-dicts", "holds 2 state dicts"), ("onnx", "ONNX"),
    ("tar-gz-around", "unpack it"),
    ("big-endian-zip", "byte order"), ("optimizer-only", "state of an optimizer"),
    ("bn-track-false", "--batch-norm batch"), ("idx-swapped-files", "the two are swapped"),
    ("idx-float-images", "not bytes"), ("idx-counts-differ", "has 60 labels for 64 images"),
    ("cifar-batch-cut", "is cut off"), ("npz-object-labels", "'y'"),
    ("npz-string-labels", "holds text"),
    ("npz-nan", "sample 5 holds nan"), ("npz-negative-label", "label -1 at sample 2"),
    ("npz-32x32x32", "[5, 32, 32, 32]"), ("parquet", "Parquet"), ("hdf5-data", "HDF5"),
    ("architecture-wrong-advice", "instead of [16, 3072]"), ("msgpack-flax", "Flax"),
    ("tf-index", "neither PyTorch"), ("folder-as-model", "ck/pytorch_model.bin"),
    ("nan-weights", "'fc2.bias': element 0 is nan"),
    ("binary-classes", "gives 2 numbers, but the data have 10 classes"),
    ("one-logit", "gives 1 number, but the data have 10 classes"),
  ].map { .init(name: $0.0, outcome: .refusal, says: [$0.1]) }

  private static let opened: [CasesTests.Case] = [
    ("normalizer-inside", "module.normalizer.new_mean"), ("two-nets", "also there: 'teacher'"),
    ("bn-not-affine", "batchnorm(affine=no)"), ("mnist-dots-in-names", "test: 64 samples"),
    ("emnist-letters", "class 0 is empty"), ("mnist-csv", "images 1x28x28"),
    ("mnist-processed-pt", "test: 64 samples"), ("image-folder", "images 3x32x32, 3 classes"),
    ("cifar10-c", "test: 320 samples"), ("cifar-pickle-p2", "test: 30 samples"),
    ("cifar-pickle-p4-str", "test: 30 samples"), ("cifar-pickle-p5", "test: 30 samples"),
    ("npz-fortran", "mean  0.5136, 0.4960, 0.5103"), ("npz-big-endian", "train: 64 samples"),
    ("npz-arr", "'arr_0' is taken as images"), ("npz-data-labels", "mean  0.5136, 0.4960, 0.5103"),
    ("npz-medmnist", "validation: 8 samples"), ("npz-float-0-255", "divide them by 255"),
    ("npz-float64-normalised", "range -2.0000, 2.0000"),
    ("npz-flat-784", "taken as images of 1x28x28"), ("npz-3-wide", "is taken as [N, C, H, W]"),
    ("npz-int64-pixels", "mean  0.5136, 0.4960, 0.5103"),
    ("test-only-data-evaluates-nothing", "test: 7 of 64 right"),
    ("recorded-accuracy-contradicts", "says acc 93.02 %, but 8 of 64 images are right"),
    ("spectrum-few-steps", "lambda5"), ("quoted-negative-range", "out/surface.npz"),
  ].map { .init(name: $0.0, outcome: .success, says: [$0.1]) }

  static let all: [CasesTests.Case] =
    containers + remarked + searched + doubtful + refused + opened + [
      // The module says its activation, which the expected figure of the list does not have.
      .init(name: "whole-module-zip", outcome: .success, says: ["loss 2.444726"]),
      .init(
        name: "render-unfinished", outcome: .remark,
        says: ["is unfinished", "give the command that made it again"]),
      .init(name: "gl-style-options", outcome: .usage, says: ["Did you mean '--norm'?"]),
      .init(
        name: "bit-split-weights", outcome: .refusal, says: ["error: a.pth"]),
    ]
}
