// Runs the real martlet and keeps everything it said.

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// How a program ended.
struct Ending: Equatable, CustomStringConvertible {
  var status: Int32
  var out: String
  var err: String

  var description: String { "status \(status)\n--- stdout\n\(out)--- stderr\n\(err)---" }
}

enum Program {
  /// The folder of the built executables: that of the test bundle.
  static let buildFolder: String = {
    let arguments = CommandLine.arguments
    if let index = arguments.firstIndex(of: "--test-bundle-path"), index + 1 < arguments.count {
      return folder(of: arguments[index + 1])
    }
    return folder(of: folder(of: folder(of: #filePath))) + "/.build/debug"
  }()

  static func folder(of path: String) -> String {
    String(path[..<path.lastIndex(of: "/")!])
  }

  /// Runs `martlet` in `directory` and waits for its end. Times are in UTC, nothing is coloured, and the environment is otherwise empty.
  static func martlet(_ arguments: String..., in directory: String, environment: [String: String] = [:]) -> Ending {
    run([buildFolder + "/martlet"] + arguments, in: directory, environment: environment)
  }

  static func run(_ arguments: [String], in directory: String, environment: [String: String] = [:]) -> Ending {
    let streams = (0..<2).map { _ in
      var template = Array("/tmp/martlet-command-XXXXXX".utf8CString)
      let descriptor = mkstemp(&template)
      unlink(template)
      return descriptor
    }
    defer { for stream in streams { close(stream) } }
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
    posix_spawn_file_actions_adddup2(&actions, streams[0], 1)
    posix_spawn_file_actions_adddup2(&actions, streams[1], 2)
    let variables = ["PATH": "/usr/bin:/bin", "TZ": "UTC"].merging(environment) { $1 }.map { "\($0.key)=\($0.value)" }
    // env changes the folder between fork and exec, which Swift's view of posix_spawn cannot.
    let arguments = ["/usr/bin/env", "-C", directory] + arguments
    let argv = arguments.map { strdup($0) } + [nil]
    let envp = variables.map { strdup($0) } + [nil]
    defer { for pointer in argv + envp { free(pointer) } }
    var pid: pid_t = 0
    let failure = posix_spawn(&pid, arguments[0], &actions, nil, argv, envp)
    precondition(failure == 0, "cannot start \(arguments[0]): \(String(cString: strerror(failure)))")
    var ending: Int32 = 0
    while waitpid(pid, &ending, 0) < 0 { precondition(errno == EINTR) }
    let signal = ending & 0x7f
    return Ending(
      status: signal == 0 ? (ending >> 8) & 0xff : 128 + signal, out: content(streams[0]), err: content(streams[1]))
  }

  private static func content(_ descriptor: Int32) -> String {
    var bytes = [UInt8](repeating: 0, count: Int(lseek(descriptor, 0, SEEK_END)))
    let count = pread(descriptor, &bytes, bytes.count, 0)
    return String(decoding: bytes[..<max(0, count)], as: UTF8.self)
  }
}
