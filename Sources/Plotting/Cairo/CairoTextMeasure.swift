internal import CCairo

/// Widths of text as the drawing library will set it.
final class CairoTextMeasure: TextMeasure {
  private let canvas: CairoCanvas

  init() throws(PlottingError) {
    canvas = try CairoCanvas(
      taking: cairo_image_surface_create(CAIRO_FORMAT_A8, 1, 1),
      call: "cairo_image_surface_create")
  }

  func width(of text: String, font: Font) -> Double {
    canvas.textWidth(text, font: font)
  }
}
