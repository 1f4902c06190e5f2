extension SVGElement {
  typealias Attributes = [(name: String, value: String)]

  static func group(_ elements: [SVGElement], _ attributes: Attributes = []) -> SVGElement {
    SVGElement("g", attributes, elements.map(Child.element))
  }

  static func rect(
    _ x: Double, _ y: Double, _ width: Double, _ height: Double, _ attributes: Attributes
  ) -> SVGElement {
    let place = [
      ("x", x.coordinate), ("y", y.coordinate), ("width", max(0, width).coordinate),
      ("height", max(0, height).coordinate),
    ]
    return SVGElement("rect", place + attributes)
  }

  static func line(
    _ x1: Double, _ y1: Double, _ x2: Double, _ y2: Double, _ attributes: Attributes
  ) -> SVGElement {
    let place = [
      ("x1", x1.coordinate), ("y1", y1.coordinate), ("x2", x2.coordinate), ("y2", y2.coordinate),
    ]
    return SVGElement("line", place + attributes)
  }

  static func path(_ data: String, _ attributes: Attributes) -> SVGElement {
    SVGElement("path", [("d", data)] + attributes)
  }

  static func text(
    _ text: String, _ x: Double, _ y: Double, anchor: String = "start", fill: String = Ink.text
  ) -> SVGElement {
    SVGElement(
      "text",
      [("x", x.coordinate), ("y", y.coordinate), ("text-anchor", anchor), ("fill", fill)],
      [.text(text)])
  }

  /// The element with a tooltip.
  func titled(_ title: String) -> SVGElement {
    var element = self
    element.children.insert(.element(SVGElement("title", [], [.text(title)])), at: 0)
    return element
  }
}

/// The room that text takes. Fonts differ, and a page enlarges the text on a phone, so the estimate is
/// generous.
enum TextSize {
  /// The size of the text, in units of the drawing.
  static let font = 12.0
  /// The height of a line.
  static let line = 20.0
  /// The mean width of a character of the enlarged text.
  static let character = 8.6

  static func width(_ text: String) -> Double { Double(text.count) * character }

  /// The text cut at the end where it is wider than `width`.
  static func fitting(_ text: String, _ width: Double) -> String {
    let count = max(1, Int(width / character))
    return text.count <= count ? text : String(text.prefix(max(1, count - 1))) + "…"
  }
}
