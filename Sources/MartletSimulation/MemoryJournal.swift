/// The journal as a list, with what the next run asks of it; an order of entries that the contract forbids is a breach.

import MartletModel
import MartletRun

final class MemoryJournal {
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
  /// Checkpoints that a loss of power may take.
  private(set) var unsynced: Set<TaskInstance> = []
  /// Ends of attempts that work on one instance, since the last run that came to its end.
  private var failures: [Failure: Int] = [:]
  private let invariants: Invariants

  private struct Failure: Hashable {
    let instance: TaskInstance
    let fingerprint: Fingerprint
    let failureClass: FailureClass
  }

  init(invariants: Invariants) {
    self.invariants = invariants
  }

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

  func sync() {
    syncedCount = entries.count
    unsynced = []
  }

  /// The journal as the disk has it after a loss of power: all that was synced, and perhaps some of the rest.
  func afterPowerLoss(_ generator: inout SeededGenerator) -> MemoryJournal {
    let journal = MemoryJournal(invariants: invariants)
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
    case .attemptCreated(let record): create(record)
    case .attemptStarted(let attempt, let identity):
      invariants.require(attempts[attempt] != nil, "attempt \(attempt) started before it was created")
      attempts[attempt]?.identity = identity
    case .attemptEnded(let attempt, let end):
      invariants.require(attempts[attempt] != nil, "attempt \(attempt) ended before it was created")
      invariants.require(attempts[attempt]?.end == nil, "attempt \(attempt) ended twice")
      attempts[attempt]?.end = end
      if let failureClass = end.failureClass, let record = attempts[attempt], record.instances.count == 1 {
        failures[
          Failure(instance: record.instances[0], fingerprint: record.fingerprints[0], failureClass: failureClass), default: 0] +=
          1
      }
    case .waitScheduled(let run, let instance, let fingerprint, let failureClass, let notBefore):
      invariants.require(run == openRun, "a wait of another run: \(instance)")
      note(instance, fingerprint, failureClass, notBefore)
    case .publishIntended(let intent):
      invariants.require(attempts[intent.attempt]?.end != nil, "\(intent.attempt) publishes before its end is recorded")
      invariants.require(intents[intent.checkpoint.instance] == nil, "two publishers of \(intent.checkpoint.instance)")
      intents[intent.checkpoint.instance] = intent
    case .published(let attempt, let instances):
      for instance in instances { finish(instance, of: attempt) }
    case .publishUndone(let attempt, let instances):
      for instance in instances {
        invariants.require(intents[instance]?.attempt == attempt, "undone without an intent: \(instance)")
        intents[instance] = nil
      }
    case .settled(let record): settle(record)
    case .runEnded(let run, _, _, _):
      invariants.require(run == openRun, "\(run) ended without having started")
      invariants.require(intents.isEmpty, "\(run) ended with open intents: \(intents.keys)")
      openRun = nil
      waits = [:]
      failures = [:]
    }
  }

  private func create(_ record: AttemptRecord) {
    invariants.require(attempts[record.id] == nil, "attempt \(record.id) is created twice")
    attempts[record.id] = record
    for (instance, fingerprint) in zip(record.instances, record.fingerprints) {
      guard let wait = waits[instance], wait.fingerprint == fingerprint else { continue }
      invariants.require(wait.notBefore <= record.createdAt, "\(record.id) starts before the wait of \(instance) is over")
    }
  }

  /// Of the newest failure of an instance.
  func fingerprintOfFailure(_ instance: TaskInstance) -> Fingerprint? {
    for case .settled(let record) in entries.reversed() where record.instance == instance && record.fingerprint != nil {
      return record.fingerprint
    }
    return nil
  }

  /// The failures of one class that an instance has had since the last run that came to its end, at the most.
  func mostFailures(of failureClass: FailureClass) -> (instance: TaskInstance, count: Int)? {
    failures.filter { $0.key.failureClass == failureClass }.max { $0.value < $1.value }.map { ($0.key.instance, $0.value) }
  }

  private func note(_ instance: TaskInstance, _ fingerprint: Fingerprint, _ failureClass: FailureClass, _ notBefore: Double) {
    var spent = waits[instance]?.fingerprint == fingerprint ? waits[instance]!.spent : [:]
    spent[failureClass, default: 0] += 1
    waits[instance] = CarriedWait(fingerprint: fingerprint, spent: spent, notBefore: notBefore)
  }

  private func settle(_ record: InstanceRecord) {
    invariants.require(settled.insert(record.instance).inserted, "\(record.instance) is settled twice")
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
      return invariants.fail("published without an intent: \(instance)")
    }
    checkpoints[instance] = intent.checkpoint
    unsynced.insert(instance)
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
