internal import CCairo

/// A Cairo surface with its drawing context; both are freed with the object.
final class CairoCanvas {
  private let surface: OpaquePointer
  private let context: OpaquePointer

  /// Takes over `surface`.
  ///
  /// - Throws: `PlottingError.library` where the surface or its context could not be made.
  init(taking surface: OpaquePointer?, call: String) throws(PlottingError) {
    guard let surface else {
      throw .library(call: call, status: "no surface was returned")
    }
    let status = cairo_surface_status(surface)
    guard status == CAIRO_STATUS_SUCCESS else {
      cairo_surface_destroy(surface)
      throw .library(call: call, status: Self.text(status))
    }
    guard let context = cairo_create(surface) else {
      cairo_surface_destroy(surface)
      throw .library(call: "cairo_create", status: "no context was returned")
    }
    self.surface = surface
    self.context = context
    try check("cairo_create")
    configureText()
  }

  deinit {
    cairo_destroy(context)
    cairo_surface_destroy(surface)
  }

  static func text(_ status: cairo_status_t) -> String {
    String(cString: cairo_status_to_string(status))
  }

  /// Throws what the context or the surface have to complain about.
  func check(_ call: String) throws(PlottingError) {
    for status in [cairo_status(context), cairo_surface_status(surface)]
    where status != CAIRO_STATUS_SUCCESS {
      throw .library(call: call, status: Self.text(status))
    }
  }

  /// Text of the same shape at any resolution: no hinting, unrounded widths.
  private func configureText() {
    let options = cairo_font_options_create()
    cairo_font_options_set_hint_style(options, CAIRO_HINT_STYLE_NONE)
    cairo_font_options_set_hint_metrics(options, CAIRO_HINT_METRICS_OFF)
    cairo_font_options_set_antialias(options, CAIRO_ANTIALIAS_GRAY)
    cairo_set_font_options(context, options)
    cairo_font_options_destroy(options)
    cairo_set_line_join(context, CAIRO_LINE_JOIN_ROUND)
    cairo_set_fill_rule(context, CAIRO_FILL_RULE_EVEN_ODD)
  }

  // MARK: - Drawing

  func scale(by factor: Double) {
    cairo_scale(context, factor, factor)
  }

  /// Paints the page white and carries out all commands.
  func draw(_ drawing: Drawing) throws(PlottingError) {
    setColor(.white)
    cairo_paint(context)
    drawing.commands.forEach(draw)
    try check("drawing with cairo")
  }

  private func draw(_ command: DrawCommand) {
    switch command {
    case .fill(let path, let color):
      setColor(color)
      trace(path)
      cairo_fill(context)
    case .stroke(let path, let stroke):
      setColor(stroke.color)
      cairo_set_line_width(context, stroke.width)
      cairo_set_dash(context, stroke.dash, Int32(stroke.dash.count), 0)
      trace(path)
      cairo_stroke(context)
    case .text(let run):
      setColor(run.color)
      cairo_save(context)
      select(run.font)
      cairo_move_to(context, run.origin.x, run.origin.y)
      cairo_rotate(context, run.rotation)
      cairo_show_text(context, run.text)
      cairo_restore(context)
      cairo_new_path(context)
    case .clipped(let path, let commands):
      cairo_save(context)
      trace(path)
      cairo_clip(context)
      commands.forEach(draw)
      cairo_restore(context)
    }
  }

  private func setColor(_ color: Color) {
    cairo_set_source_rgba(context, color.red, color.green, color.blue, color.alpha)
  }

  private func trace(_ path: Path) {
    cairo_new_path(context)
    for line in path.polylines {
      guard let first = line.points.first else { continue }
      cairo_move_to(context, first.x, first.y)
      for point in line.points.dropFirst() { cairo_line_to(context, point.x, point.y) }
      if line.isClosed { cairo_close_path(context) }
    }
  }

  private func select(_ font: Font) {
    cairo_select_font_face(
      context, "DejaVu Sans", CAIRO_FONT_SLANT_NORMAL,
      font.isBold ? CAIRO_FONT_WEIGHT_BOLD : CAIRO_FONT_WEIGHT_NORMAL)
    cairo_set_font_size(context, font.size)
  }

  func textWidth(_ text: String, font: Font) -> Double {
    select(font)
    var extents = cairo_text_extents_t()
    cairo_text_extents(context, text, &extents)
    return extents.x_advance
  }

  // MARK: - Results

  /// Ends the page and the document; nothing can be drawn afterwards.
  func finish() throws(PlottingError) {
    cairo_show_page(context)
    try check("cairo_show_page")
    cairo_surface_finish(surface)
    let status = cairo_surface_status(surface)
    guard status == CAIRO_STATUS_SUCCESS else {
      throw .library(call: "cairo_surface_finish", status: Self.text(status))
    }
  }

  /// Sets one entry of the description of a PDF document.
  func setDocumentEntry(_ key: cairo_pdf_metadata_t, _ value: String) {
    cairo_pdf_surface_set_metadata(surface, key, value)
  }

  /// The pixels of an image surface.
  func pixels() throws(PlottingError) -> PixelImage {
    cairo_surface_flush(surface)
    let width = Int(cairo_image_surface_get_width(surface))
    let height = Int(cairo_image_surface_get_height(surface))
    let stride = Int(cairo_image_surface_get_stride(surface))
    guard let data = cairo_image_surface_get_data(surface), width > 0, height > 0 else {
      throw .library(call: "cairo_image_surface_get_data", status: "the surface has no pixels")
    }
    let bytes = [UInt8](unsafeUninitializedCapacity: width * height * 3) { buffer, count in
      for row in 0..<height {
        // One native-endian 32-bit word for each pixel, unused byte highest.
        let words = UnsafeRawPointer(data + row * stride)
        for column in 0..<width {
          let word = words.load(fromByteOffset: column * 4, as: UInt32.self)
          buffer[count] = UInt8(truncatingIfNeeded: word >> 16)
          buffer[count + 1] = UInt8(truncatingIfNeeded: word >> 8)
          buffer[count + 2] = UInt8(truncatingIfNeeded: word)
          count += 3
        }
      }
    }
    return PixelImage(width: width, height: height, bytes: bytes)
  }
}
