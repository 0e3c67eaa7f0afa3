/// Which target may import what: the architecture as a table. Imports point towards MartletModel.

/// Modules that every target may import.
private let everywhere: Set<String> = ["Glibc", "Darwin", "Synchronization", "Dispatch", "FoundationEssentials"]

/// Targets that link Foundation anyway, because GRDB, Yams, ArgumentParser or Mustache bring it. Elsewhere it is what stands behind
/// `canImport(FoundationEssentials)` for platforms without that.
private let withFoundation: Set<String> = ["MartletStore", "MartletSyntax", "BuiltinTasks", "martlet", "martlet-tasks"]

/// What else each target may import.
let allowedImports: [String: Set<String>] = [
  "MartletModel": ["Crypto"],
  "MartletPlan": ["MartletModel"],
  "MartletRun": ["MartletModel", "MartletPlan"],
  "MartletSimulation": ["MartletModel", "MartletPlan", "MartletRun"],
  "MartletFiles": ["MartletModel", "MartletRun", "CLinux", "Crypto", "SystemPackage"],
  "MartletStore": ["MartletModel", "MartletRun", "GRDB"],
  "MartletSyntax": ["MartletModel", "Yams"],
  "MartletExecutors": ["MartletModel", "MartletRun", "MartletFiles", "CLinux"],
  "martlet": [
    "MartletModel", "MartletPlan", "MartletRun", "MartletFiles", "MartletStore", "MartletSyntax", "MartletExecutors",
    "MartletSimulation", "ArgumentParser",
  ],
  "martlet-supervisor": ["MartletModel", "MartletRun", "MartletFiles", "MartletExecutors", "CLinux"],
  "DuckDB": ["CDuckDB", "MartletFiles"],
  "LightGBM": ["CLightGBM", "MartletFiles"],
  "BuiltinTasks": ["DuckDB", "LightGBM", "MartletFiles", "MartletModel", "MartletSyntax", "Mustache", "Crypto"],
  "martlet-tasks": ["BuiltinTasks", "DuckDB", "LightGBM", "MartletFiles", "MartletModel"],
]

/// The modules that a source file imports, with their lines.
func imports(of file: RepositoryFile) -> [(module: String, line: Int)] {
  codeOnly(file.text).split(separator: "\n", omittingEmptySubsequences: false).enumerated().compactMap { number, line in
    let words = line.split { $0 == " " || $0 == "." }
    guard let keyword = words.firstIndex(of: "import"), words[..<keyword].allSatisfy({ isModifier($0) }) else { return nil }
    let kinds: Set<Substring> = ["struct", "class", "enum", "func", "protocol", "typealias", "var", "let"]
    let module = words[(keyword + 1)...].first { !kinds.contains($0) }
    return module.map { (String($0), number + 1) }
  }
}

private func isModifier(_ word: Substring) -> Bool {
  word.hasPrefix("@") || ["public", "package", "internal", "private", "fileprivate"].contains(word)
}

/// Imports that the architecture does not have.
func layeringViolations(_ file: RepositoryFile) -> [Violation] {
  guard let allowed = allowedImports[file.target] else {
    return [
      Violation(
        path: file.path, line: 1, message: "target '\(file.target)' is not in Layering.swift: say there what it may import")
    ]
  }
  return imports(of: file).compactMap { module, line in
    if everywhere.contains(module) || allowed.contains(module) || module == file.target { return nil }
    if module == "Foundation" {
      if withFoundation.contains(file.target) || file.text.contains("canImport(FoundationEssentials)") { return nil }
      return Violation(
        path: file.path, line: line, message: "\(file.target) stays without Foundation: import FoundationEssentials")
    }
    return Violation(
      path: file.path, line: line, message: "\(file.target) does not know \(module): imports point towards MartletModel")
  }
}
