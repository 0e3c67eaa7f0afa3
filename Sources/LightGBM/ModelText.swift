// LightGBM's text of a model, made independent of the machine, with the categories that the text itself does not hold.

/// A model's text and the codings of its categorical features, as LightGBM's Python package keeps both in one file.
public struct ModelText: Equatable, Sendable {
  /// LightGBM's own text.
  public let trees: String
  /// For each categorical feature, in the features' order, its categories: code 0 is the first. Others count as missing.
  public let categories: [[String]]

  private static let marker = "\npandas_categorical:"

  /// `trees` as LightGBM wrote it; the number of threads that it records is replaced, for it is no property of the model.
  public init(trees: String, categories: [[String]]) {
    self.trees = Self.withoutThreads(trees)
    self.categories = categories
  }

  /// Reads what `text` gives.
  public init(parsing text: String) throws(LightGBMError) {
    guard let marker = text.range(of: Self.marker) else {
      self.init(trees: text, categories: [])
      return
    }
    var reader = CategoryReader(text[marker.upperBound...])
    guard let categories = reader.lists() else {
      throw .notAModel(reason: "its line pandas_categorical is no list of lists of strings")
    }
    self.init(trees: String(text[..<marker.lowerBound]), categories: categories)
  }

  /// The file's text: trees, then the line that Python's LightGBM reads the categories from.
  public var text: String {
    let lists = categories.map { list in
      "[" + list.map(pythonJSON).joined(separator: ", ") + "]"
    }
    return "\(trees)\(Self.marker)[\(lists.joined(separator: ", "))]\n"
  }

  /// The first tree, counted from 1, with a leaf that is infinite or not a number; `nil` if there is none.
  public var firstUnfiniteTree: Int? {
    var tree = 0
    for line in trees.utf8.split(separator: UInt8(ascii: "\n")) where line.starts(with: "leaf_value=".utf8) {
      tree += 1
      // `inf` and `nan` are the only words among the numbers of such a line.
      if line.dropFirst("leaf_value=".utf8.count).contains(UInt8(ascii: "n")) { return tree }
    }
    return nil
  }

  private static func withoutThreads(_ trees: String) -> String {
    guard let start = trees.range(of: "\n[num_threads: "), let end = trees[start.upperBound...].firstIndex(of: "]")
    else { return trees }
    return trees.replacingCharacters(in: start.upperBound..<end, with: "0")
  }
}

extension String {
  fileprivate func replacingCharacters(in range: Range<Index>, with replacement: String) -> String {
    var copy = self
    copy.replaceSubrange(range, with: replacement)
    return copy
  }

  fileprivate func range(of needle: String) -> Range<Index>? { utf8Range(of: needle) }

  /// The last place of `needle`: what is looked for stands near the end of a long text.
  private func utf8Range(of needle: String) -> Range<Index>? {
    let wanted = Array(needle.utf8)
    var copy = self
    return copy.withUTF8 { bytes -> Range<Int>? in
      var start = bytes.count - wanted.count
      while start >= 0 {
        if bytes[start] == wanted[0] && bytes[start..<(start + wanted.count)].elementsEqual(wanted) {
          return start..<(start + wanted.count)
        }
        start -= 1
      }
      return nil
    }.map { range in
      utf8.index(utf8.startIndex, offsetBy: range.lowerBound)..<utf8.index(utf8.startIndex, offsetBy: range.upperBound)
    }
  }
}

/// A JSON string as Python's `json.dumps` writes it: ASCII only.
private func pythonJSON(_ value: String) -> String {
  var result = "\""
  for unit in value.utf16 {
    switch unit {
    case 0x22: result += "\\\""
    case 0x5C: result += "\\\\"
    case 0x0A: result += "\\n"
    case 0x0D: result += "\\r"
    case 0x09: result += "\\t"
    case 0x08: result += "\\b"
    case 0x0C: result += "\\f"
    case 0x20...0x7E: result.unicodeScalars.append(Unicode.Scalar(UInt8(unit)))
    default:
      let digits = String(unit, radix: 16)
      result += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
    }
  }
  return result + "\""
}
