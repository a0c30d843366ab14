import Artifacts
import TestSupport
import Testing

@Suite struct CSVTableTests {
  @Test func cellsWithSpecialCharactersAreReadBack() throws {
    var table = CSVTable(columns: ["name", "a,b"])
    table.append(["plain", "1"])
    table.append(["quote \"x\"", "line\nbreak\r\n"])
    table.append(["", "\u{E9}"])
    let path = try temporaryPath("table.csv")
    try table.write(to: path)
    #expect(try CSVTable(path: path) == table)
    #expect(table.text.hasPrefix("name,\"a,b\"\nplain,1\n\"quote \"\"x\"\"\","))
  }

  @Test func numbersAreReadBackExactly() throws {
    let values: [Double] = [0.1, 1e300, -.infinity, .infinity, .leastNonzeroMagnitude, 3]
    var table = CSVTable(columns: ["x", "y"])
    for value in values { table.append([CSVTable.cell(value), CSVTable.cell(Float(value))]) }
    table.append([CSVTable.cell(Double.nan), CSVTable.cell(7)])
    let read = try CSVTable(Array(table.text.utf8), path: "x")
    let numbers = try #require(read.numbers("x"))
    #expect(Array(numbers.dropLast()) == values)
    #expect(numbers.last?.isNaN == true)
    #expect(read.rows[0][1] == "0.1")
    #expect(read.numbers("z") == nil)
  }

  @Test func otherLineEndsAreRead() throws {
    let table = try CSVTable(Array("a,b\r\n1,2\r\n3,".utf8), path: "x")
    #expect(table.columns == ["a", "b"])
    #expect(table.rows == [["1", "2"], ["3", ""]])
    #expect(table.numbers("b") == nil)
  }

  @Test(arguments: ["", "a,b\n1\n", "a\n1,2\n", "a\n\"1\n"])
  func damagedTablesAreErrors(text: String) {
    let error = #expect(throws: ArtifactError.self) {
      try CSVTable(Array(text.utf8), path: "t.csv")
    }
    #expect(error?.description.hasPrefix("t.csv: ") == true)
  }
}
