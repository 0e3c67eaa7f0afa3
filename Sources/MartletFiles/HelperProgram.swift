/// Runs a small helper program (dot, gnuplot, `martlet-tasks probe`) to its end and gives back what it printed.
///
/// Tasks are not started with this: they belong to the supervisor.

import CLinux

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

public struct HelperProgram: Sendable {
  /// How a helper ended and what it wrote.
  public struct Output: Sendable {
    /// The exit status; 128 plus the signal's number if a signal ended it.
    public let status: Int32
    public let standardOutput: [UInt8]
    public let standardError: [UInt8]
  }

  /// Why a helper could not be run at all.
  public struct Failure: Error, CustomStringConvertible {
    public let program: String
    public let errno: Int32

    public var description: String { "cannot run \(program): \(String(cString: strerror(errno)))" }
  }

  /// Runs `arguments[0]`, searched in `PATH` unless it holds a slash, and waits for its end. Blocks the calling thread.
  /// - Parameters:
  ///   - input: what the program reads from its standard input.
  ///   - environment: `nil` hands on our own.
  ///   - folder: where it runs; `nil` for where we do.
  /// - Throws: `Failure` if the program could not be started or a file of ours not made.
  public static func run(
    _ arguments: [String], input: [UInt8] = [], environment: [String: String]? = nil, folder: String? = nil
  ) throws -> Output {
    // Files without a name instead of pipes: nothing can block on a full one, and nothing has to be read in parallel.
    let channels = try (0..<3).map { _ in try anonymousFile(for: arguments[0]) }
    defer { for channel in channels { close(channel) } }
    try fill(channels[0], with: input, for: arguments[0])
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    for (target, channel) in channels.enumerated() { posix_spawn_file_actions_adddup2(&actions, channel, Int32(target)) }
    if let folder {
      let error = martlet_spawn_in(&actions, folder)
      guard error == 0 else { throw Failure(program: arguments[0], errno: error) }
    }
    var pid: pid_t = 0
    let status = withCStrings(arguments) { argv in
      guard let environment else { return posix_spawnp(&pid, arguments[0], &actions, nil, argv, environ) }
      return withCStrings(environment.map { "\($0.key)=\($0.value)" }.sorted()) { envp in
        posix_spawnp(&pid, arguments[0], &actions, nil, argv, envp)
      }
    }
    guard status == 0 else { throw Failure(program: arguments[0], errno: status) }
    var ending: Int32 = 0
    while waitpid(pid, &ending, 0) < 0 {
      guard errno == EINTR else { throw Failure(program: arguments[0], errno: errno) }
    }
    let signal = ending & 0x7f
    return Output(
      status: signal == 0 ? (ending >> 8) & 0xff : 128 + signal, standardOutput: try contents(channels[1], arguments[0]),
      standardError: try contents(channels[2], arguments[0]))
  }

  private static func anonymousFile(for program: String) throws -> Int32 {
    var template = Array("/tmp/martlet-helper-XXXXXX".utf8CString)
    let descriptor = mkstemp(&template)
    if descriptor >= 0 {
      unlink(template)
      _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
    }
    guard descriptor >= 0 else { throw Failure(program: program, errno: errno) }
    return descriptor
  }

  private static func fill(_ descriptor: Int32, with bytes: [UInt8], for program: String) throws {
    var written = 0
    while written < bytes.count {
      let count = bytes.withUnsafeBytes { write(descriptor, $0.baseAddress! + written, bytes.count - written) }
      guard count > 0 else { throw Failure(program: program, errno: errno) }
      written += count
    }
    lseek(descriptor, 0, SEEK_SET)
  }

  private static func contents(_ descriptor: Int32, _ program: String) throws -> [UInt8] {
    let size = Int(lseek(descriptor, 0, SEEK_END))
    var bytes = [UInt8](repeating: 0, count: max(0, size))
    var read = 0
    while read < bytes.count {
      let count = bytes.withUnsafeMutableBytes { pread(descriptor, $0.baseAddress! + read, size - read, off_t(read)) }
      guard count > 0 else { throw Failure(program: program, errno: errno) }
      read += count
    }
    return bytes
  }

  private static func withCStrings<Result>(
    _ strings: [String], _ body: ([UnsafeMutablePointer<CChar>?]) -> Result
  ) -> Result {
    let pointers = strings.map { strdup($0) }
    defer { for pointer in pointers { free(pointer) } }
    return body(pointers + [nil])
  }
}
