package import HymbaPlot

/// A figure with a sentence that says how to read it.
package struct Picture: Sendable {
  package var title: String
  package var drawing: Drawing
  /// How to read the figure, for someone who is tired.
  package var reading: String

  package init(_ figure: some Figure, reading: String) {
    self.title = figure.title
    self.drawing = figure.drawn()
    self.reading = reading
  }
}
