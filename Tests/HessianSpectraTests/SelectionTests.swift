import ComputationGraph
import HessianSpectra
import LinearAlgebra
import NeuralNetworks
import Testing

@Suite struct SelectionTests {
  private let layout = ParameterLayout([
    ParameterTensor("conv1.weight", [4, 3, 3, 3], .weight),
    ParameterTensor("bn1.weight", [4], .normScale),
    ParameterTensor("bn1.bias", [4], .normShift),
    ParameterTensor("layer1.0.conv1.weight", [2, 4, 1, 1], .weight),
    ParameterTensor("fc.weight", [2, 2], .weight), ParameterTensor("fc.bias", [2], .bias),
  ])

  @Test func patternsMatchWholeNames() {
    #expect(NamePattern("layer1.*").matches("layer1.0.conv1.weight"))
    #expect(!NamePattern("layer1").matches("layer1.0.conv1.weight"))
    #expect(NamePattern("*.weight").matches("fc.weight"))
    #expect(NamePattern("*a*b").matches("xaab") && !NamePattern("*a*b").matches("xab-"))
    #expect(
      NamePattern("bn?.bias").matches("bn1.bias") && !NamePattern("bn?.bias").matches("bn.bias"))
    #expect(NamePattern("*").matches("") && !NamePattern("?").matches(""))
  }

  @Test func tensorsAreChosenByNameAndRole() throws {
    let norms = try ParameterSelection(layout, patterns: ["bn1.*"])
    #expect(norms.segments == [1, 2] && norms.ranges == [108..<116] && norms.count == 8)
    let weights = try ParameterSelection(layout, patterns: ["fc.*", "conv1.*"], roles: [.weight])
    #expect(weights.segments == [0, 4])
    #expect(try ParameterSelection(layout, patterns: []).isWhole)
    #expect(throws: SpectrumError.self) { try ParameterSelection(layout, patterns: ["conv9.*"]) }
    #expect(throws: SpectrumError.self) {
      try ParameterSelection(layout, patterns: ["conv1.*"], roles: [.bias])
    }
  }

  @Test func restrictingUndoesEmbedding() throws {
    let mask = Vector<Float>((0..<layout.count).map { $0 % 5 == 2 || $0 > 120 ? 1 : 0 })
    for selection in [
      try ParameterSelection(layout, mask: mask),
      try ParameterSelection(layout, patterns: ["*.bias"]),
      ParameterSelection(all: layout),
    ] {
      let x = Vector<Float>((0..<selection.count).map { Float($0 + 1) })
      let whole = selection.embed(x)
      #expect(whole.count == layout.count && whole.sum == x.sum)
      #expect(selection.restrict(whole) == x)
      for part in layout.segments.map(\.range) + [3..<118, 120..<120] {
        #expect(selection.elements(of: x, in: part) == whole[part].array)
      }
    }
    #expect(throws: SpectrumError.self) {
      try ParameterSelection(layout, mask: Vector(zeros: layout.count))
    }
    #expect(throws: SpectrumError.self) { try ParameterSelection(layout, mask: Vector(zeros: 3)) }
  }

  @Test func layersJoinTensorsWhoseNamesDifferInTheLastPart() {
    #expect(layout.layers.map(\.name) == ["conv1", "bn1", "layer1.0.conv1", "fc"])
    #expect(layout.layers[3].segments == [4, 5])
  }
}
