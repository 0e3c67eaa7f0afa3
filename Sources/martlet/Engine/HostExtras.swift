/// What the engine asks of the host beyond what every command does.

import MartletRun

extension Host {
  /// The folder of `martlet` itself, where its sister executables lie, without a trailing slash.
  var executableFolder: String {
    executable.lastIndex(of: "/").map { String(executable[..<$0]) } ?? "."
  }
}

/// The host's wall clock as the run loop takes it.
struct HostClock: Clock {
  let host: Host

  func wallSeconds() -> Double { host.wallSeconds() }
}
