/// Paths compare byte by byte, whatever `String` thinks of them.

import MartletModel
import Testing

struct ArtifactPathTests {
  @Test func composedAndDecomposedNamesAreTwoFiles() {
    let composed = ArtifactPath("data/caf\u{e9}.csv")
    let decomposed = ArtifactPath("data/cafe\u{301}.csv")
    #expect(composed.string == decomposed.string)
    #expect(composed != decomposed)
    #expect(Set([composed, decomposed]).count == 2)
    #expect(decomposed < composed)
  }

  @Test(arguments: [
    ("data/raw/a.csv", "a.csv", "data/raw", false), ("a.csv", "a.csv", "", false), ("images/", "images", "", true),
    ("deliverables/images/", "images", "deliverables", true),
    // A combining mark after a slash makes one Character of the two, and a slash after a prepended mark as well.
    ("data/\u{301}a.csv", "\u{301}a.csv", "data", false), ("data/\u{600}/", "\u{600}", "data", true),
  ])
  func partsAreCutAtSlashes(path: ArtifactPath, last: String, parent: String, isFolder: Bool) {
    #expect(Array(path.lastComponent.utf8) == Array(last.utf8))
    #expect(Array(path.parent.utf8) == Array(parent.utf8))
    #expect(path.isFolder == isFolder)
  }

  @Test func insideMeansBelowOrTheFolderItself() {
    let folder = ArtifactPath("data/parts/")
    #expect(ArtifactPath("data/parts/a").isInside(folder))
    #expect(ArtifactPath("data/parts").isInside(folder))
    #expect(!ArtifactPath("data/parts2/a").isInside(folder))
    #expect(!ArtifactPath("data").isInside(folder))
  }
}

struct DigestTests {
  @Test func printsAsSha256sumDoes() {
    #expect(
      Digest(of: Array("abc".utf8)).hex == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")
    #expect(Digest(of: []).short == "e3b0c44298fc")
  }

  @Test func hexReadsBack() {
    let digest = Digest(of: Array("x".utf8))
    #expect(Digest(hex: digest.hex) == digest)
    #expect(Digest(hex: digest.hex.uppercased()) == nil)
    #expect(Digest(hex: String(digest.hex.dropLast())) == nil)
    #expect(Digest(hex: String(repeating: "g", count: 64)) == nil)
    #expect(Digest(bytes: Array(repeating: 0, count: 31)) == nil)
  }
}
