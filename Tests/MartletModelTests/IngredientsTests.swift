/// The encoding behind fingerprints: pinned, because a change of it makes everything of everybody stale.

import Testing

@testable import MartletModel

struct IngredientsTests {
  @Test func everyKindKeepsItsTag() {
    let tags = Ingredient.Kind.allCases.map { "\($0.tag) \($0.rawValue)" }
    #expect(
      tags == [
        "1 builtin", "2 library", "3 command", "4 input", "5 configuration", "6 parameter", "7 environment", "8 code",
        "9 partition", "10 output", "11 upstream", "12 graph", "13 lineage",
      ])
  }

  @Test func bytesAreTaggedAndPrefixedByTheirLength() {
    var encoder = CanonicalEncoder(domain: "d/1")
    encoder.append(tag: 4, "é")
    encoder.append(tag: 13, "")
    #expect(
      encoder.bytes == [
        0, 0, 0, 0, 0, 0, 0, 0, 3, 0x64, 0x2f, 0x31,
        4, 0, 0, 0, 0, 0, 0, 0, 2, 0xc3, 0xa9,
        13, 0, 0, 0, 0, 0, 0, 0, 0,
      ])
  }

  @Test func fingerprintsArePinned() {
    #expect(
      Ingredients([]).fingerprint.description == "e467d8afde8e1409a7fc6ca0e6a55243ac101d8b4965d0a8eec9d2143c9004b9")
    #expect(
      Ingredients([Ingredient(.command, "run", "sort a")]).fingerprint.description
        == "b53b36a1964cdb6683d52aaee5b66f0a79608176743fe8c375f051579954ecb8")
    let all = Ingredient.Kind.allCases.map { Ingredient($0, "name of \($0.rawValue)", "value\n\u{e9}") }
    #expect(
      Ingredients(all).fingerprint.description == "eb94e19b3b94fdf58001b776a6e50fbb880cb3aec2c4048a177dc0b9bc4d2bbc")
  }

  @Test func hashIsTheFingerprintsBeginning() {
    let fingerprint = Ingredients([]).fingerprint
    #expect(fingerprint.hash == String(fingerprint.description.prefix(12)))
  }

  /// Lists over a small alphabet with empty texts and texts that look like prefixes of each other: none may share its bytes.
  @Test func differentListsGiveDifferentFingerprints() {
    let words = ["", "a", "aa", "ab", "b", "\u{0}", "a\u{0}", "\u{e9}", "e\u{301}"]
    var generator = TestGenerator(seed: 1)
    var seen: [Fingerprint: [String]] = [:]
    for _ in 0..<4000 {
      let entries = (0..<Int.random(in: 0...3, using: &generator)).map { _ in
        Ingredient(
          [.input, .parameter, .output].randomElement(using: &generator)!, words.randomElement(using: &generator)!,
          words.randomElement(using: &generator)!)
      }
      let spelt = entries.map { "\($0.kind) \(Array($0.name.utf8)) \(Array($0.value.utf8))" }
      let known = seen.updateValue(spelt, forKey: Ingredients(entries).fingerprint)
      #expect(known == nil || known == spelt)
    }
    #expect(seen.count > 1000)
  }

  @Test func orderAndKindCount() {
    let one = Ingredient(.input, "a", "1")
    let other = Ingredient(.input, "b", "2")
    #expect(Ingredients([one, other]).fingerprint != Ingredients([other, one]).fingerprint)
    #expect(Ingredients([one]).fingerprint != Ingredients([Ingredient(.code, "a", "1")]).fingerprint)
  }
}
