// What engine and supervisor say to each other: one JSON object a line, both ways, over a stream socket.

import MartletRun

/// What an engine asks for.
public enum SupervisorRequest: Hashable, Sendable {
  /// Starting what was started before only tells its state again.
  case start(AttemptRequest)
  /// Ends the whole tree of processes; an attempt that is over is left as it is.
  case end(attempt: String, immediately: Bool)
}

/// What a supervisor tells every engine that is connected. `started` and `exited` also stand in the attempt's folder.
public enum SupervisorMessage: Hashable, Sendable {
  /// The first message on every connection: the attempts that are not over. Of those that are, the exit record lies in their folder.
  case hello(version: Int, running: [RunningAttempt])
  case started(RunningAttempt)
  case exited(ExitRecord)

  /// Engine and supervisor of different versions do not talk.
  public static let version = 2
}

public struct RunningAttempt: Hashable, Sendable {
  public let attempt: String
  public let identity: ProcessIdentity

  public init(attempt: String, identity: ProcessIdentity) {
    self.attempt = attempt
    self.identity = identity
  }
}

/// The variable in a supervisor's environment that holds its id: by it a supervisor is found whose socket is not there yet.
public let supervisorMark = "MARTLET_SUPERVISOR"

/// The variable in an attempt's environment that holds its id.
public let attemptMark = "MARTLET_ATTEMPT"
