/// A drawn picture.
package struct Drawing: Sendable {
  package var svg: SVGElement
  /// What the picture does not show, or shows as one, as a sentence each.
  package var notes: [String]

  /// - Parameter height: The height of the content, in units of the drawing.
  init(_ figure: some Figure, _ elements: [SVGElement], height: Double, notes: [String]) {
    let summary = ([figure.summary] + notes).joined(separator: " ")
    let attributes = [
      ("role", "img"),
      ("viewBox", "0 0 \(figure.width.coordinate) \(height.coordinate)"), ("width", "100%"),
      ("font-size", TextSize.font.coordinate), ("font-family", "system-ui, sans-serif"),
    ]
    self.svg = SVGElement(
      "svg", attributes,
      ([
        SVGElement("title", [], [.text(figure.title)]), SVGElement("desc", [], [.text(summary)]),
      ] + elements).map(SVGElement.Child.element))
    self.notes = notes
  }
}

/// The description of a picture.
package protocol Figure: Sendable {
  /// What the picture shows, as a heading.
  var title: String { get }
  /// What a person who does not see the picture should know, as a sentence.
  var summary: String { get }
  /// The width of the drawing in its own units. Text has 12 of them.
  var width: Double { get }

  func drawn() -> Drawing
}

/// The width of a picture of which two lie side by side on a screen. Its text is legible on a phone, and smaller than
/// the titles elsewhere.
package let standardWidth = 420.0
