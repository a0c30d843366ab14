@testable import Datasets
import FileFormats
import TestSupport
import Testing

/// Rows of tokens: cut to a length, each token the target of the one before it.
@Suite struct TokenRowsTests {
  private func open(_ arrays: [(String, NumericArray)]) throws -> OpenedData {
    var writer = NPZWriter()
    for (name, array) in arrays { writer.add(name, array) }
    let path = try temporaryPath("data.npz")
    try writer.write(to: path)
    return try DatasetCatalog.openData(path, split: .train)
  }

  private func values(_ data: OpenedData, _ name: String? = nil) throws -> [Float] {
    guard case .arrays(let data) = data else { return [] }
    let samples = data.samples
    let array = name == nil ? samples.target : samples.inputs.first { $0.name == name }
    return try array.map { try samples.values(of: $0) } ?? []
  }

  private func refusal(_ data: OpenedData, context: Int?, _ target: TargetChoice?) -> String {
    let error = #expect(throws: DatasetError.self) {
      try data.tokenRows(context: context, target: target)
    }
    return error?.detail ?? ""
  }

  private let rows = NumericArray([1, 2, 3, 4, 5, 6, 7, 8] as [Int], shape: [2, 4])

  @Test func eachTokenIsTheTargetOfTheOneBeforeIt() throws {
    let data = try open([("input_ids", rows)]).tokenRows(context: nil, target: .nextToken)
    #expect(try values(data) == [2, 3, 4, -100, 6, 7, 8, -100])
    #expect(try values(data.prefix(samples: 1)) == [2, 3, 4, -100])
    guard case .arrays(let arrays) = data else { return }
    #expect(arrays.hasTokens)
    let selected = arrays.samples.selecting([1])
    #expect(try selected.target.map { try selected.values(of: $0) } == [6, 7, 8, -100])
  }

  @Test func paddingHasNoTargetAndIsNone() throws {
    let mask = NumericArray([1, 1, 0, 0, 0, 1, 1, 1] as [Int], shape: [2, 4])
    let data = try open([("input_ids", rows), ("attention_mask", mask)])
      .tokenRows(context: nil, target: .nextToken)
    #expect(try values(data) == [2, -100, -100, -100, -100, 7, 8, -100])
  }

  @Test func theNextTokenReplacesTargetsThatAreThere() throws {
    let data = try open([("text", rows), ("target", rows)])
    #expect(try values(data.tokenRows(context: nil, target: .array)) == [1, 2, 3, 4, 5, 6, 7, 8])
    #expect(try values(data.tokenRows(context: nil, target: .nextToken))[0] == 2)
    #expect(try values(data) == [1, 2, 3, 4, 5, 6, 7, 8])
  }

  @Test func longRowsAndOneLongTextAreCut() throws {
    let cut = try open([("text", rows), ("target", rows)]).tokenRows(context: 2, target: nil)
    #expect(cut.count == 4)
    #expect(try values(cut, "text") == [1, 2, 3, 4, 5, 6, 7, 8])
    #expect(try values(cut.prefix(samples: 2)) == [1, 2, 3, 4])
    let text = try open([("text", NumericArray([1, 2, 3, 4, 5, 6, 7] as [Int]))])
    let parts = try text.tokenRows(context: 3, target: .nextToken)
    #expect(parts.count == 2)
    #expect(try values(parts) == [2, 3, -100, 5, 6, -100])
    #expect(try open([("text", rows)]).tokenRows(context: 4, target: nil).count == 2)
  }

  @Test func whatIsNoRowOfTokensIsRefused() throws {
    let numbers = NumericArray([1, 2, 3, 4] as [Float], shape: [2, 2])
    let classes = NumericArray([0, 1] as [Int])
    #expect(refusal(try open([("x", numbers)]), context: nil, .nextToken).contains("'x' [2]"))
    #expect(refusal(try open([("x", numbers)]), context: 2, nil).contains("no rows of tokens"))
    #expect(refusal(try open([("text", rows)]), context: 3, nil).contains("rows of 4 tokens"))
    #expect(
      refusal(try open([("text", rows), ("y", classes)]), context: 2, nil).contains("'y' has []"))
    #expect(
      refusal(try open([("text", classes)]), context: nil, .nextToken).contains("`context`"))
    #expect(refusal(try open([("text", classes)]), context: 3, nil).contains("has 2 tokens"))
    let digits = try DatasetCatalog.openData("digits", split: .train)
    #expect(refusal(digits, context: nil, .nextToken).contains("these are images"))
  }
}
