/// What `martlet-tasks probe --json` says: which native libraries and programs are there, in which versions.

import DuckDB
import LightGBM
import MartletFiles
import MartletModel

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// Loads the libraries and looks for the programs. Each entry has `name`, and `version` and `path`, or `error` and `hint`.
public enum NativeProbe {
  /// A JSON list of the entries, in the order duckdb, lightgbm, gnuplot, dot.
  public static func json(environment: [String: String], executableFolder: String?) -> String {
    let search = NativeLibrarySearch(environment: environment, executableFolder: executableFolder)
    let path = environment["PATH"] ?? ""
    let entries = [
      duckDB(search), lightGBM(search),
      program("gnuplot", "--version", in: path, hint: "apt install gnuplot-nox; without it reports have no plots"),
      program("dot", "-V", in: path, hint: "apt install graphviz; without it reports have no picture of the graph"),
    ]
    return JSONText.pretty(.list(entries.map { .map($0.mapValues { .text($0) }) })).dropLast().description
  }

  private static func duckDB(_ search: NativeLibrarySearch) -> [String: String] {
    do {
      let library = try DuckDBLibrary(search)
      return ["name": "duckdb", "version": library.version, "path": library.path]
    } catch {
      return missing("duckdb", "\(error)")
    }
  }

  private static func lightGBM(_ search: NativeLibrarySearch) -> [String: String] {
    switch search.find(.lightgbm) {
    case .found(let path):
      do {
        _ = try LightGBMLibrary(path: path)
      } catch {
        return missing("lightgbm", "\(error)")
      }
      return ["name": "lightgbm", "path": path, "version": lightGBMVersion(path)]
    case .missing(let places):
      return missing("lightgbm", "LightGBM was not found" + places.map { "\n  looked in \($0)" }.joined())
    }
  }

  /// LightGBM's C API does not tell its version; the wheel has it in a file above the library's folder.
  private static func lightGBMVersion(_ path: String) -> String {
    let folders = path.split(separator: "/", omittingEmptySubsequences: false).dropLast(2)
    let file = folders.joined(separator: "/") + "/VERSION.txt"
    // Only for people to read: a file that does not read says as little as none.
    guard TaskFile.exists(file), let text = try? TaskFile.text(file) else { return "unknown" }
    return text.split(whereSeparator: \.isNewline).first.map(String.init) ?? "unknown"
  }

  /// What was said, without the hint, which stands beside it.
  private static func missing(_ name: String, _ error: String) -> [String: String] {
    let lines = error.split(separator: "\n").filter { !$0.hasSuffix(NativeLibrarySearch.hint) }
    return ["name": name, "error": lines.joined(separator: "\n"), "hint": NativeLibrarySearch.hint]
  }

  private static func program(_ name: String, _ option: String, in path: String, hint: String) -> [String: String] {
    let folder = path.split(separator: ":").first { access("\($0)/\(name)", X_OK) == 0 }
    guard let folder else { return ["name": name, "error": "\(name) is not on the PATH", "hint": hint] }
    let file = "\(folder)/\(name)"
    do {
      let output = try HelperProgram.run([file, option])
      // gnuplot answers on stdout, dot on stderr: "dot - graphviz version 2.43.0 (0)", "gnuplot 5.4 patchlevel 4".
      let words = String(decoding: output.standardOutput + output.standardError, as: UTF8.self).split { " \n".contains($0) }
      let version = words.first { $0.first?.isNumber == true } ?? "unknown"
      return ["name": name, "path": file, "version": String(version)]
    } catch {
      return ["name": name, "error": "\(error)", "hint": hint]
    }
  }
}
