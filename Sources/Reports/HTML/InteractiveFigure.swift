internal import Foundation
internal import Plotting

/// A figure that a script makes interactive, with a picture that stands in for it.
struct InteractiveFigure {
  /// Pixels per inch of pictures in a page: sharp at their size on a page, and small.
  static let dpi = 110.0

  /// The markup: values for the script, the picture, the caption.
  ///
  /// - Parameters:
  ///   - views: What the script shows, each with a name that is unique in the page.
  ///   - picture: The same as a still picture.
  ///   - description: What the picture shows, for readers who do not see it.
  /// - Returns: The figure, with its values in front.
  /// - Throws: `PlottingError` for a picture that cannot be drawn.
  static func html(
    views: [(id: String, view: any Encodable)], picture: Figure, description: String
  ) throws -> HTML {
    let caption = HTML.element("figcaption", [:], picture.caption)
    return try views.reduce(HTML.empty) { try $0 + HTML.data(id: $1.id, $1.view) }
      + .element(
        "figure", ["data-view": views.map(\.id).joined(separator: " ")],
        [try image(picture, description, isStandIn: true), caption])
  }

  /// A still picture with its caption.
  static func still(_ picture: Figure, description: String) throws -> HTML {
    .element(
      "figure", [:],
      [
        try image(picture, description, isStandIn: false),
        .element("figcaption", [:], picture.caption),
      ])
  }

  private static func image(
    _ picture: Figure, _ description: String, isStandIn: Bool
  ) throws -> HTML {
    var bare = picture
    // The caption is a text of the page.
    bare.caption = ""
    let bytes = try bare.render(format: .png, dpi: dpi)
    return .element(
      "img",
      [
        "class": isStandIn ? "stand-in" : nil, "alt": description,
        "src": "data:image/png;base64," + Data(bytes).base64EncodedString(),
      ])
  }
}
