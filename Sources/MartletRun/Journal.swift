/// The durable record of what happens, as the run loop sees it.

import MartletModel

/// One line of the journal. Entries of one transition are committed in one transaction, before their effects begin.
public enum JournalEntry: Sendable, Hashable {
  case runStarted(RunRecord)
  case attemptCreated(AttemptRecord)
  case attemptStarted(attempt: String, ProcessIdentity)
  case attemptEnded(attempt: String, AttemptEnd)
  /// A failed instance waits for its next attempt; a run after a crash goes on with the wait and the spent budget.
  case waitScheduled(run: String, instance: TaskInstance, fingerprint: Fingerprint, failureClass: FailureClass, notBefore: Double)
  case publishIntended(PublishIntent)
  /// The renames are done: the intents of these instances of the attempt become checkpoints.
  case published(attempt: String, instances: [TaskInstance])
  /// The renames could not be done and nothing of them remains.
  case publishUndone(attempt: String, instances: [TaskInstance])
  case settled(InstanceRecord)
  case runEnded(run: String, result: RunResult, counts: RunCounts, at: Double)
}

/// Writes the journal. Called from the loop's thread only.
public protocol Journal: AnyObject {
  /// All entries in one transaction: afterwards they survive the end of this process, however it ends.
  func commit(_ entries: [JournalEntry]) throws
  /// Everything committed so far survives a loss of power too.
  func sync() throws
}
