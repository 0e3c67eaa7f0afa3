/// The one loop: takes an event, lets `RunState` decide, commits what it says, and has its effects performed.
///
/// It runs on the thread that calls it. Whatever blocks is done by the workers and the executor, which answer through the mailbox, so
/// that between reading the state and committing the next nothing else happens.

import MartletModel

public final class RunLoop {
  private var state: RunState
  private let journal: any Journal
  private let workspace: any Workspace
  private let executor: any Executor
  private let workers: any Workers
  private let clock: any Clock
  private let mailbox: Mailbox
  private let launcher: Launcher
  private let tell: (Notice) -> Void
  /// Work handed to the workers whose end has not been posted yet.
  private var pendingWork = 0

  public init(
    state: RunState, journal: any Journal, workspace: any Workspace, executor: any Executor, workers: any Workers,
    clock: any Clock, mailbox: Mailbox, launcher: Launcher, tell: @escaping (Notice) -> Void
  ) {
    self.state = state
    self.journal = journal
    self.workspace = workspace
    self.executor = executor
    self.workers = workers
    self.clock = clock
    self.mailbox = mailbox
    self.launcher = launcher
    self.tell = tell
  }

  /// Runs until the run has ended and everything about it is synced.
  /// - Throws: what kept the journal or a folder from being durable. What was told before stays true; the next run recovers.
  public func run() throws -> (result: RunResult, counts: RunCounts) {
    var end = try step(.began)
    while end == nil || pendingWork > 0 {
      let timeout = end == nil ? state.nextWake.map { $0 - clock.wallSeconds() } : nil
      switch mailbox.next(timeoutSeconds: timeout) {
      case .event(let event) where end == nil: end = try step(event)
      // After the end only answers to work that no longer matters arrive.
      case .event: break
      case .foldersSynced(let failure):
        pendingWork -= 1
        if let failure { throw DurabilityError(message: failure) }
        try journal.sync()
        end = try step(.synced)
      case .publicationStuck(let failure): throw DurabilityError(message: failure)
      case .workDone: pendingWork -= 1
      case .call(let call): call()
      case nil: end = try step(.woke)
      }
    }
    try journal.sync()
    return end!
  }

  private func step(_ event: Event) throws -> (RunResult, RunCounts)? {
    let transition = state.apply(event, now: clock.wallSeconds())
    if !transition.entries.isEmpty { try journal.commit(transition.entries) }
    var end: (RunResult, RunCounts)?
    for effect in transition.effects {
      if case .finish(let result, let counts) = effect { end = (result, counts) } else { perform(effect) }
    }
    return end
  }

  private func perform(_ effect: Effect) {
    let workspace = workspace
    switch effect {
    case .prepare(let plan): answer { .prepared(attempt: plan.record.id, workspace.prepare(plan)) }
    case .launch(let plan): executor.start(launcher.request(for: plan))
    case .adopt(let record):
      executor.adopt(
        attempt: record.id, folder: "\(launcher.root)/\(AttemptPlan.folder(of: record.id))", identity: record.identity)
    case .end(let attempt, let immediately): executor.end(attempt: attempt, immediately: immediately)
    case .verify(let plan): answer { .verified(attempt: plan.record.id, workspace.verify(plan)) }
    case .publish(let attempt, let intents): publish(intents, of: attempt)
    case .sync: syncFolders()
    case .discard(let attempt, let keepOutputs):
      background { workspace.discard(attempt: attempt, keepOutputs: keepOutputs) }
    case .showLog(let attempt, let task): background { workspace.showLog(of: attempt, task: task) }
    case .tell(let notice): tell(notice)
    case .finish: break
    }
  }

  private func answer(_ work: @escaping @Sendable () -> Event) {
    let mailbox = mailbox
    workers.submit { mailbox.post(work()) }
  }

  private func publish(_ intents: [PublishIntent], of attempt: String) {
    let mailbox = mailbox
    let workspace = workspace
    workers.submit {
      do {
        mailbox.post(.published(attempt: attempt, try workspace.publish(intents)))
      } catch {
        mailbox.post(.publicationStuck(failure: "\(error)"))
      }
    }
  }

  private func background(_ work: @escaping @Sendable () -> Void) {
    let mailbox = mailbox
    pendingWork += 1
    workers.submit {
      work()
      mailbox.post(.workDone)
    }
  }

  private func syncFolders() {
    let mailbox = mailbox
    let workspace = workspace
    pendingWork += 1
    workers.submit {
      do {
        try workspace.syncFolders()
        mailbox.post(.foldersSynced(failure: nil))
      } catch {
        mailbox.post(.foldersSynced(failure: "\(error)"))
      }
    }
  }
}

/// A sync failed: what is on the disk is unknown, so the process must end and the next one look.
public struct DurabilityError: Error, CustomStringConvertible {
  public let message: String

  public var description: String {
    "cannot make the results durable: \(message)\n  nothing unsynced was reported as done; mend the disk and run again"
  }
}
