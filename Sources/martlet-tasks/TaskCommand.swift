/// The words after `martlet-tasks`: run, probe, check, rows, --version.

import BuiltinTasks
import MartletFiles

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif
#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

enum TaskCommand {
  static let usage = """
    usage: martlet-tasks run            do the task that MARTLET_SPEC describes
           martlet-tasks probe --json   say which native libraries and programs are there
           martlet-tasks check          say what is wrong with the configuration of the tasks on standard input
           martlet-tasks rows           print rows that were set aside, as standard input asks
           martlet-tasks --version

    """

  /// Does what the arguments ask and gives the exit status.
  static func main(_ arguments: [String]) -> Int32 {
    switch arguments {
    case ["run"]:
      return TaskProcess.run(environment: environment(), executableFolder: executableFolder(), endsProcess: true) {
        write($0 + "\n", to: STDERR_FILENO)
      }
    case ["probe", "--json"]:
      write(NativeProbe.json(environment: environment(), executableFolder: executableFolder()) + "\n", to: STDOUT_FILENO)
      return 0
    case ["check"]: return answer { try ConfigurationCheck.answer(json: $0, libraries: $1) }
    case ["rows"]: return answer { try SetAsideRows.lines(json: $0, libraries: $1) }
    case ["--version"]:
      write("martlet-tasks \(BuiltinVersion.current)\n", to: STDOUT_FILENO)
      return 0
    case ["--help"]:
      write(usage, to: STDOUT_FILENO)
      return 0
    default:
      write(usage, to: STDERR_FILENO)
      return 64
    }
  }

  /// Answers what standard input asks.
  private static func answer(_ body: ([UInt8], NativeLibrarySearch) throws -> String) -> Int32 {
    do {
      let search = NativeLibrarySearch(environment: environment(), executableFolder: executableFolder())
      write(try body(try TaskFile.read("/dev/stdin"), search), to: STDOUT_FILENO)
      return 0
    } catch {
      let failure = TaskFailure(error)
      write(failure.message + "\n", to: STDERR_FILENO)
      return failure.exitStatus
    }
  }

  private static func environment() -> [String: String] { ProcessInfo.processInfo.environment }

  /// The folder of the running program, symlinks resolved.
  private static func executableFolder() -> String? {
    var buffer = [CChar](repeating: 0, count: Int(PATH_MAX) + 1)
    guard readlink("/proc/self/exe", &buffer, Int(PATH_MAX)) > 0 else { return nil }
    let path = buffer.withUnsafeBufferPointer { String(cString: $0.baseAddress!) }
    return path.lastIndex(of: "/").map { String(path[..<$0]) }
  }

  private static func write(_ text: String, to file: Int32) {
    var bytes = Array(text.utf8)[...]
    while !bytes.isEmpty {
      let count = bytes.withUnsafeBytes { posixWrite(file, $0.baseAddress!, $0.count) }
      guard count > 0 else { return }
      bytes = bytes.dropFirst(count)
    }
  }
}

private func posixWrite(_ file: Int32, _ bytes: UnsafeRawPointer, _ count: Int) -> Int { write(file, bytes, count) }
