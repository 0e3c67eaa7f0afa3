// Where this checkout, its built programs, its libraries and its Python are.

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

enum Checkout {
  static let root: String = "/" + #filePath.split(separator: "/").dropLast(4).joined(separator: "/")

  /// The folder of the built executables: that of the test bundle.
  static let programs: String = {
    let arguments = CommandLine.arguments
    if let index = arguments.firstIndex(of: "--test-bundle-path"), index + 1 < arguments.count {
      return "/" + arguments[index + 1].split(separator: "/").dropLast().joined(separator: "/")
    }
    return root + "/.build/debug"
  }()

  /// DuckDB, LightGBM and the example's data, as `make setup` lays them out.
  static let libraries = root + "/.native"

  /// Python with the packages that Martlet is compared with, as `make setup-tests` lays it out.
  static let python = root + "/.venv/bin/python"

  /// What every program of a story gets.
  static let environment: [String: String] = {
    var variables = ["TZ": "UTC", "MARTLET_NATIVE_DIR": libraries]
    for name in ["PATH", "HOME", "USER"] { variables[name] = getenv(name).map { String(cString: $0) } }
    return variables
  }()
}
