/// Hands a command to the process that holds the workspace, and prints what it answers.

import MartletExecutors
import MartletModel

enum ControlClient {
  /// - Returns: the command's exit status; `nil` if nobody took the request, because the holder has just gone or does not listen.
  /// - Throws: `UserError` where the holder tells nothing more, as it does to who does not read: it has the request, and carries on.
  static func ask(_ request: ControlRequest, location: WorkspaceLocation, shared: SharedOptions, host: Host) throws -> ExitStatus?
  {
    guard let descriptor = try StreamSocket.connect(to: location.engineFolder, name: ControlServer.socketName) else { return nil }
    let connection = ControlConnection(descriptor)
    connection.send(request)
    var isTaken = false
    while let line = connection.readLine() {
      isTaken = true
      let reply = try JSONLine.decode(ControlReply.self, from: line)
      reply.tell(shared, host)
      if let status = reply.status { return ExitStatus(rawValue: status) ?? .bug }
    }
    guard isTaken, let again = try StreamSocket.connect(to: location.engineFolder, name: ControlServer.socketName),
      ControlConnection(again).peerProcess == connection.peerProcess
    else { return nil }
    throw UserError(
      "the process that holds the workspace has stopped telling this one, which did not read for some seconds",
      facts: [("request", "is carried out all the same")],
      hint: "`martlet status` says how far it is, `martlet runs` how it ended")
  }
}
