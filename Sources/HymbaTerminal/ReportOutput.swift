package import ArgumentParser
package import HymbaConversion
import HymbaFormat

/// A file of `--report`. Its name says whether it is a page or Markdown.
package struct ReportOutput {
  private let path: String
  private let form: Form
  private let replace: Bool

  package enum Form: String, CaseIterable {
    case html = ".html"
    case markdown = ".md"
  }

  /// The completion of a name after `--report`.
  package static var completion: CompletionKind {
    .file(extensions: Form.allCases.map { String($0.rawValue.dropFirst()) })
  }

  /// Checks the file, as far as that is possible before it is written.
  ///
  /// - Throws: ``FormatError/outputExists`` for a file that may not be replaced, ``FormatError/cannotWrite(_:)``,
  ///   ``ConversionError`` of the kind `usage` for a name with another ending.
  package init(_ path: String, replace: Bool) throws {
    guard path != StandardInput.path else {
      throw ConversionError.exportImpossible(
        "a report is not written to standard output; name a .html or .md file with --report")
    }
    guard let form = Form.allCases.first(where: { path.lowercased().hasSuffix($0.rawValue) }) else {
      throw ConversionError.exportImpossible(
        "“\(path.printable)” is no name of a report; a name after --report ends in .html or .md")
    }
    try naming(path) { try OutputFile.requirePlace(path, replace: replace) }
    self.path = path
    self.form = form
    self.replace = replace
  }

  /// Refuses a report that would replace a file that is read.
  ///
  /// - Throws: ``ConversionError/exportImpossible(_:)``.
  package func requireApart(from files: [String]) throws {
    guard let output = FileIdentity(path), files.contains(where: { FileIdentity($0) == output }) else {
      return
    }
    throw FileDiagnosis(
      path,
      ConversionError.exportImpossible("this file is read, and --report would replace it; name another file"))
  }

  /// Refuses a report that would replace a file that is read.
  ///
  /// - Throws: ``ConversionError/exportImpossible(_:)``.
  package func requireApart(from model: OpenedModel, _ files: [String]) throws {
    guard let output = FileIdentity(path) else { return }
    guard model.isSource(path) || files.contains(where: { FileIdentity($0) == output }) else {
      return
    }
    throw FileDiagnosis(
      path,
      ConversionError.exportImpossible(
        "this file is read, and --report would replace it; name another file"))
  }

  /// Writes the report.
  ///
  /// - Parameter text: Makes the report in a form.
  /// - Throws: The errors of `text`, and ``FormatError`` with the path where it cannot be written.
  package func write(_ text: (Form) throws -> String) throws {
    let bytes = Array(try text(form).utf8)
    try naming(path) {
      let file = try OutputFile(path, replace: replace, expectedBytes: bytes.count)
      try file.write(bytes, at: 0)
      try file.commit(byteCount: bytes.count)
    }
  }
}
