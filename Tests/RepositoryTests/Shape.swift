/// How a source file looks: short, and opening with a sentence that says what it is.

let longestFile = 450

func shapeViolations(_ file: RepositoryFile) -> [Violation] {
  var found: [Violation] = []
  let lines = file.lines
  if lines.count > longestFile {
    found.append(
      Violation(
        path: file.path, line: lines.count, message: "\(lines.count) lines; split it by nouns, \(longestFile) is the most"))
  }
  let opening = lines.first ?? ""
  if !opening.hasPrefix("//") || opening.split(separator: " ").count < 4 {
    found.append(Violation(path: file.path, line: 1, message: "open with one sentence, `/// …`, that says what this file is"))
  }
  return found
}

/// Marks of unfinished work, and paths of one person's machine. Written in halves, so that this file holds none itself.
private let unfinished = ["TO" + "DO", "FIX" + "ME", "not imple" + "mented", "place" + "holder"]
private let someonesMachine = ["/ro" + "ot/", "/wo" + "rk/", "/Use" + "rs/"]

/// What no text in the repository holds.
func wordViolations(_ file: RepositoryFile) -> [Violation] {
  file.lines.enumerated().flatMap { number, line in
    unfinished.filter { line.contains($0) }.map {
      Violation(path: file.path, line: number + 1, message: "\"\($0)\": finish it, or file it as an issue")
    }
      + someonesMachine.filter { line.contains($0) }.map {
        Violation(path: file.path, line: number + 1, message: "\"\($0)\" is a path of somebody's machine")
      }
  }
}
