/// The list of everything that decides a task's result, hashed to its fingerprint or printed as reasons: one list for both, so that
/// what is hashed and what is explained cannot drift apart.

/// One thing that decides a result.
public struct Ingredient: Hashable, Sendable, Codable {
  /// What it is; the raw value is the tag in the encoding and must never change its meaning.
  public enum Kind: String, Hashable, Sendable, Codable, CaseIterable {
    /// a built-in's name and version
    case builtin
    /// a library's version
    case library
    /// the command's text, unexpanded
    case command
    /// the digest of an input, named `in` or `in[partition]`
    case input
    /// one top-level key of a configuration file, named `in.key`; its canonical JSON
    case configuration
    /// a parameter of `with:` or one that a command uses; canonical JSON
    case parameter
    /// a declared environment variable
    case environment
    /// the digest of a file under `code:`
    case code
    /// the partition's value
    case partition
    /// an output's path, templates unexpanded but for nothing
    case output
    /// how a task upstream ended, for `when: settled`
    case upstream
    /// the graph's text
    case graph
    /// the digest of a task output behind a release, named `task.output` or `task.output[partition]`
    case lineage

    var tag: UInt8 { UInt8(Kind.allCases.firstIndex(of: self)! + 1) }
  }

  public let kind: Kind
  public let name: String
  public let value: String

  public init(_ kind: Kind, _ name: String, _ value: String) {
    self.kind = kind
    self.name = name
    self.value = value
  }
}

/// The value of an input that is absent, or of a release where none qualifies.
public let absentValue = "absent"

/// A task instance's ingredients, in a fixed order.
public struct Ingredients: Hashable, Sendable, Codable {
  /// The version of this encoding. A change makes everything stale, so it changes only with a starred line in the changelog.
  public static let format = "martlet.fingerprint/1"

  public let entries: [Ingredient]

  public init(_ entries: [Ingredient]) {
    self.entries = entries
  }

  public var fingerprint: Fingerprint {
    var encoder = CanonicalEncoder(domain: Ingredients.format)
    for entry in entries {
      encoder.append(tag: entry.kind.tag, entry.name)
      encoder.append(tag: entry.kind.tag, entry.value)
    }
    return Fingerprint(digest: encoder.digest)
  }
}

/// The digest of everything that decides a task's result.
public struct Fingerprint: Hashable, Sendable, Codable, CustomStringConvertible {
  public let digest: Digest

  public init(digest: Digest) {
    self.digest = digest
  }

  public init(from decoder: any Decoder) throws {
    digest = try Digest(from: decoder)
  }

  public func encode(to encoder: any Encoder) throws {
    try digest.encode(to: encoder)
  }

  /// What `${{ hash }}` stands for: the first 12 hex digits.
  public var hash: String { digest.short }
  public var description: String { digest.hex }
}
