import ComputationGraph
import Foundation
import LinearAlgebra
import NeuralNetworks
import Testing

/// Layouts, initial weights and descriptions of networks.
@Suite struct ParameterTests {
  @Test func `segments follow one another`() throws {
    let layout = try ArchitectureTests.network("resnet20").layout
    var end = 0
    for segment in layout.segments {
      #expect(segment.range.lowerBound == end)
      #expect(segment.range.count == segment.shape.count)
      end = segment.range.upperBound
    }
    #expect(layout.count == end)
    #expect(layout["linear.bias"]?.range == end - 10..<end)
    #expect(layout["nothing"] == nil)
  }

  @Test func `layouts survive JSON and corrupt ones are refused`() throws {
    let layout = try ArchitectureTests.network("resnet20").layout
    let data = try JSONEncoder().encode(layout)
    #expect(try JSONDecoder().decode(ParameterLayout.self, from: data) == layout)
    for text in [
      #"[{"name": "a", "shape": [2], "role": "weight"}, {"name": "a", "shape": [2], "role": "bias"}]"#,
      #"[{"name": "a", "shape": [-2], "role": "weight"}]"#,
      #"[{"name": "a", "shape": [4294967296, 4294967296], "role": "weight"}]"#,
      #"[{"name": "a", "shape": [2], "role": "other"}]"#,
    ] {
      #expect(throws: DecodingError.self) {
        try JSONDecoder().decode(ParameterLayout.self, from: Data(text.utf8))
      }
    }
  }

  @Test func `initial weights have the spread of Kaiming`() throws {
    let parameters = try ArchitectureTests.network("lenet").initialParameters(seed: 1)
    let weight = try #require(parameters["fc1.weight"])  // [120, 400]
    let count = Double(weight.count)
    let expected = (2.0 / 400).squareRoot()
    // The standard error of a deviation from n samples is 1 / sqrt(2 n) of it.
    let deviation = weight.norm / count.squareRoot()
    #expect(abs(deviation / expected - 1) < 5 / (2 * count).squareRoot())
    #expect(abs(weight.sum / count) < 5 * expected / count.squareRoot())
    let bias = try #require(parameters["fc1.bias"]).array
    let bound = 1 / Float(400).squareRoot()
    #expect(bias.allSatisfy { abs($0) <= bound })
    #expect(bias.contains { $0 > bound / 2 } && bias.contains { $0 < -bound / 2 })

    let normalized = try ArchitectureTests.network("resnet20").initialParameters(seed: 1)
    #expect(try #require(normalized["bn1.weight"]).array.allSatisfy { $0 == 1 })
    #expect(try #require(normalized["bn1.bias"]).array.allSatisfy { $0 == 0 })
  }

  @Test func `initial weights depend on seed and name only`() throws {
    let ten = try ArchitectureTests.network("resnet20")
    let hundred = try ArchitectureTests.network("resnet20", classes: 100)
    let first = ten.initialParameters(seed: 1)
    #expect(first == ten.initialParameters(seed: 1))
    #expect(
      first["conv1.weight"] == hundred.initialParameters(seed: 1)["conv1.weight"])
    #expect(first["conv1.weight"] != ten.initialParameters(seed: 2)["conv1.weight"])
    #expect(first["layer1.0.conv1.weight"] != first["layer1.0.conv2.weight"])
  }

  @Test func `initial statistics are those of the standard normal distribution`() throws {
    let network = try ArchitectureTests.network("resnet20")
    let state = network.initialBuffers()
    #expect(state.elements.count == 2 * 688)
    #expect(state["bn1.running_mean"]?.array == [Float](repeating: 0, count: 16))
    #expect(state["bn1.running_var"]?.array == [Float](repeating: 1, count: 16))
  }
}
