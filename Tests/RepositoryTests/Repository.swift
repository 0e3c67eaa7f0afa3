/// The files of this repository, read for rules about them; knows no rule itself.

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// One text file.
struct RepositoryFile: Sendable {
  /// Relative to the repository's root: `Sources/martlet/Main.swift`.
  let path: String
  let text: String

  var lines: [Substring] { text.split(separator: "\n", omittingEmptySubsequences: false) }

  /// `MartletPlan` for `Sources/MartletPlan/Planner.swift`.
  var target: String {
    let parts = path.split(separator: "/")
    return parts.count > 2 ? String(parts[1]) : ""
  }
}

/// A rule that does not hold: where, and what to do instead.
struct Violation: Sendable, Equatable, CustomStringConvertible {
  let path: String
  let line: Int
  let message: String

  var description: String { "\(path):\(line): \(message)" }
}

/// The checkout that these tests were compiled from.
enum Repository {
  static let root: String = {
    let parts = #filePath.split(separator: "/").dropLast(3)
    return "/" + parts.joined(separator: "/")
  }()

  /// All files below a folder whose name ends so, sorted by path. What is built, installed or made by runs is not looked at.
  static func files(below folder: String, suffix: String) -> [RepositoryFile] {
    paths(below: folder).filter { $0.hasSuffix(suffix) }.sorted().map { RepositoryFile(path: $0, text: text($0)) }
  }

  static func text(_ path: String) -> String {
    guard let file = fopen(root + "/" + path, "rb") else { return "" }
    defer { fclose(file) }
    var bytes: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 65536)
    while true {
      let count = fread(&chunk, 1, chunk.count, file)
      if count == 0 { return String(decoding: bytes, as: UTF8.self) }
      bytes += chunk[..<count]
    }
  }

  static func exists(_ path: String) -> Bool { access(root + "/" + path, F_OK) == 0 }

  private static func paths(below folder: String) -> [String] {
    guard let stream = opendir(root + "/" + folder) else { return [] }
    defer { closedir(stream) }
    var found: [String] = []
    while let entry = readdir(stream) {
      let name = withUnsafePointer(to: &entry.pointee.d_name) {
        $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
      }
      if name.hasPrefix(".") { continue }
      let path = folder + "/" + name
      if entry.pointee.d_type == DT_DIR { found += paths(below: path) } else { found.append(path) }
    }
    return found
  }
}
