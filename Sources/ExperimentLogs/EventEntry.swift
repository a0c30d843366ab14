/// What stands in TensorBoard under a name at a step.
package struct EventEntry: Equatable, Sendable {
  /// A number or a picture.
  package enum Content: Equatable, Sendable {
    case scalar(Double)
    /// A PNG file.
    case image([UInt8])
  }

  /// Name; what stands before the first slash is the group.
  package let tag: String
  /// Place on the horizontal axis.
  package let step: Int
  /// What is shown.
  package let content: Content
  /// What is said beside the chart, as Markdown.
  package let description: String

  /// Joins the parts.
  package init(tag: String, step: Int, content: Content, description: String = "") {
    self.tag = tag
    self.step = step
    self.content = content
    self.description = description
  }
}
