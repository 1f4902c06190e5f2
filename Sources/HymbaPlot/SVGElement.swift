/// An element of an SVG document. Texts and attribute values are escaped when the element is written.
package struct SVGElement: Sendable {
  package var name: String
  /// The attributes, in the order in which they are written.
  package var attributes: [(name: String, value: String)]
  package var children: [Child]

  package enum Child: Sendable {
    case element(SVGElement)
    case text(String)
  }

  package init(
    _ name: String, _ attributes: [(name: String, value: String)] = [], _ children: [Child] = []
  ) {
    self.name = name
    self.attributes = attributes
    self.children = children
  }

  /// The markup of the element.
  package var markup: String {
    let start = name + attributes.map { " \($0.name)=\"\($0.value.escapedForXML)\"" }.joined()
    guard !children.isEmpty else { return "<\(start)/>" }
    let content = children.map { child in
      switch child {
      case .element(let element): element.markup
      case .text(let text): text.escapedForXML
      }
    }
    return "<\(start)>\(content.joined())</\(name)>"
  }
}

extension String {
  /// The text with the five characters escaped that have a meaning in XML, and without those that XML forbids.
  var escapedForXML: String {
    var result = ""
    for scalar in unicodeScalars {
      switch scalar {
      case "&": result += "&amp;"
      case "<": result += "&lt;"
      case ">": result += "&gt;"
      case "\"": result += "&quot;"
      case "'": result += "&#39;"
      case "\t", "\n", "\r": result.unicodeScalars.append(scalar)
      case "\u{0}"..<" ", "\u{FFFE}", "\u{FFFF}": result += "\u{FFFD}"
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result
  }
}
