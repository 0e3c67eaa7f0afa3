/// What can happen to a run, and what the run then wants done.

import MartletModel
import MartletPlan

/// The only inputs of `RunState`.
public enum Event: Sendable {
  case began
  case prepared(attempt: String, Preparation)
  case executor(ExecutorEvent)
  case verified(attempt: String, Verification)
  /// One answer for each intent, in their order.
  case published(attempt: String, [Publication])
  /// Folders and journal are synced up to what was published when the sync began.
  case synced
  /// A wait may be over.
  case woke
  /// A person decided on a gate while the run goes on; the decision is in the history.
  case gateDecided(GateEvidence, GateDecision)
  /// A release was promoted or rolled back while the run goes on, which lets approvals lapse or stand again; with all decisions on gates.
  case releasesMoved([GateEvidence: GateDecision])
  /// A person decided on a failing verdict while the run goes on; what was blocked by it already stays so in this run.
  case verdictRuled(JudgedVerdict, VerdictRuling)
  /// A person asked to stop; the second time, at once.
  case cancelRequested(immediately: Bool)
  /// Somebody wants this run to make room or to end. A request that comes too late finds another run, which it does not mean.
  case stopRequested(run: String, Stopping)
}

/// How a run is stopped from outside.
public enum Stopping: Sendable, Hashable {
  /// What has started goes on to its end, and the rest is left out of the run.
  case drain
  /// As by a person's signal.
  case cancel
  /// As by a second one.
  case kill
}

/// What the loop does for the run, after the transition's journal entries are committed.
public enum Effect: Sendable {
  case prepare(AttemptPlan)
  case launch(AttemptPlan)
  case adopt(AttemptRecord)
  case end(attempt: String, immediately: Bool)
  case verify(AttemptPlan)
  case publish(attempt: String, [PublishIntent])
  case sync
  case discard(attempt: String, keepOutputs: Bool)
  case showLog(attempt: String, task: String)
  case tell(Notice)
  case finish(RunResult, RunCounts)
}

/// What a person or a program that watches is told. Nothing that ended well is told before it is synced.
public enum Notice: Sendable {
  case attemptStarted(AttemptRecord, reasons: [Reason])
  /// An attempt failed and another follows at `at`, seconds since 1970.
  case retrying(TaskInstance, FailureClass, message: String?, attempt: Int, at: Double)
  case inputsChanged(TaskInstance)
  /// A gate has everything it shows and waits for a person, while the run goes on with the rest.
  case gateWaits(TaskInstance)
  case settled(SettledNotice)
  /// An instance ran once more, and what it wrote was compared with what its checkpoint recorded.
  case compared(ComparedNotice)
  /// An instance that stood is made again, since a task that must run reads what `gc` removed of it.
  case rebuilding(TaskInstance, reasons: [Reason], wasSettled: Bool)
}

/// One task instance that is done in this run.
public struct SettledNotice: Sendable {
  public let instance: TaskInstance
  public let settlement: Settlement
  public let reasons: [Reason]
  public let verdict: Verdict?
  /// What a person decided on a failing verdict.
  public let ruling: VerdictRuling?
  public let message: String?
  public let figures: [String: ConfigurationValue]
  /// Of the attempt that decided; `nil` where none ran.
  public let seconds: Double?
  public let attempt: String?
  /// Where a person's edits of the outputs were kept.
  public let asides: [String]
}

/// What one event leads to.
public struct Transition: Sendable {
  public var entries: [JournalEntry] = []
  public var effects: [Effect] = []
}
