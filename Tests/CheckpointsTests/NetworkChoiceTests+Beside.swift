import FileFormats
import Testing

@testable import Checkpoints

/// What lies beside the weights of a network.
extension NetworkChoiceTests {
  // MARK: - What is no part of the network

  @Test func countersMetricsAndLossesArePassedOver() throws {
    let network = try Self.taken(
      .dictionary(
        Self.network() + [
          Entry(key: "n_averaged", value: Self.counter),
          Entry(key: "conv.total_ops", value: Self.tensor([1])),
          Entry(key: "conv.total_params", value: Self.tensor([1])),
          Entry(key: "bn.num_batches_tracked", value: Self.counter),
          Entry(key: "val_acc.correct", value: Self.counter),
          Entry(
            key: "train_metrics.confmat",
            value: .tensor(NumericArray([1, 2, 3, 4], shape: [2, 2]))),
          Entry(key: "criterion.weight", value: Self.tensor([10])),
          Entry(key: "loss_fn.weight", value: Self.tensor([10])),
          Entry(key: "class_weights", value: Self.tensor([10])),
          Entry(key: "scale", value: Self.tensor([])),
        ]))
    #expect(network.tensors.map(\.name) == Self.names + ["bn.num_batches_tracked", "scale"])
    #expect(
      network.remarks == [
        "counters are passed over: n_averaged, conv.total_ops, conv.total_params",
        "metrics are passed over: val_acc.correct, train_metrics.confmat",
        "tensors of the loss are passed over: criterion.weight, loss_fn.weight, class_weights",
      ])
  }

  // MARK: - Normalisation

  private static func normalization(
    _ mean: (String, [Float]), _ deviation: (String, [Float]), shape: [Int]? = nil
  ) throws -> CheckpointNetwork {
    try taken(
      .dictionary(
        [mean, deviation].map { name, values in
          Entry(key: name, value: .tensor(NumericArray(values, shape: shape)))
        } + network("net.")))
  }

  @Test(
    arguments: [
      ("mean", "std", nil), ("normalize.mean", "normalize.std", [1, 3, 1, 1]),
      ("_mean", "_std", [3, 1, 1]), ("pre.mu", "pre.sigma", [3]), ("pixel_mean", "pixel_std", [3]),
      ("norm.new_mean", "norm.new_std", [3, 1, 1]), ("means", "sds", [3]),
    ] as [(String, String, [Int]?)])
  func storedMeanAndDeviationAreRead(mean: String, deviation: String, shape: [Int]?) throws {
    let network = try Self.normalization(
      (mean, [0.4914, 0.4822, 0.4465]), (deviation, [0.2023, 0.1994, 0.201]), shape: shape)
    #expect(network.normalization == "mean=0.4914,0.4822,0.4465;std=0.2023,0.1994,0.201")
    #expect(network.tensors.map(\.name) == Self.names)
    #expect(network.remarks.count == 1)
  }

  @Test func thoseOfBytesAreBroughtToTheUnitOfPixels() throws {
    let network = try Self.normalization(("mean", [51, 102, 127.5]), ("std", [25.5, 51, 51]))
    #expect(network.normalization == "mean=0.2,0.4,0.5;std=0.1,0.2,0.2")
  }

  @Test func statisticsOfHiddenLayersAreNone() throws {
    let hidden = try Self.normalization(("norm.mean", [1, 2, 3, 4]), ("norm.std", [1, 2, 3, 4]))
    #expect(hidden.normalization == nil && hidden.tensors.count == 6)
    let running = try Self.normalization(
      ("norm.running_mean", [1, 2, 3]), ("norm.running_std", [1, 2, 3]))
    #expect(running.normalization == nil)
    let zero = try Self.normalization(("mean", [1, 1, 1]), ("std", [0, 1, 1]))
    #expect(zero.normalization == nil)
  }

  @Test func listsBesideTheWeightsAreANormalisation() throws {
    let root = Self.state([
      ("state_dict", .dictionary(Self.network())),
      (
        "args",
        .object(
          "argparse.Namespace",
          [
            Entry(key: "mean", value: .numbers([0.5, 0.5, 0.5])),
            Entry(key: "std", value: .numbers([0.25, 0.25, 0.25])),
          ])
      ),
    ])
    #expect(try Self.taken(root).normalization == "mean=0.5,0.5,0.5;std=0.25,0.25,0.25")
  }
}
