internal import CCairo

extension Figure {
  /// The bytes of the figure's file; the same figure always gives the same bytes.
  ///
  /// - Parameters:
  ///   - format: PNG has pixels; SVG and PDF are drawn from the same commands.
  ///   - dpi: pixels per inch of a PNG.
  ///   - metadata: provenance, by keyword: PNG text chunks, an SVG `desc` element, the subject of
  ///     a PDF document. Keywords are 1 to 79 printable Latin characters.
  /// - Returns: the whole content of a file.
  /// - Throws: `PlottingError` where the figure cannot be laid out or a library refuses.
  package func render(
    format: FigureFormat, dpi: Double = 300, metadata: [String: String] = [:]
  ) throws(PlottingError) -> [UInt8] {
    let drawing = try drawing(measure: CairoTextMeasure())
    return switch format {
    case .png: try drawing.png(dpi: dpi, metadata: metadata)
    case .svg: try drawing.svg(title: title, metadata: metadata)
    case .pdf: try drawing.pdf(title: title, metadata: metadata)
    }
  }
}

extension Drawing {
  /// The largest side of an image, in pixels: Cairo's own limit.
  private static let largestSide = 32_767.0
  /// The most pixels of an image: 1 GiB of memory while it is drawn.
  private static let mostPixels = 268_435_456.0

  func png(dpi: Double, metadata: [String: String]) throws(PlottingError) -> [UInt8] {
    try PNGEncoder.encode(pixels(dpi: dpi), dpi: dpi, metadata: metadata)
  }

  func pixels(dpi: Double) throws(PlottingError) -> PixelImage {
    guard dpi.isFinite, dpi >= 10, dpi <= 2400 else {
      throw .invalidFigure("the resolution must be within 10 to 2400 dots per inch, got \(dpi)")
    }
    let factor = dpi / 72
    let width = (size.width * factor).rounded(.up)
    let height = (size.height * factor).rounded(.up)
    guard width >= 1, height >= 1, width <= Self.largestSide, height <= Self.largestSide,
      width * height <= Self.mostPixels
    else {
      throw .invalidFigure(
        "a picture of \(width) x \(height) pixels is too large; lower the resolution")
    }
    let canvas = try CairoCanvas(
      taking: cairo_image_surface_create(CAIRO_FORMAT_RGB24, Int32(width), Int32(height)),
      call: "cairo_image_surface_create")
    canvas.scale(by: factor)
    try canvas.draw(self)
    return try canvas.pixels()
  }

  func svg(title: String, metadata: [String: String]) throws(PlottingError) -> [UInt8] {
    let sink = ByteSink()
    let bytes = try sink.collect { writer, closure throws(PlottingError) in
      let canvas = try CairoCanvas(
        taking: cairo_svg_surface_create_for_stream(writer, closure, size.width, size.height),
        call: "cairo_svg_surface_create_for_stream")
      try canvas.draw(self)
      try canvas.finish()
    }
    return SVGDescription.inserted(into: bytes, title: title, metadata: metadata)
  }

  func pdf(title: String, metadata: [String: String]) throws(PlottingError) -> [UInt8] {
    try ByteSink().collect { writer, closure throws(PlottingError) in
      let canvas = try CairoCanvas(
        taking: cairo_pdf_surface_create_for_stream(writer, closure, size.width, size.height),
        call: "cairo_pdf_surface_create_for_stream")
      canvas.setDocumentEntry(CAIRO_PDF_METADATA_TITLE, title)
      canvas.setDocumentEntry(
        CAIRO_PDF_METADATA_SUBJECT,
        metadata.sorted { $0.key < $1.key }.map { "\($0.key): \($0.value)" }
          .joined(separator: "\n"))
      // The time of day would make each run's file differ.
      canvas.setDocumentEntry(CAIRO_PDF_METADATA_CREATE_DATE, "")
      try canvas.draw(self)
      try canvas.finish()
    }
  }
}

/// Collects what Cairo writes to a stream.
private final class ByteSink {
  private var bytes: [UInt8] = []

  typealias Writer =
    @convention(c) (
      UnsafeMutableRawPointer?, UnsafePointer<UInt8>?, UInt32
    ) -> cairo_status_t

  /// Runs `body` with the two arguments of a stream surface; returns what was written meanwhile.
  ///
  /// The surface must not outlive `body`.
  func collect(
    _ body: (Writer, UnsafeMutableRawPointer) throws(PlottingError) -> Void
  ) throws(PlottingError) -> [UInt8] {
    let writer: Writer = { closure, data, count in
      guard let closure, let data else { return CAIRO_STATUS_WRITE_ERROR }
      Unmanaged<ByteSink>.fromOpaque(closure).takeUnretainedValue().bytes
        .append(contentsOf: UnsafeBufferPointer(start: data, count: Int(count)))
      return CAIRO_STATUS_SUCCESS
    }
    let retained = Unmanaged.passRetained(self)
    defer { retained.release() }
    try body(writer, retained.toOpaque())
    return bytes
  }
}
