/// What the documents promise can be found: links lead somewhere, and each dependency has its page.

/// Links in Markdown that point at files of this repository which are not there.
func linkViolations(_ file: RepositoryFile, exists: (String) -> Bool) -> [Violation] {
  let folder = file.path.split(separator: "/").dropLast()
  var fenced = false
  return file.lines.enumerated().flatMap { number, line -> [Violation] in
    if line.hasPrefix("```") { fenced.toggle() }
    if fenced { return [] }
    return line.matches(of: /\]\(([^)#\s]+)(?:#[^)]*)?\)/).compactMap { match in
      let target = String(match.1)
      if target.contains("://") || target.hasPrefix("mailto:") || exists(resolve(target, in: folder)) { return nil }
      return Violation(path: file.path, line: number + 1, message: "the link to \(target) leads nowhere")
    }
  }
}

private func resolve(_ target: String, in folder: ArraySlice<Substring>) -> String {
  var parts = Array(folder)
  for part in target.split(separator: "/") where part != "." {
    if part == ".." { parts = parts.dropLast() } else { parts.append(part) }
  }
  return parts.joined(separator: "/")
}

/// The packages that Package.swift depends on: `swift-crypto`, `GRDB.swift`, …
func dependencies(ofPackage manifest: String) -> [String] {
  manifest.matches(of: /\.package\(url: "[^"]*\/([^"\/]+)"/).map { String($0.1) }
}
