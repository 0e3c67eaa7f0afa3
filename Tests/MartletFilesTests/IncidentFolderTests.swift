// Which pictures a ticket takes along.

import MartletFiles
import MartletModel
import Testing

@Suite struct IncidentFolderTests {
  @Test func ofAPictureThatIsThereTwiceTheSVGIsTaken() throws {
    let scratch = try ScratchFolder()
    for name in ["a.png", "a.svg", "b.png", "below/c.svg", "note.md"] { _ = try scratch.file("images/\(name)", name) }
    let folder = IncidentFolder(root: scratch.path)
    let found = try folder.pictures(below: "images/", limit: 10).map(\.string)
    #expect(found.sorted() == ["images/a.svg", "images/b.png", "images/below/c.svg"])
    #expect(try folder.pictures(below: "images/", limit: 2).count == 2)
  }
}
