// Starts the real programs, waits for them, and keeps everything they said.

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// How a program ended.
struct Ending: CustomStringConvertible {
  var status: Int32
  var out: String
  var err: String

  var description: String { "status \(status)\n--- stdout\n\(out)--- stderr\n\(err)---" }
}

/// A program that runs beside the test.
final class Program {
  let pid: pid_t
  private let streams: [Int32]
  private var hasEnded = false

  /// - Parameter environment: added to the test's own `PATH` and `HOME`, a time zone and where the libraries are.
  init(_ arguments: [String], in directory: String, environment: [String: String] = [:]) {
    streams = (0..<2).map { _ in
      var template = Array("/tmp/martlet-story-XXXXXX".utf8CString)
      let descriptor = mkstemp(&template)
      _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
      unlink(template)
      return descriptor
    }
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
    posix_spawn_file_actions_adddup2(&actions, streams[0], 1)
    posix_spawn_file_actions_adddup2(&actions, streams[1], 2)
    let variables = Checkout.environment.merging(environment) { $1 }.map { "\($0.key)=\($0.value)" }
    // env changes the folder between fork and exec, which Swift's view of posix_spawn cannot; the process stays the same.
    let words = ["/usr/bin/env", "-C", directory] + arguments
    let argv = words.map { strdup($0) } + [nil]
    let envp = variables.map { strdup($0) } + [nil]
    defer { for pointer in argv + envp { free(pointer) } }
    var pid: pid_t = 0
    let failure = posix_spawn(&pid, words[0], &actions, nil, argv, envp)
    precondition(failure == 0, "cannot start \(arguments): \(String(cString: strerror(failure)))")
    self.pid = pid
  }

  deinit {
    if !hasEnded { kill() }
    for stream in streams { close(stream) }
  }

  /// Waits for the end; to be called once. What takes longer than two minutes hangs, and is killed.
  func end() -> Ending {
    hasEnded = true
    var ending: Int32 = 0
    let deadline = time(nil) + 120
    while true {
      let reaped = waitpid(pid, &ending, WNOHANG)
      if reaped == pid { break }
      precondition(reaped == 0 || errno == EINTR, "waitpid: \(String(cString: strerror(errno)))")
      if time(nil) > deadline { _ = signalProcess(pid, SIGKILL) }
      poll(nil, 0, 5)
    }
    let signal = ending & 0x7f
    return Ending(
      status: signal == 0 ? (ending >> 8) & 0xff : 128 + signal, out: content(streams[0]), err: content(streams[1]))
  }

  /// Ends it as a power cut would: it gets no chance to do anything.
  func kill() {
    _ = signalProcess(pid, SIGKILL)
    _ = end()
  }

  /// Ctrl-Z, as a shell does it to what it started.
  func suspend() { _ = signalProcess(pid, SIGSTOP) }

  /// `fg`
  func resume() { _ = signalProcess(pid, SIGCONT) }

  /// Ctrl-C.
  func interrupt() { _ = signalProcess(pid, SIGINT) }

  /// What it has said so far on standard error.
  var said: String { content(streams[1]) }

  /// What it has put out so far on standard output.
  var printed: String { content(streams[0]) }

  private func content(_ descriptor: Int32) -> String {
    var bytes = [UInt8](repeating: 0, count: Int(lseek(descriptor, 0, SEEK_END)))
    let count = pread(descriptor, &bytes, bytes.count, 0)
    return String(decoding: bytes[..<max(0, count)], as: UTF8.self)
  }
}

/// `kill(2)`, which a method of that name hides.
private func signalProcess(_ pid: pid_t, _ signal: Int32) -> Int32 { kill(pid, signal) }
