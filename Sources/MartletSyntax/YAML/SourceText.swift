/// A file's text by line and column, as libyaml counts them.

import MartletModel

struct SourceText: Sendable {
  let file: String
  /// Without a byte order mark.
  let text: String
  /// Those of `text`.
  let scalars: [Unicode.Scalar]
  /// The offset at which each line begins.
  private let lineStarts: [Int]

  init(text: String, file: String) {
    self.file = file
    var scalars = Array(text.unicodeScalars)
    let hasMark = scalars.first == "\u{FEFF}"
    if hasMark { scalars.removeFirst() }
    self.text = hasMark ? SourceText.string(scalars[...]) : text
    self.scalars = scalars
    var starts = [0]
    for (offset, scalar) in scalars.enumerated() where SourceText.isLineBreak(scalar) {
      if scalar == "\r", offset + 1 < scalars.count, scalars[offset + 1] == "\n" { continue }
      starts.append(offset + 1)
    }
    lineStarts = starts
  }

  /// YAML 1.1's line breaks: libyaml counts lines by them.
  static func isLineBreak(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar {
    case "\n", "\r", "\u{85}", "\u{2028}", "\u{2029}": true
    default: false
    }
  }

  static func string(_ scalars: ArraySlice<Unicode.Scalar>) -> String {
    var view = String.UnicodeScalarView()
    view.append(contentsOf: scalars)
    return String(view)
  }

  /// The line's scalars without its end; empty where there is no such line.
  func line(_ number: Int) -> ArraySlice<Unicode.Scalar> {
    guard lineStarts.indices.contains(number - 1) else { return [] }
    let start = lineStarts[number - 1]
    let next = number < lineStarts.count ? lineStarts[number] : scalars.count
    var end = next
    while end > start, SourceText.isLineBreak(scalars[end - 1]) { end -= 1 }
    return scalars[start..<end]
  }

  /// The place of an offset into `scalars`; one past the end is allowed.
  func location(offset: Int) -> SourceLocation {
    var low = 0
    var high = lineStarts.count
    while high - low > 1 {
      let middle = (low + high) / 2
      if lineStarts[middle] <= offset { low = middle } else { high = middle }
    }
    return SourceLocation(file: file, line: low + 1, column: offset - lineStarts[low] + 1)
  }

  /// The offset of a place, at most the end of the text.
  func offset(of location: SourceLocation) -> Int {
    guard lineStarts.indices.contains(location.line - 1) else { return scalars.count }
    return min(scalars.count, lineStarts[location.line - 1] + location.column - 1)
  }

  /// Where the `occurrence`-th `needle` at or after `start` stands; occurrences count from 0.
  func location(of needle: String, occurrence: Int, from start: SourceLocation) -> SourceLocation? {
    let pattern = Array(needle.unicodeScalars)
    guard !pattern.isEmpty else { return nil }
    var left = occurrence
    var offset = offset(of: start)
    while offset + pattern.count <= scalars.count {
      if scalars[offset] == pattern[0], scalars[offset..<offset + pattern.count].elementsEqual(pattern) {
        if left == 0 { return location(offset: offset) }
        left -= 1
        offset += pattern.count
      } else {
        offset += 1
      }
    }
    return nil
  }
}
