import Foundation
import Testing

@testable import ModelImport

@Suite struct SupportedOperatorsTests {
  @Test func theDocumentedTableIsThatOfTheRules() throws {
    let file = URL(filePath: #filePath).deletingLastPathComponent()
      .appending(path: "../../Docs/Operators.md")
    let text = try String(contentsOf: file, encoding: .utf8)
    #expect(
      text == SupportedOperators.markdown,
      "make it anew: trainer operators --markdown > Docs/Operators.md")
  }

  @Test func everyRuleIsListedOnce() {
    for (groups, rules) in [
      (SupportedOperators.aten, ATenDialect.rules), (SupportedOperators.onnx, ONNXDialect.rules),
    ] {
      let names = groups.flatMap(\.names)
      #expect(Set(names) == Set(rules.keys) && names.count == rules.count)
    }
  }
}
