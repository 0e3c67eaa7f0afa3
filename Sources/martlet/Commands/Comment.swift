/// What a person says beside a decision, as `-m` gives it.

import ArgumentParser

enum Comment {
  /// For a decision that nobody should have to guess the reasons of.
  /// - Throws: `ValidationError` for one that says nothing.
  static func required(_ text: String) throws -> String {
    guard let comment = optional(text) else {
      throw ValidationError("an empty comment says nothing: this decision needs a reason")
    }
    return comment
  }

  /// `nil` for one that says nothing.
  static func optional(_ text: String?) -> String? {
    text.flatMap { $0.allSatisfy(\.isWhitespace) ? nil : $0 }
  }
}
