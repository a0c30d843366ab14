internal import Objectives

extension QuadMesh {
  /// The mesh as VTK PolyData in XML, which ParaView opens: point data `zvalue` (the height), `loss` and
  /// the metric, cell data `averaged zvalue`, with the names of loss-landscape's `h52vtp.py`.
  ///
  /// - Parameter surface: The surface that the mesh was made of.
  /// - Returns: The file.
  package func vtp(of surface: LossSurface) -> String {
    var text = """
      <?xml version="1.0"?>
      <VTKFile type="PolyData" version="1.0" byte_order="LittleEndian" header_type="UInt64">
        <PolyData>
          <Piece NumberOfPoints="\(points.count)" NumberOfVerts="0" NumberOfLines="0" \
      NumberOfStrips="0" NumberOfPolys="\(quads.count)">
            <PointData Scalars="zvalue">

      """
    text += Self.array("Float32", "zvalue", points.map { "\($0.z)" })
    // Other than the height a value may be infinite, which XML of VTK has no word for.
    text += Self.array(
      "Float32", "loss", indices.map { Self.number(Float(surface.loss[$0])) })
    if let metric = surface.metric {
      text += Self.array(
        "Float32", metric.arrayName, indices.map { Self.number(Float(surface.score[$0])) })
    }
    text += "      </PointData>\n      <CellData Scalars=\"averaged zvalue\">\n"
    text += Self.array(
      "Float32", "averaged zvalue",
      quads.map { quad in
        let corners = [quad.0, quad.1, quad.2, quad.3]
        return "\(Float(corners.reduce(0) { $0 + Double(points[$1].z) } / 4))"
      })
    text += "      </CellData>\n      <Points>\n"
    text += Self.array(
      "Float32", "Points", points.map { "\($0.x) \($0.y) \($0.z)" }, components: 3)
    text += "      </Points>\n      <Polys>\n"
    text += Self.array(
      "Int64", "connectivity", quads.map { "\($0.0) \($0.1) \($0.2) \($0.3)" })
    text += Self.array("Int64", "offsets", quads.indices.map { "\(4 * ($0 + 1))" })
    return text + "      </Polys>\n    </Piece>\n  </PolyData>\n</VTKFile>\n"
  }

  /// The mesh as Wavefront OBJ: a line `v x y z` a point, a line `f a b c d` a quadrilateral, whose
  /// corners are counted from 1.
  package var obj: String {
    var text = "# Loss surface: x and y are coordinates along the directions, z is the height.\n"
    for point in points { text += "v \(point.x) \(point.y) \(point.z)\n" }
    for quad in quads { text += "f \(quad.0 + 1) \(quad.1 + 1) \(quad.2 + 1) \(quad.3 + 1)\n" }
    return text
  }

  private static func number(_ value: Float) -> String { value.isFinite ? "\(value)" : "nan" }

  private static func array(
    _ type: String, _ name: String, _ items: [String], components: Int = 1
  ) -> String {
    var text =
      "        <DataArray type=\"\(type)\" Name=\"\(name)\" NumberOfComponents=\"\(components)\" "
      + "format=\"ascii\">\n"
    for start in stride(from: 0, to: items.count, by: 6) {
      text +=
        "          " + items[start..<min(start + 6, items.count)].joined(separator: " ") + "\n"
    }
    return text + "        </DataArray>\n"
  }
}
