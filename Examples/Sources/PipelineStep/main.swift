// A step of a pipeline: PipelineStep MODEL [DATA] measures a checkpoint and prints one JSON object.
//
// Exit status 0; 1 where something is wrong, with one line on stderr; 3 where lambda1 is or may be above
// 1,000. Progress is an asynchronous sequence here; a callback would do too.
import Basin
import Foundation

struct Measurements: Codable {
  var model: String
  var evaluation: EvaluationSummary
  var spectrum: SpectrumSummary
}

let arguments = CommandLine.arguments.dropFirst()
guard let path = arguments.first else {
  FileHandle.standardError.write(Data("usage: PipelineStep MODEL [DATA]\n".utf8))
  exit(64)
}

let (events, continuation) = AsyncStream.makeStream(of: RunEvent.self)
let listener = Task {
  for await case .remark(let text) in events {
    FileHandle.standardError.write(Data("note: \(text)\n".utf8))
  }
}
let context = RunContext { continuation.yield($0) }
do {
  let model = try OpenedModel(
    path, ModelConfiguration(data: arguments.dropFirst().first, samples: 500),
    report: { continuation.yield($0) })
  var settings = SpectrumConfiguration()
  settings.steps = 40
  settings.top = 5
  let result = Measurements(
    model: path, evaluation: try model.evaluation(context: context),
    spectrum: try model.spectrum(settings, in: nil, context: context).summary)
  print(try JSON.encode(result), terminator: "")
  continuation.finish()
  await listener.value
  let spectrum = result.spectrum.spectrum
  let lambda = spectrum.largest[0]
  if lambda.value + spectrum.bound(of: lambda) > 1_000 { exit(3) }
} catch {
  FileHandle.standardError.write(Data("error: \(error)\n".utf8))
  exit(1)
}
