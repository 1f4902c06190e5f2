package import HymbaFormat

/// The layout that comes nearest to a checkpoint of no known layout.
package struct NearestLayout: Hashable, Sendable {
  package let layout: String
  /// The number of tensors whose names fit the layout.
  package let fitting: Int
  package let tensorCount: Int
  /// The first mark of the layout that the checkpoint does not have; nil where it has all.
  package let absent: String?
  /// The name of the first tensor that does not fit; nil where all fit.
  package let stranger: String?

  var text: String {
    "\(layout): \(fitting) of \(tensorCount) tensors fit"
      + (absent.map { ", \($0) is missing" } ?? "")
      + (stranger.map { ", \($0.printable) does not fit" } ?? "")
  }

  /// The built-in layout that the names of the most tensors fit; nil where none fits any.
  /// - Throws: ``ConversionError/layoutInvalid(_:)``.
  package static func of(_ tensors: TensorTable) throws -> NearestLayout? {
    LayoutDetection.nearest(tensors, among: try LayoutCatalog.builtIn())
  }
}
