/// Hands a command to the process that holds the workspace, and prints what it answers.

import MartletExecutors
import MartletModel

enum ControlClient {
  /// How long the holder may take to say that it has the request, which a thread of its own does at once.
  private static let patienceSeconds = 10

  /// - Returns: the command's exit status; `nil` if nobody took the request, because the holder has just gone or does not listen.
  /// - Throws: `UserError` where the holder tells nothing more, as it does to who does not read: it has the request, and carries on.
  static func ask(_ request: ControlRequest, location: WorkspaceLocation, shared: SharedOptions, host: Host) throws -> ExitStatus?
  {
    guard let descriptor = try StreamSocket.connect(to: location.engineFolder, name: ControlServer.socketName) else { return nil }
    let connection = ControlConnection(descriptor)
    connection.send(request)
    connection.setPatience(seconds: patienceSeconds)
    if case .silence = connection.nextLine() {
      let holder = (try? location.holder()) ?? nil
      throw UserError(
        "the process that holds the workspace does not answer",
        facts: [("workspace", location.root), ("held by", holder?.description ?? "process \(connection.peerProcess ?? 0)")],
        hint: "it may be stopped (`kill -CONT` lets it go on); nothing of what was asked is done", status: .inUse)
    }
    connection.setPatience(seconds: 0)
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
