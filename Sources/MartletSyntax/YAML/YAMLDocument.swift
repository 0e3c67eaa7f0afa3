/// Reads a YAML text into one located tree; everything wrong with it goes to the collector.

import MartletModel
import Yams

/// How large a file may be: beyond that it is a mistake or an attack.
public struct YAMLLimits: Sendable {
  let characters: Int
  /// Once its aliases are replaced.
  let values: Int

  /// A file of configuration is small.
  public static let configuration = YAMLLimits(characters: 1 << 20, values: 100_000)
  /// Programs write pipelines of 100,000 tasks. Whoever writes one has commands run; they need no file that fills the memory.
  public static let pipeline = YAMLLimits(characters: 1 << 24, values: 1_000_000)
}

enum YAMLDocument {
  /// Each duplicate key costs one more reading.
  private static let maximumDuplicates = 64
  private static let maximumAliases = 64

  /// The tree; `nil` where the text is no YAML. An empty file is a null.
  static func read(_ source: SourceText, _ limits: YAMLLimits, _ diagnostics: DiagnosticCollector) -> LocatedValue? {
    let start = SourceLocation(file: source.file, line: 1, column: 1)
    guard source.scalars.count <= limits.characters else {
      diagnostics.report(.limit, "the file is larger than \(limits.characters) characters", at: start)
      return nil
    }
    guard !hasTooManyAliases(source) else {
      diagnostics.report(.limit, "the file has more than \(maximumAliases) aliases", at: start, help: "write the values out")
      return nil
    }
    var text = source.text
    var scalars = source.scalars
    var renamed: [SourceLocation: String] = [:]
    while true {
      do {
        // Without the empty resolver Yams would match seven regular expressions for each key.
        guard let root = try compose(yaml: text, .basic, .default, .utf8) else {
          return LocatedValue(content: .null, location: start, length: 1, name: "")
        }
        var converter = NodeConverter(
          source: source, maximumValues: limits.values, diagnostics: diagnostics, renamedKeys: renamed)
        return converter.convert(root)
      } catch YamlError.duplicatedKeysInMapping(let names, let context) {
        let location = SourceLocation(file: source.file, line: context.mark.line, column: context.mark.column)
        // Yams tells neither all duplicates nor where the second is. So the first gets a name of its own, of the same length, and
        // the text is read again; the converter, which has both then, reports them under their true name.
        guard renamed.count < maximumDuplicates, renamed[location] == nil,
          rename(keyAt: source.offset(of: location), in: &scalars, number: renamed.count)
        else {
          diagnostics.report(.duplicateKey, "duplicate key \"\(names.first ?? "")\"", at: location)
          return nil
        }
        renamed[location] = names.first ?? ""
        text = SourceText.string(scalars[...])
      } catch {
        SyntaxErrorReport(source: source, diagnostics: diagnostics).report(error)
        return nil
      }
    }
  }

  /// Replaces the first character of a key by one of the private use area; `false` where it is not a plain letter of the key.
  private static func rename(keyAt offset: Int, in scalars: inout [Unicode.Scalar], number: Int) -> Bool {
    var offset = offset
    guard scalars.indices.contains(offset) else { return false }
    if scalars[offset] == "\"" || scalars[offset] == "'" { offset += 1 }
    guard scalars.indices.contains(offset), let unique = Unicode.Scalar(0xE000 + UInt32(number)) else { return false }
    let scalar = scalars[offset]
    guard scalar.properties.isAlphabetic || scalar.properties.numericType != nil || scalar == "_" || scalar == "<" else {
      return false
    }
    scalars[offset] = unique
    return true
  }

  /// Aliases are counted before reading: Yams hashes keys with all that their aliases stand for.
  private static func hasTooManyAliases(_ source: SourceText) -> Bool {
    let anchors = names(after: "&", in: source.scalars)
    guard !anchors.isEmpty else { return false }
    let known = Set(anchors)
    return names(after: "*", in: source.scalars).lazy.filter(known.contains).count > maximumAliases
  }

  private static func names(after indicator: Unicode.Scalar, in scalars: [Unicode.Scalar]) -> [String] {
    scalars.indices.filter { scalars[$0] == indicator }.compactMap { offset in
      let name = scalars[(offset + 1)...].prefix {
        $0.properties.isAlphabetic || ("0"..."9").contains($0) || $0 == "_" || $0 == "-"
      }
      return name.isEmpty ? nil : SourceText.string(name)
    }
  }
}
