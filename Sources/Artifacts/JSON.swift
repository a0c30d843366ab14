import FileFormats
import Foundation

/// JSON as results are written and read.
///
/// Keys are sorted, so equal values give equal bytes. Floating-point numbers are written with the
/// fewest digits that read back to the same number; those that JSON lacks become the texts
/// `"nan"`, `"inf"` and `"-inf"`.
public enum JSON {
  /// Encodes a value, indented by two spaces and ended by a line feed, or on one line.
  ///
  /// - Throws: the error of an `Encodable` implementation, if one throws.
  public static func encode(_ value: some Encodable, onOneLine: Bool = false) throws -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting =
      onOneLine
      ? [.sortedKeys, .withoutEscapingSlashes]
      : [.sortedKeys, .withoutEscapingSlashes, .prettyPrinted]
    encoder.nonConformingFloatEncodingStrategy = .convertToString(
      positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
    let text = String(decoding: try encoder.encode(value), as: UTF8.self)
    return onOneLine ? text : text + "\n"
  }

  /// Decodes a value; `path` is named in errors.
  ///
  /// Every result says the version of its form in its provenance. That is looked at before anything
  /// else: what a newer form changed must not be reported as damage.
  ///
  /// - Throws: `ArtifactError.newerForm` for a result of a newer version, otherwise one that says
  ///   where the text departs from the expected form.
  public static func decode<Value: Decodable>(
    _ type: Value.Type, from bytes: [UInt8], path: String
  ) throws(ArtifactError) -> Value {
    let decoder = JSONDecoder()
    decoder.nonConformingFloatDecodingStrategy = .convertFromString(
      positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
    if let version = (try? decoder.decode(SchemaProbe.self, from: Data(bytes)))?.version,
      version > Provenance.currentSchemaVersion
    {
      throw .newerForm(path: path, schemaVersion: version)
    }
    do {
      return try decoder.decode(type, from: Data(bytes))
    } catch {
      throw .malformed(path: path, text(of: error))
    }
  }

  /// Writes a value to `path` atomically.
  ///
  /// - Throws: `ArtifactError` if it cannot be encoded or written.
  public static func write(_ value: some Encodable, to path: String) throws(ArtifactError) {
    let text: String
    do {
      text = try encode(value)
    } catch {
      throw .malformed(path: path, "cannot be written as JSON")
    }
    do throws(FileFormatError) {
      try AtomicFile.write(text, to: path)
    } catch {
      throw .file(error)
    }
  }

  /// Reads the value in the file at `path`.
  ///
  /// - Throws: `ArtifactError` if the file is unreadable or departs from the expected form.
  public static func read<Value: Decodable>(
    _ type: Value.Type, from path: String
  ) throws(ArtifactError) -> Value {
    let bytes: [UInt8]
    do throws(FileFormatError) {
      bytes = try FileBytes.read(path)
    } catch {
      throw .file(error)
    }
    return try decode(type, from: bytes, path: path)
  }

  private static func text(of error: any Error) -> String {
    switch error {
    case DecodingError.keyNotFound(let key, let context):
      "has no entry \(place(context.codingPath + [key]))"
    case DecodingError.typeMismatch(let type, let context),
      DecodingError.valueNotFound(let type, let context):
      "entry \(place(context.codingPath)) is no \(type)"
    case DecodingError.dataCorrupted(let context) where !context.codingPath.isEmpty:
      "entry \(place(context.codingPath)) is not valid"
    default: "is not valid JSON"
    }
  }

  private static func place(_ path: [any CodingKey]) -> String {
    quoted(path.map { $0.intValue.map(String.init) ?? $0.stringValue }.joined(separator: "."))
  }
}

/// The version of a result's form, wherever the result keeps its provenance.
private struct SchemaProbe: Decodable {
  private struct Holder: Decodable {
    let schemaVersion: Int?
  }

  private struct Source: Decodable {
    let provenance: Holder?
  }

  private enum Key: String, CodingKey {
    case schemaVersion, provenance, source
  }

  let version: Int?

  init(from decoder: any Decoder) throws {
    // A file may hold several results.
    if var results = try? decoder.unkeyedContainer() {
      var highest: Int?
      while !results.isAtEnd {
        let version = try results.decode(SchemaProbe.self).version
        highest = [highest, version].compactMap(\.self).max()
      }
      version = highest
      return
    }
    let entries = try decoder.container(keyedBy: Key.self)
    version = [
      try? entries.decode(Int.self, forKey: .schemaVersion),
      (try? entries.decode(Holder.self, forKey: .provenance))?.schemaVersion,
      (try? entries.decode(Source.self, forKey: .source))?.provenance?.schemaVersion,
    ].compactMap(\.self).max()
  }
}
