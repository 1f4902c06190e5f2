import HymbaPlot

/// What the template of a page reads. Names of stored properties are those of the template's tags.
struct PageContext {
  let title: String
  let style: String
  let verdict: VerdictContext?
  let sections: [SectionContext]
  let maker: String

  init(_ page: Page) {
    title = page.title
    // A style element has no escapes, so the style is a file of ours alone.
    style = String(decoding: PackageResources.style_css, as: UTF8.self)
    verdict = page.verdict.map { VerdictContext(tone: $0.tone.rawValue, text: $0.text) }
    sections = page.sections.enumerated().map { SectionContext($0.element, number: $0.offset + 1) }
    maker = page.maker
  }

  struct VerdictContext {
    let tone: String
    let text: String
  }

  struct SectionContext {
    let id: String
    let heading: String
    let blocks: [BlockContext]

    init(_ section: Section, number: Int) {
      id = "section-\(number)"
      heading = section.heading
      blocks = section.blocks.map(BlockContext.init)
    }
  }

  /// One of the properties is not nil.
  struct BlockContext {
    var paragraph: String?
    var facts: [FactContext]?
    var gallery: GalleryContext?
    var table: TableContext?
    var folded: TableContext?

    init(_ block: Block) {
      switch block {
      case .paragraph(let text): paragraph = text
      case .facts(let facts): self.facts = facts.map { FactContext(name: $0.name, texts: $0.texts) }
      case .pictures(let pictures):
        gallery = GalleryContext(pictures: pictures.map(PictureContext.init))
      case .table(let table): self.table = TableContext(table)
      case .foldedTable(let table): folded = TableContext(table)
      }
    }
  }

  /// A tag of the list of pictures itself would be repeated for each of them.
  struct GalleryContext {
    let pictures: [PictureContext]
  }

  struct FactContext {
    let name: String
    let texts: [String]
  }

  struct PictureContext {
    let title: String
    let svg: String
    let reading: String
    let notes: [String]

    init(_ picture: Picture) {
      title = picture.title
      svg = picture.drawing.svg.printable.markup
      reading = picture.reading
      notes = picture.drawing.notes
    }
  }

  struct TableContext {
    let caption: String
    /// `words` for a few columns of text, which wrap on a narrow screen; `numbers` for what is scrolled there.
    let kind: String
    let columns: [ColumnContext]
    let rows: [RowContext]

    init(_ table: ReportTable) {
      caption = table.caption
      let areWords = table.columns.count <= 4 && !table.columns.contains(where: \.isNumber)
      kind = areWords ? "words" : "numbers"
      columns = table.columns.map {
        ColumnContext(title: $0.title, kind: $0.isNumber ? "number" : "text")
      }
      rows = table.rows.map { RowContext($0, table.columns) }
    }
  }

  struct ColumnContext {
    let title: String
    let kind: String
  }

  struct RowContext {
    let name: CellContext?
    let cells: [CellContext]

    init(_ cells: [ReportTable.Cell], _ columns: [ReportTable.Column]) {
      let contexts = cells.enumerated().map { index, cell in
        let isNumber = index < columns.count && columns[index].isNumber
        return CellContext(
          text: cell.text, kind: (isNumber ? "number " : "text ") + cell.tone.rawValue)
      }
      name = contexts.first
      self.cells = Array(contexts.dropFirst())
    }
  }

  struct CellContext {
    let text: String
    let kind: String
  }
}
