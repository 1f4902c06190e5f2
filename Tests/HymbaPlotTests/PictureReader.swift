import Foundation
import FoundationXML
import HymbaPlot
import Testing

/// What a reader of XML finds in a picture.
final class PictureReader: NSObject, XMLParserDelegate {
  private(set) var counts: [String: Int] = [:]
  private(set) var coordinates: [Double] = []
  private(set) var wrongNumbers: [String] = []
  private(set) var texts: [String] = []

  /// Reads a picture. It is an issue of the test if the picture is not well formed, lacks a title or a
  /// description, or has coordinates that are no numbers.
  init(_ figure: some Figure, sourceLocation: SourceLocation = #_sourceLocation) {
    super.init()
    let drawing = figure.drawn()
    let parser = XMLParser(data: Data(drawing.svg.markup.utf8))
    parser.delegate = self
    #expect(parser.parse(), sourceLocation: sourceLocation)
    #expect(wrongNumbers == [], sourceLocation: sourceLocation)
    #expect(
      coordinates.allSatisfy { $0 >= -60 && $0 <= 3000 },
      "\(coordinates.filter { $0 < -60 || $0 > 3000 })",
      sourceLocation: sourceLocation)
    #expect(counts["desc"] == 1 && counts["title", default: 0] >= 1, sourceLocation: sourceLocation)
  }

  private static let numeric: Set<String> = ["x", "y", "x1", "x2", "y1", "y2", "width", "height"]

  func parser(
    _ parser: XMLParser, didStartElement name: String, namespaceURI: String?,
    qualifiedName: String?,
    attributes: [String: String]
  ) {
    counts[name, default: 0] += 1
    for (attribute, value) in attributes where Self.numeric.contains(attribute) && value != "100%" {
      if let number = Double(value), number.isFinite {
        coordinates.append(number)
      } else {
        wrongNumbers.append(value)
      }
    }
    guard let data = attributes["d"] else { return }
    let numbers = data.split { "MLZa ".contains($0) }
    for number in numbers {
      if let value = Double(number), value.isFinite {
        coordinates.append(value)
      } else {
        wrongNumbers.append(data)
      }
    }
  }

  func parser(_ parser: XMLParser, foundCharacters string: String) { texts.append(string) }
}
