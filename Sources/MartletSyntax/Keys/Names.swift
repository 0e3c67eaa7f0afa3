/// What names of tasks, parameters, partitions, inputs and outputs look like: they become parts of paths, expressions and commands.

import MartletModel

enum Names {
  static let pattern = "^[A-Za-z][A-Za-z0-9_-]{0,63}$"
  static let environmentPattern = "^[A-Za-z_][A-Za-z0-9_]*$"
  static let timezonePattern = "^[A-Za-z0-9_+-]+(/[A-Za-z0-9_+-]+)*$"

  /// Words that begin an expression of another kind.
  static let reserved = ["params", "in", "out", "env", "secrets", "hash"]

  /// `pattern`, in code.
  static func isName(_ text: String) -> Bool {
    guard let first = text.utf8.first, isLetter(first), text.utf8.count <= 64 else { return false }
    return text.utf8.allSatisfy { isLetter($0) || isDigit($0) || $0 == UInt8(ascii: "_") || $0 == UInt8(ascii: "-") }
  }

  /// `environmentPattern`, in code.
  static func isEnvironmentName(_ text: String) -> Bool {
    guard let first = text.utf8.first, !isDigit(first) else { return false }
    return text.utf8.allSatisfy { isLetter($0) || isDigit($0) || $0 == UInt8(ascii: "_") }
  }

  /// `timezonePattern`, in code: whether the machine knows the zone is not for the syntax to say.
  static func isTimezone(_ text: String) -> Bool {
    text.split(separator: "/", omittingEmptySubsequences: false).allSatisfy { part in
      !part.isEmpty && part.utf8.allSatisfy { isLetter($0) || isDigit($0) || "_+-".utf8.contains($0) }
    }
  }

  /// Reports a key that is no name.
  static func check(_ entry: LocatedEntry, what: String, _ diagnostics: DiagnosticCollector) -> Bool {
    if isName(entry.key) { return true }
    diagnostics.report(
      .invalidValue, "\"\(entry.key)\" can't be the name of \(what)", atKeyOf: entry,
      help: "a name begins with a letter and holds letters, digits, _ and -, at most 64 of them")
    return false
  }

  private static func isLetter(_ byte: UInt8) -> Bool {
    (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20)
  }

  private static func isDigit(_ byte: UInt8) -> Bool {
    (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
  }
}
