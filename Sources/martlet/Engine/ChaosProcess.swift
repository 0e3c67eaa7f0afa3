/// A `martlet` that the self-test starts, waits for or kills, and what it said.

import MartletExecutors
import MartletFiles
import MartletModel

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

final class ChaosProcess {
  /// What takes longer hangs, in seconds.
  private static let patience = 120.0

  let pid: Int32
  private let outputPath: String
  private var status: Int32?

  /// - Parameter outputPath: gets everything that the program says.
  init(_ arguments: [String], host: Host, directory: String, outputPath: String) throws {
    self.outputPath = outputPath
    let input = openFile("/dev/null", O_RDONLY)
    let output = openFile(outputPath, O_WRONLY | O_CREAT | O_TRUNC)
    defer { for descriptor in [input, output] where descriptor >= 0 { close(descriptor) } }
    guard input >= 0, output >= 0 else { throw SystemError("open", outputPath) }
    pid = try Spawn.start(
      [host.executable] + arguments, environment: host.environment, directory: directory, input: input, output: output)
  }

  /// - Returns: the exit status, 128 plus the number of the signal that ended it; `nil` if it still runs after so many seconds.
  func end(within seconds: Double, clock: () -> Double) -> Int32? {
    let deadline = clock() + seconds
    while status == nil {
      var ending: Int32 = 0
      if waitpid(pid, &ending, WNOHANG) == pid {
        let signal = ending & 0x7f
        status = signal == 0 ? (ending >> 8) & 0xff : 128 + signal
      } else if clock() >= deadline {
        return nil
      } else {
        poll(nil, 0, 1)
      }
    }
    return status
  }

  /// - Returns: as above; one that hangs is killed.
  func end(clock: () -> Double) -> Int32 {
    if let status = end(within: ChaosProcess.patience, clock: clock) { return status }
    send(SIGKILL)
    return end(within: .infinity, clock: clock)!
  }

  func send(_ signal: Int32) {
    // Before it is waited for, its number is nobody else's.
    if status == nil { kill(pid, signal) }
  }

  /// The documents that it printed whole.
  func documents() throws -> [ConfigurationValue] {
    let lines = try said().split(separator: "\n", omittingEmptySubsequences: false).dropLast()
    return lines.filter { $0.hasPrefix("{") }.compactMap { ConfigurationValue(canonicalJSON: String($0)) }
  }

  func said() throws -> String {
    String(decoding: try FileContent.read(outputPath) ?? [], as: UTF8.self)
  }
}

private func openFile(_ path: String, _ flags: Int32) -> Int32 {
  open(path, flags | O_CLOEXEC, 0o600)
}
