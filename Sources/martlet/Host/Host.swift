/// The world a command runs in, as a value: tests and commands see nothing else of it.

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

struct Host: Sendable {
  let environment: [String: String]
  /// Absolute.
  let workingDirectory: String
  /// The absolute path of this program, symbolic links resolved.
  let executable: String
  /// Data.
  let output: Console
  /// Everything else.
  let diagnostics: Console
  /// Whether a person can be asked.
  let isInteractive: Bool
  /// Seconds since 1970.
  let wallSeconds: @Sendable () -> Double

  /// A program that stands beside this one.
  func sibling(_ name: String) -> String {
    guard let slash = executable.lastIndex(of: "/") else { return name }
    return executable[...slash] + name
  }

  /// The path, taken from the working directory unless it is absolute.
  func absolute(_ path: String) -> String {
    path.hasPrefix("/") ? path : workingDirectory == "/" ? "/" + path : workingDirectory + "/" + path
  }
}
