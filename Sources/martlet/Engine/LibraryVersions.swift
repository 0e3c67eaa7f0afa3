/// The versions of DuckDB, LightGBM, gnuplot and graphviz, asked once for each state of their files.

import Foundation
import MartletFiles
import MartletModel
import MartletStore

struct LibraryVersions {
  let environment: [String: String]
  /// The folder of `martlet` itself, where `martlet-tasks` lies too.
  let executableFolder: String
  /// What was asked before.
  let known: [LibraryVersionMemo]

  struct Answer {
    var versions: [NativeLibrary: String] = [:]
    /// To be remembered.
    var learnt: [LibraryVersionMemo] = []
  }

  /// - Throws: `HelperProgram.Failure` if `martlet-tasks` cannot be run.
  func versions(of libraries: Set<NativeLibrary>) throws -> Answer {
    var answer = Answer()
    var unknown: [(library: NativeLibrary, stamp: String)] = []
    for library in libraries.sorted(by: { $0.rawValue < $1.rawValue }) {
      guard let path = find(library) else {
        answer.versions[library] = absentValue
        continue
      }
      let stamp = try Self.stamp(path)
      if let memo = known.first(where: { $0.library == library.rawValue && $0.stamp == stamp }) {
        answer.versions[library] = memo.version
      } else {
        unknown.append((library, stamp))
      }
    }
    guard !unknown.isEmpty else { return answer }
    let probed = try probe()
    for (library, stamp) in unknown {
      // Graphviz is known to the shell by its program.
      let version = probed[library == .graphviz ? "dot" : library.rawValue]
      answer.versions[library] = version ?? absentValue
      if let version {
        answer.learnt.append(LibraryVersionMemo(library: library.rawValue, stamp: stamp, version: version))
      }
    }
    return answer
  }

  private func find(_ library: NativeLibrary) -> String? {
    let search = NativeLibrarySearch(environment: environment, executableFolder: executableFolder)
    switch library {
    case .duckdb: return path(search.find(.duckdb))
    case .lightgbm: return path(search.find(.lightgbm))
    case .gnuplot: return program("gnuplot")
    case .graphviz: return program("dot")
    }
  }

  private func path(_ finding: NativeLibrarySearch.Finding) -> String? {
    guard case .found(let path) = finding else { return nil }
    return path
  }

  private func program(_ name: String) -> String? {
    (environment["PATH"] ?? "").split(separator: ":").lazy.map { "\($0)/\(name)" }.first { access($0, X_OK) == 0 }
  }

  private static func stamp(_ path: String) throws -> String {
    guard let stamp = try FileStamp.of(path) else { return "gone" }
    return "\(path):\(stamp.inode):\(stamp.size):\(stamp.modifiedNanoseconds)"
  }

  /// What `martlet-tasks` finds, by name.
  private func probe() throws -> [String: String] {
    do {
      let found = try LibraryProbe(program: "\(executableFolder)/martlet-tasks", environment: environment).libraries()
      return Dictionary(
        found.compactMap { library in library.version.map { (library.name, $0) } }, uniquingKeysWith: { first, _ in first })
    } catch let refusal as LibraryProbe.Refusal {
      throw UserError(
        "martlet-tasks cannot say which libraries it finds",
        facts: [("status", "\(refusal.status)"), ("said", String(refusal.said.prefix(500)))],
        hint: "`martlet doctor` looks closer")
    }
  }
}
