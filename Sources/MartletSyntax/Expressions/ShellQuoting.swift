/// Follows a shell command's quotes, to find expressions inside them: an expression becomes a quoted word of its own.

import MartletModel

struct ShellQuoting {
  /// What surrounds the current position, innermost last.
  private enum Context: Equatable {
    case single
    case double
    /// `$( … )` or `( … )`: quoting starts afresh inside
    case parenthesis
    case backtick
  }

  /// Why an expression can't stand where it stands.
  enum Trouble: String {
    case quotes = "inside quotes"
    case hereDocument = "inside a here-document"
  }

  private var contexts: [Context] = []
  private var isEscaped = false
  private var isComment = false
  private var previous: Character = "\n"
  /// The delimiters of here-documents that begin at the next line.
  private var pending: [String] = []

  /// For each expression of a command in order, what is wrong with its place; `nil` where nothing is.
  static func troubles(in template: Template) -> [Trouble?] {
    var quoting = ShellQuoting()
    // An expression is one word: a private character stands for it.
    let marker: Character = "\u{F8FF}"
    let text = template.segments.map { segment in
      switch segment {
      case .text(let text): text.filter { $0 != marker }
      case .expression: String(marker)
      }
    }.joined()
    var troubles: [Trouble?] = []
    let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
    var open: [String] = []
    for line in lines {
      if let delimiter = open.first {
        if line.drop(while: { $0 == "\t" }) == delimiter { open.removeFirst() }
        troubles += line.filter { $0 == marker }.map { _ in Trouble.hereDocument }
        continue
      }
      quoting.scan(line, marker: marker, &troubles)
      open = quoting.pending
      quoting.pending = []
    }
    return troubles
  }

  private mutating func scan(_ line: Substring, marker: Character, _ troubles: inout [Trouble?]) {
    isComment = false
    previous = "\n"
    var rest = line
    while let character = rest.popFirst() {
      if character == marker {
        let isQuoted = contexts.last == .single || contexts.last == .double
        troubles.append(isQuoted ? .quotes : nil)
      } else if !isComment {
        if isHereDocument(character, rest) { takeDelimiter(&rest) } else { step(character, next: rest.first) }
      }
      previous = character
    }
    // A backslash at the line's end joins the next line and escapes nothing of it.
    isEscaped = false
  }

  private mutating func step(_ character: Character, next: Character?) {
    if isEscaped {
      isEscaped = false
      return
    }
    switch (contexts.last, character) {
    case (.single, "'"): contexts.removeLast()
    case (.single, _): break
    case (_, "\\"): isEscaped = true
    case (.double, "\""): contexts.removeLast()
    case (_, "\""): contexts.append(.double)
    case (.double, "'"): break
    case (_, "'"): contexts.append(.single)
    case (_, "("):
      if contexts.last != .double || previous == "$" { contexts.append(.parenthesis) }
    case (.parenthesis, ")"): contexts.removeLast()
    case (.backtick, "`"): contexts.removeLast()
    case (_, "`"):
      // Within `"…` of an outer pair this closes it: backticks do not nest unescaped.
      if let outer = contexts.lastIndex(of: .backtick) {
        contexts.removeSubrange(outer...)
      } else {
        contexts.append(.backtick)
      }
    case (let context, "#"):
      if context != .double, previous.isWhitespace || previous == ";" || previous == "(" { isComment = true }
    default: break
    }
  }

  private func isHereDocument(_ character: Character, _ rest: Substring) -> Bool {
    guard character == "<", rest.first == "<", !isEscaped, previous != "<" else { return false }
    return contexts.last != .single && contexts.last != .double && rest.dropFirst().first != "<"
  }

  /// Reads the delimiter after `<<`, without its quotes.
  private mutating func takeDelimiter(_ rest: inout Substring) {
    rest.removeFirst()
    if rest.first == "-" { rest.removeFirst() }
    rest = rest.drop { $0 == " " || $0 == "\t" }
    let word = rest.prefix { !$0.isWhitespace && !";|&<>()".contains($0) }
    rest = rest.dropFirst(word.count)
    let delimiter = word.filter { !"'\"\\".contains($0) }
    if !delimiter.isEmpty { pending.append(delimiter) }
  }
}
