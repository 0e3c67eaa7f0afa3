// Starting a process that inherits nothing but what it is given.

import CLinux
import MartletFiles

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

public enum Spawn {
  /// Starts a program in a session of its own, with default signal handling.
  /// - Parameters:
  ///   - arguments: the program, searched in the new process's `PATH` unless it holds a slash, and its arguments.
  ///   - environment: all of it.
  ///   - input: the descriptor that becomes its standard input.
  ///   - output: the descriptor that becomes its standard output and error.
  /// - Throws: `SystemError` if nothing was started.
  public static func start(
    _ arguments: [String], environment: [String: String], directory: String, input: Int32, output: Int32
  ) throws -> Int32 {
    guard let name = arguments.first, !name.isEmpty else { throw SystemError("start", "a command without a name", code: ENOENT) }
    var result = (pid: Int32(0), code: ENOENT)
    for program in candidates(for: name, path: environment["PATH"] ?? "/usr/local/bin:/usr/bin:/bin") {
      result = attempt(program, arguments, environment, directory, input, output)
      if result.code != ENOENT && result.code != ENOTDIR && result.code != EACCES { break }
    }
    if result.code != 0 { throw SystemError("start", name, code: result.code) }
    return result.pid
  }

  private static func candidates(for name: String, path: String) -> [String] {
    if name.utf8.contains(UInt8(ascii: "/")) { return [name] }
    return path.split(separator: ":").map { "\($0)/\(name)" }.filter { access($0, F_OK) == 0 }
  }

  private static func attempt(
    _ program: String, _ arguments: [String], _ environment: [String: String], _ directory: String, _ input: Int32,
    _ output: Int32
  ) -> (pid: Int32, code: Int32) {
    withCStrings(arguments) { argumentPointers in
      withCStrings(environment.map { "\($0.key)=\($0.value)" }.sorted()) { environmentPointers in
        var pid: Int32 = 0
        let code = martlet_spawn(&pid, program, argumentPointers, environmentPointers, directory, input, output)
        return (pid, code)
      }
    }
  }

  private static func withCStrings<Result>(
    _ texts: [String], _ body: (UnsafePointer<UnsafeMutablePointer<CChar>?>) -> Result
  ) -> Result {
    var pointers = texts.map { strdup($0) }
    defer { for pointer in pointers { free(pointer) } }
    pointers.append(nil)
    return pointers.withUnsafeBufferPointer { body($0.baseAddress!) }
  }
}
