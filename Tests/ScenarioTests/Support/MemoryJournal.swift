/// The journal as a list, with what the next run asks of it; refuses entries in an order that the contract forbids.

import MartletModel
import MartletRun

final class MemoryJournal: Journal {
  private(set) var entries: [JournalEntry] = []
  private(set) var attempts: [String: AttemptRecord] = [:]
  private(set) var intents: [TaskInstance: PublishIntent] = [:]
  private(set) var checkpoints: [TaskInstance: Checkpoint] = [:]
  private(set) var heldFailures: [TaskInstance: HeldBack] = [:]
  /// The run that has begun and not ended.
  private(set) var openRun: String?

  /// As the store does it for `gc`.
  func collect(_ instance: TaskInstance, _ outputs: [String]) {
    checkpoints[instance]!.collected = Set(checkpoints[instance]!.collected ?? []).union(outputs).sorted()
  }
  private var waits: [TaskInstance: CarriedWait] = [:]
  private var settled: Set<TaskInstance> = []
  private var syncedCount = 0

  /// A failure that waits for a change.
  struct HeldBack {
    let fingerprint: Fingerprint
    let failureClass: FailureClass
    let message: String?
  }

  func commit(_ new: [JournalEntry]) {
    for entry in new { take(entry) }
    entries += new
  }

  func sync() { syncedCount = entries.count }

  /// The journal as the disk has it after a loss of power: all that was synced, and perhaps some of the rest.
  func afterPowerLoss(_ generator: inout SeededGenerator) -> MemoryJournal {
    let journal = MemoryJournal()
    journal.commit(Array(entries.prefix(Int.random(in: syncedCount...entries.count, using: &generator))))
    journal.sync()
    return journal
  }

  private func take(_ entry: JournalEntry) {
    switch entry {
    case .runStarted(let run):
      openRun = run.id
      waits = [:]
      settled = []
    case .attemptCreated(let record):
      precondition(attempts[record.id] == nil, "attempt \(record.id) is created twice")
      attempts[record.id] = record
    case .attemptStarted(let attempt, let identity):
      precondition(attempts[attempt] != nil, "attempt \(attempt) started before it was created")
      attempts[attempt]!.identity = identity
    case .attemptEnded(let attempt, let end):
      precondition(attempts[attempt] != nil, "attempt \(attempt) ended before it was created")
      precondition(attempts[attempt]!.end == nil, "attempt \(attempt) ended twice")
      attempts[attempt]!.end = end
    case .waitScheduled(let run, let instance, let fingerprint, let failureClass, let notBefore):
      precondition(run == openRun, "a wait of another run")
      note(instance, fingerprint, failureClass, notBefore)
    case .publishIntended(let intent):
      precondition(attempts[intent.attempt]?.end != nil, "published before the attempt's end is recorded")
      precondition(intents[intent.checkpoint.instance] == nil, "two publishers of \(intent.checkpoint.instance)")
      intents[intent.checkpoint.instance] = intent
    case .published(let attempt, let instances):
      for instance in instances { finish(instance, of: attempt) }
    case .publishUndone(let attempt, let instances):
      for instance in instances {
        precondition(intents[instance]?.attempt == attempt, "undone without an intent: \(instance)")
        intents[instance] = nil
      }
    case .settled(let record): settle(record)
    case .runEnded(let run, _, _, _):
      precondition(run == openRun, "\(run) ended without having started")
      precondition(intents.isEmpty, "a run ended with open intents")
      openRun = nil
      waits = [:]
    }
  }

  private func note(_ instance: TaskInstance, _ fingerprint: Fingerprint, _ failureClass: FailureClass, _ notBefore: Double) {
    var spent = waits[instance]?.fingerprint == fingerprint ? waits[instance]!.spent : [:]
    spent[failureClass, default: 0] += 1
    waits[instance] = CarriedWait(fingerprint: fingerprint, spent: spent, notBefore: notBefore)
  }

  private func settle(_ record: InstanceRecord) {
    precondition(settled.insert(record.instance).inserted, "\(record.instance) is settled twice")
    switch record.settlement {
    case .failed(let failureClass):
      heldFailures[record.instance] =
        failureClass.isPlannedAgain
        ? nil : HeldBack(fingerprint: record.fingerprint!, failureClass: failureClass, message: record.message)
    case .succeeded, .reused: heldFailures[record.instance] = nil
    case .blocked, .missing, .waiting, .rejected, .cancelled: break
    }
  }

  private func finish(_ instance: TaskInstance, of attempt: String) {
    guard let intent = intents.removeValue(forKey: instance), intent.attempt == attempt else {
      preconditionFailure("published without an intent: \(instance)")
    }
    checkpoints[instance] = intent.checkpoint
  }

  // MARK: What the next run asks

  /// Attempts without an end, oldest first.
  var unfinishedAttempts: [AttemptRecord] {
    entries.compactMap { entry in
      guard case .attemptCreated(let record) = entry, attempts[record.id]!.end == nil else { return nil }
      return attempts[record.id]
    }
  }

  /// Waits of the run that was interrupted.
  var interruptedWaits: [TaskInstance: CarriedWait] { openRun == nil ? [:] : waits }

  var waitsScheduled: [(instance: TaskInstance, failureClass: FailureClass, notBefore: Double)] {
    entries.compactMap { entry in
      guard case .waitScheduled(_, let instance, _, let failureClass, let notBefore) = entry else { return nil }
      return (instance, failureClass, notBefore)
    }
  }
}
