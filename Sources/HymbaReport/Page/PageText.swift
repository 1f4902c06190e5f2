import HymbaFormat
import HymbaPlot
import Mustache

/// The escaping of texts on a page.
struct PageText: MustacheContentType {
  /// Makes the escaping known to templates as `PAGE`.
  static func register() { MustacheContentTypes.register(PageText(), named: "PAGE") }

  /// Mustache itself escapes characters, and so passes over a `<` that a combining mark follows. This
  /// escapes each scalar.
  func escapeText(_ text: String) -> String {
    var result = ""
    for scalar in text.printable.unicodeScalars {
      switch scalar {
      case "&": result += "&amp;"
      case "<": result += "&lt;"
      case ">": result += "&gt;"
      case "\"": result += "&quot;"
      case "'": result += "&#39;"
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result
  }
}

extension SVGElement {
  /// The element with its invisible characters shown as `\u{…}`.
  var printable: SVGElement {
    SVGElement(
      name, attributes.map { ($0.name, $0.value.printable) },
      children.map { child in
        switch child {
        case .element(let element): .element(element.printable)
        case .text(let text): .text(text.printable)
        }
      })
  }
}
