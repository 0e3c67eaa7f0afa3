// The supervisor: starts, watches, limits and reaps the attempts of one run, and outlives the engine that started it.
//
//   martlet-supervisor --folder .martlet/supervisors/ID
//
// Its standard input is the socket of the engine that starts it; later engines connect to the socket in its folder.

import CLinux
import MartletFiles

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

guard CommandLine.arguments.count == 3, CommandLine.arguments[1] == "--folder" else {
  complain("usage: martlet-supervisor --folder FOLDER (started by martlet, with a socket as its standard input)")
  exit(64)
}

// What becomes of the attempts is for the engine to decide, not for whoever signals this process.
for number in [SIGINT, SIGTERM, SIGHUP, SIGPIPE] { signal(number, SIG_IGN) }

do {
  let supervisor = try Supervisor(folder: CommandLine.arguments[2], engine: STDIN_FILENO)
  supervisor.run()
} catch {
  complain("\(error)")
  exit(71)
}
