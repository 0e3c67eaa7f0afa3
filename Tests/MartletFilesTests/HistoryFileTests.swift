// The history's file after a crash in the middle of a line.

import MartletModel
import Testing

@testable import MartletFiles

@Suite struct HistoryFileTests {
  let scratch: ScratchFolder
  init() throws { scratch = try ScratchFolder() }

  @Test func `a line that a crash cut off is no entry, and the next one does not stick to it`() throws {
    let file = HistoryFile(root: scratch.path)
    var history = History()
    for cut in ["", #"{"at":"2013-0"#, #"{"at":"2013-01-31T00:00:00.000+00:00","by":"#] {
      let path = "\(scratch.path)/\(HistoryFile.path)"
      if !cut.isEmpty { try DurableFile.replace(path, with: (FileContent.read(path) ?? []) + Array(cut.utf8)) }
      #expect(try file.read() == history)
      let entry = history.next(
        .promoted, .release("artifact/model_v1/"), at: "2013-01-31T00:00:00.000+00:00", by: "ann", comment: nil)
      try file.append(entry)
      history = History(entries: history.entries + [entry])
      #expect(try file.read() == history)
    }
  }
}
