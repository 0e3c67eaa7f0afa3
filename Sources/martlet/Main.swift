/// Where the program begins and ends: the only place that touches the environment, the clock, signals and exit.

import ArgumentParser
import MartletFiles
import MartletModel
import MartletStore

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

@main
enum Main {
  static func main() {
    // A pipe that closes (`| head`) must end the output, not a run.
    signal(SIGPIPE, SIG_IGN)
    let arguments = Array(CommandLine.arguments.dropFirst())
    let host = host()
    if arguments == ["--version"] {
      host.output.write("martlet \(martletVersion)\n")
      exit(ExitStatus.done.rawValue)
    }
    exit(run(arguments, on: host).rawValue)
  }

  private static func run(_ arguments: [String], on host: Host) -> ExitStatus {
    do {
      let arguments = sharedOptionsBehindCommand(arguments)
      if let name = arguments.first, !name.hasPrefix("-"), !Martlet.commandNames.contains(name) {
        throw UserError.unknown("command", name, among: Martlet.commandNames)
      }
      var parsed = try Martlet.parseAsRoot(arguments)
      guard var command = parsed as? any HostedCommand else {
        // The parser's own commands: help, and nothing at all.
        try parsed.run()
        return .done
      }
      return try command.run(on: host)
    } catch {
      return report(error, to: host)
    }
  }

  private static func report(_ error: any Error, to host: Host) -> ExitStatus {
    let status = Martlet.exitCode(for: error)
    if status == .success {
      host.output.write(Martlet.fullMessage(for: error) + "\n")
      return .done
    }
    if status == .validationFailure {
      let sentence = Martlet.fullMessage(for: error).trimmingPrefix("Error: ")
      host.diagnostics.write("error: \(sentence.prefix(1).lowercased())\(sentence.dropFirst())\n")
      return .usage
    }
    let known = ErrorText.of(error)
    host.diagnostics.write(known.text + "\n")
    return known.status
  }

  private static func host() -> Host {
    var environment: [String: String] = [:]
    var entry = environ
    while let pointer = entry.pointee {
      let text = String(cString: pointer)
      if let equals = text.firstIndex(of: "=") {
        environment[String(text[..<equals])] = String(text[text.index(after: equals)...])
      }
      entry += 1
    }
    return Host(
      environment: environment, workingDirectory: folder(getcwd(nil, 0)) ?? "/",
      executable: folder(realpath("/proc/self/exe", nil)) ?? CommandLine.arguments[0], output: Console(descriptor: STDOUT_FILENO),
      diagnostics: Console(descriptor: STDERR_FILENO), isInteractive: isatty(STDIN_FILENO) == 1 && isatty(STDERR_FILENO) == 1,
      user: getpwuid(getuid()).map { String(cString: $0.pointee.pw_name) } ?? "uid \(getuid())",
      arguments: Array(CommandLine.arguments.dropFirst()), processorCount: max(1, sysconf(Int32(_SC_NPROCESSORS_ONLN))),
      memoryBytes: sysconf(Int32(_SC_PHYS_PAGES)) * sysconf(Int32(_SC_PAGESIZE)),
      wallSeconds: {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
      }, lastInterrupt: { Interrupts.shared.last }, onInterrupt: { Interrupts.shared.handle($0) })
  }

  private static func folder(_ pointer: UnsafeMutablePointer<CChar>?) -> String? {
    guard let pointer else { return nil }
    defer { free(pointer) }
    return String(cString: pointer)
  }
}
