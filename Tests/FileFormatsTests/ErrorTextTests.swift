import FileFormats
import Testing

@Suite struct ErrorTextTests {
  @Test(arguments: ["\n", "\u{0B}", "\u{2028}"])
  func namesWithLineBreaksLeaveAnErrorOneLine(lineBreak: String) {
    let error = FileFormatError(.malformed, format: "pickle", "class a\(lineBreak)b is missing")
    #expect(error.description == "pickle: class a b is missing")
  }
}
