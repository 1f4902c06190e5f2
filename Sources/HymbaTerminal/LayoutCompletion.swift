package import ArgumentParser
import HymbaConversion
import HymbaFormat

/// The completion of a value that is the name of a layout, or a file.
package enum LayoutCompletion {
  static let names = ((try? LayoutCatalog.builtIn().map(\.name)) ?? []) + [LayoutReference.verbatim.name]

  /// The names are read only where a script is made of them, as reading them takes time.
  package static var kind: CompletionKind { CompletionScript.isAsked ? .list(names) : .default }
}
