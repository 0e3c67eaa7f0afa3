/// Hands a command to the process that holds the workspace, and prints what it answers.

import MartletExecutors
import MartletModel

enum ControlClient {
  /// - Returns: the command's exit status; `nil` if nobody took the request, because the holder has just gone or does not listen.
  static func ask(_ request: ControlRequest, location: WorkspaceLocation, shared: SharedOptions, host: Host) throws -> ExitStatus?
  {
    guard let descriptor = try StreamSocket.connect(to: location.engineFolder, name: ControlServer.socketName) else { return nil }
    let connection = ControlConnection(descriptor)
    connection.send(request)
    while let line = connection.readLine() {
      let reply = try JSONLine.decode(ControlReply.self, from: line)
      reply.tell(shared, host)
      if let status = reply.status { return ExitStatus(rawValue: status) ?? .bug }
    }
    return nil
  }
}
