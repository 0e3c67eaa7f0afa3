/// Text in columns, fitted to the width of the terminal.

struct Table {
  enum Alignment {
    case left
    case right
  }

  struct Column {
    let title: String
    let alignment: Alignment

    init(_ title: String, _ alignment: Alignment = .left) {
      self.title = title
      self.alignment = alignment
    }
  }

  struct Cell: ExpressibleByStringInterpolation {
    let text: String
    let style: Painter.Style?

    init(_ text: String, _ style: Painter.Style? = nil) {
      self.text = text.oneLine
      self.style = style
    }

    init(stringLiteral value: String) { self.init(value) }
  }

  let columns: [Column]
  private(set) var rows: [[Cell]] = []

  init(_ columns: [Column]) {
    self.columns = columns
  }

  mutating func append(_ cells: [Cell]) {
    precondition(cells.count == columns.count, "\(cells.count) cells in \(columns.count) columns")
    rows.append(cells)
  }

  /// Lines with line ends. Columns without any content are left out.
  /// - Parameter width: the last column is cut to fit; `nil` cuts nothing.
  func rendered(_ painter: Painter, width: Int?) -> String {
    let shown = columns.indices.filter { index in rows.contains { !$0[index].text.isEmpty } }
    guard let last = shown.last else { return "" }
    let widths = columns.indices.map { index in ([columns[index].title.count] + rows.map { $0[index].text.count }).max()! }
    let used = shown.dropLast().reduce(0) { $0 + widths[$1] + 2 }
    let room = width.map { max(8, $0 - used) } ?? Int.max
    func line(_ cells: [Cell]) -> String {
      shown.map { index in
        let text = index == last ? Table.cut(cells[index].text, to: room) : cells[index].text
        let padding = String(repeating: " ", count: max(0, widths[index] - text.count))
        let painted = cells[index].style.map { painter.paint(text, $0) } ?? text
        switch columns[index].alignment {
        case .left: return index == last ? painted : painted + padding
        case .right: return padding + painted
        }
      }.joined(separator: "  ").trimmedRight + "\n"
    }
    return ([columns.map { Cell($0.title, .dim) }] + rows).map(line).joined()
  }

  static func cut(_ text: String, to width: Int) -> String {
    text.count <= width ? text : text.prefix(width - 1) + "…"
  }
}

extension String {
  /// The text on one line: white space between words becomes one space, other control characters, such as a terminal's escapes, go.
  var oneLine: String {
    guard unicodeScalars.contains(where: { $0.properties.generalCategory == .control }) else { return self }
    return split(whereSeparator: \.isWhitespace).joined(separator: " ").filter { character in
      !character.unicodeScalars.contains { $0.properties.generalCategory == .control }
    }
  }

  fileprivate var trimmedRight: String {
    var text = self[...]
    while text.last == " " { text.removeLast() }
    return String(text)
  }
}
