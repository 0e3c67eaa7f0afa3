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
  private let mailbox: any Inbox
  private let launcher: Launcher
  private let tell: (Notice) -> Void
  /// Work handed to the workers whose end has not been posted yet.
  private var pendingWork = 0
  /// Entries of events without effects.
  private var uncommitted: [JournalEntry] = []
  /// Whether nothing was committed since the journal's last sync.
  private var isJournalSynced = false
  /// Whether something that ended well waits for a sync to be told.
  private var isSyncWanted = false
  /// When the last sync began, seconds since 1970.
  private var lastSync: Double?
  /// Taken from the mailbox behind events and not looked at yet.
  private var putBack: Mailbox.Message?

  /// Events in one transaction.
  private static let largestStep = 64
  /// While attempts are alive a sync begins no earlier after the one before, in seconds: it then serves many of them.
  private static let syncInterval = 0.2

  public init(
    state: RunState, journal: any Journal, workspace: any Workspace, executor: any Executor, workers: any Workers,
    clock: any Clock, mailbox: any Inbox, launcher: Launcher, tell: @escaping (Notice) -> Void
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
    var end = try step([.began])
    while end == nil || pendingWork > 0 {
      guard let message = nextMessage(hasEnded: end != nil) else {
        try commitAll()
        if end == nil, let wake = state.nextWake, wake <= clock.wallSeconds() { end = try step([.woke]) }
        syncIfDue()
        continue
      }
      switch message {
      case .event(let event) where end == nil: end = try step(eventsWaiting(behind: event))
      // After the end only answers to work that no longer matters arrive.
      case .event: break
      case .foldersSynced(let failure):
        pendingWork -= 1
        if let failure { throw DurabilityError(message: failure) }
        end = try step([.synced], tellsOfSynced: true)
      case .publicationStuck(let failure): throw DurabilityError(message: failure)
      case .workDone: pendingWork -= 1
      case .call(let call):
        try commitAll()
        call()
      }
    }
    try commitAll()
    // The last events may have been synced together with what they tell.
    if !isJournalSynced { try syncJournal() }
    return end!
  }

  /// - Returns: `nil` when it is time to wake the run, to commit what no event takes along, or to sync.
  private func nextMessage(hasEnded: Bool) -> Mailbox.Message? {
    if let putBack {
      self.putBack = nil
      return putBack
    }
    guard uncommitted.isEmpty else { return mailbox.next(timeoutSeconds: 0) }
    let due = [hasEnded ? nil : state.nextWake, syncDue].compactMap { $0 }.min()
    return mailbox.next(timeoutSeconds: due.map { $0 - clock.wallSeconds() })
  }

  /// An event and those that arrived behind it: one transaction serves them all.
  private func eventsWaiting(behind first: Event) -> [Event] {
    var events = [first]
    while events.count < RunLoop.largestStep, let message = mailbox.next(timeoutSeconds: 0) {
      guard case .event(let event) = message else {
        putBack = message
        break
      }
      events.append(event)
    }
    return events
  }

  /// - Parameter tellsOfSynced: whether what follows is told as done: the journal is synced first, with what these events enter in it.
  private func step(_ events: [Event], tellsOfSynced: Bool = false) throws -> (RunResult, RunCounts)? {
    var effects: [Effect] = []
    var end: (RunResult, RunCounts)?
    let now = clock.wallSeconds()
    for event in events where end == nil {
      let transition = state.apply(event, now: now)
      uncommitted += transition.entries
      for effect in transition.effects {
        if case .finish(let result, let counts) = effect { end = (result, counts) } else { effects.append(effect) }
      }
    }
    // What nothing follows from, as that a process has started, shares a commit with what comes next if that waits already.
    guard !effects.isEmpty || end != nil else { return nil }
    try commitAll()
    if tellsOfSynced { try syncJournal() }
    for effect in effects { perform(effect) }
    syncIfDue()
    return end
  }

  private func commitAll() throws {
    guard !uncommitted.isEmpty else { return }
    let entries = uncommitted
    uncommitted = []
    isJournalSynced = false
    try journal.commit(entries)
  }

  private func syncJournal() throws {
    try journal.sync()
    isJournalSynced = true
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
    case .sync: isSyncWanted = true
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

  /// When the sync that is wanted may begin, seconds since 1970. At the end of a run, and where only a person can go on, nothing else will
  /// come for it to serve.
  private var syncDue: Double? {
    guard isSyncWanted else { return nil }
    guard state.hasLiveAttempts, let lastSync else { return -.infinity }
    return lastSync + RunLoop.syncInterval
  }

  private func syncIfDue() {
    let now = clock.wallSeconds()
    // A clock that was set back has no say in it.
    guard let due = syncDue, due <= now || due > now + RunLoop.syncInterval else { return }
    isSyncWanted = false
    lastSync = now
    syncFolders()
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
