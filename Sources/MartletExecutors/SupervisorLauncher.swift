// Starting supervisors, and finding those that earlier engines started.

import MartletFiles
import MartletRun

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

struct SupervisorLauncher: Sendable {
  let program: String
  /// Holds a folder for each supervisor.
  let folder: String
  let environment: [String: String]

  /// A supervisor just started by us.
  struct Launched {
    let id: String
    let pid: Int32
    let connection: LineConnection
  }

  func launch() throws -> Launched {
    try FileTree.makeFolder(folder)
    try removeAbandoned()
    let id = newID()
    let own = "\(folder)/\(id)"
    try FileTree.makeFolder(own)
    let log = open("\(own)/log", O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o666)
    guard log >= 0 else { throw SystemError("open the log", "\(own)/log") }
    defer { close(log) }
    let (ours, theirs) = try StreamSocket.pair()
    let connection = LineConnection(ours)
    defer { close(theirs) }
    let pid = try Spawn.start(
      [program, "--folder", own], environment: environment.merging([supervisorMark: id]) { $1 }, directory: "/", input: theirs,
      output: log)
    return Launched(id: id, pid: pid, connection: connection)
  }

  /// A connection to a supervisor that an earlier engine started, or `nil` if it does not listen (yet, or any more).
  func connect(to id: String) throws -> LineConnection? {
    try StreamSocket.connect(to: "\(folder)/\(id)").map(LineConnection.init)
  }

  /// Whether a supervisor's process is there, listening or not.
  func isAlive(_ id: String) throws -> Bool {
    try ProcessTable.marked(supervisorMark)[id] != nil
  }

  /// Lets a supervisor go on that somebody stopped: it would not hear what it is asked.
  func wake(_ id: String) throws {
    for process in try ProcessTable.marked(supervisorMark)[id] ?? [] { ProcessTable.signal(process, SIGCONT) }
  }

  private func newID() -> String {
    String(UInt64.random(in: 0 ... .max), radix: 36)
  }

  /// Supervisors that were killed, or that had something to say, leave their folders for people to look at. A few may pile up.
  private func removeAbandoned() throws {
    let names = try FolderListing.names(of: folder).map(\.description)
    guard names.count > 8 else { return }
    let alive = try ProcessTable.marked(supervisorMark)
    for name in names where alive[name] == nil { try FileTree.remove("\(folder)/\(name)") }
  }
}
