/// Script and style of the page, the files in `Page`, which the package builds in: an installed program
/// needs no other file.
enum PageSource {
  static let style = text(PackageResources.report_css)

  static let script = [
    PackageResources.common_js, PackageResources.chart_js, PackageResources.surface_js,
    PackageResources.report_js,
  ].map(text).joined(separator: "\n")

  private static func text(_ bytes: [UInt8]) -> String { String(decoding: bytes, as: UTF8.self) }
}
