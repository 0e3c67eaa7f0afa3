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
  /// The operating-system user's name.
  let user: String
  /// What was typed behind the program's name.
  let arguments: [String]
  let processorCount: Int
  let memoryBytes: Int
  /// Seconds since 1970.
  let wallSeconds: @Sendable () -> Double
  /// The signal that asked the program to end; `nil` while none did.
  let lastInterrupt: @Sendable () -> Int32?
  /// From now on SIGINT, SIGTERM and SIGHUP call this, with how many came so far, instead of ending the program.
  let onInterrupt: @Sendable (@escaping @Sendable (_ count: Int) -> Void) -> Void

  /// What this process is doing, for others to read.
  var command: String { arguments.first.map { "martlet \($0)" } ?? "martlet" }

  /// The folder of this program, without a trailing slash.
  var executableFolder: String {
    executable.lastIndex(of: "/").map { String(executable[..<$0]) } ?? "."
  }

  /// A program that stands beside this one.
  func sibling(_ name: String) -> String { "\(executableFolder)/\(name)" }

  /// The path, taken from `base` or the working directory unless it is absolute, without `.` and `..`. Symbolic links are not followed.
  func absolute(_ path: String, from base: String? = nil) -> String {
    var parts: [Substring] = []
    for part in (path.hasPrefix("/") ? path : (base ?? workingDirectory) + "/" + path).split(separator: "/") where part != "." {
      if part == ".." { _ = parts.popLast() } else { parts.append(part) }
    }
    return "/" + parts.joined(separator: "/")
  }
}
