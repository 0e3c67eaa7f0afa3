/// `martlet verify`: runs a task that stands once more, in staging, and compares what it writes with what its checkpoints recorded.

import MartletFiles
import MartletModel
import MartletPlan
import MartletRun

struct TaskComparison {
  /// An output that came out otherwise.
  struct Difference {
    let output: ComparedNotice.Output
    /// `nil` where the recorded bytes are not there to be looked at.
    let first: ContentDifference?
  }

  /// What came of all instances.
  struct Finding {
    let task: String
    /// How many instances were to be compared.
    let count: Int
    /// In the order in which they ended.
    var compared: [(notice: ComparedNotice, differences: [Difference])] = []
    /// Those that did not succeed this time.
    var failed: [SettledNotice] = []

    /// Whether somebody stopped it before its end.
    var isCancelled = false

    /// What was not looked at is not the same.
    var isSame: Bool { compared.count == count && failed.isEmpty && compared.allSatisfy { $0.differences.isEmpty } }
    /// Those that neither ended nor failed: it was cancelled, or what they read changed meanwhile.
    var openCount: Int { count - compared.count - failed.count }
  }

  let session: WorkspaceSession
  let mailbox: Mailbox

  /// - Throws: `UserError` where there is nothing to compare with.
  func run(_ order: VerifyOrder, progress: (any RunObserver)?) throws -> Finding {
    let selection = try RunOrder(tasks: [order.task], partition: order.partition).selection(session.loaded.pipeline)
    let planner = session.planner(selection)
    let instances = try instances(order, planner, session.facts(for: planner))
    let engine = RunEngine(
      session: session,
      request: RunRequest(
        run: RunIdentifier.make(now: session.host.wallSeconds()), selection: selection, jobs: order.jobs, comparing: instances),
      mailbox: mailbox)
    var finding = Finding(task: order.task, count: instances.count)
    defer { progress?.end() }
    let end = try engine.run { observation in
      progress?.observe(observation)
      switch observation {
      case .notice(.compared(let notice)): finding.compared.append((notice, []))
      case .notice(.settled(let notice)) where notice.instance.task == order.task && notice.settlement.failureClass != nil:
        finding.failed.append(notice)
      default: break
      }
    }
    finding.isCancelled = end.result == .cancelled
    for index in finding.compared.indices {
      finding.compared[index].differences = try finding.compared[index].notice.outputs.filter { !$0.isSame }.map(difference)
    }
    return finding
  }

  private func difference(_ output: ComparedNotice.Output) throws -> Difference {
    let (old, new) = (
      "\(session.location.root)/\(output.path.withoutTrailingSlash)",
      "\(session.location.root)/\(output.staged.withoutTrailingSlash)"
    )
    guard !output.isCollected, try FileKind.of(old) != nil, try FileKind.of(new) != nil else {
      return Difference(output: output, first: nil)
    }
    return Difference(output: output, first: try ContentDifference.first(between: old, and: new))
  }

  /// The instances to run: all that are asked for, each of which must stand.
  private func instances(_ order: VerifyOrder, _ planner: Planner, _ facts: Facts) throws -> Set<TaskInstance> {
    let task = planner.pipeline.task(order.task)!
    guard task.gate == nil else { throw UserError("\(task.name) is a gate: there is nothing to run", hint: "name a task") }
    guard !task.inPlace else {
      throw UserError(
        "\(task.name) cannot be verified: it writes in place", facts: [("declared", "in_place: true")],
        hint: "with ${{ out.NAME }} in its command it would write into staging")
    }
    let entries = planner.plan(facts).entries.filter { entry in
      // What joins all partitions is not part of a range of them.
      entry.instance.task == task.name && entry.action != .missing && (order.partition == nil || entry.instance.partition != nil)
    }
    guard let first = entries.first else {
      throw UserError("\(task.name) has no partition with a source", hint: "see `martlet plan`")
    }
    if let stale = entries.first(where: { $0.action != .reuse }) {
      throw UserError(
        "\(stale.instance) does not stand: there is nothing to compare with",
        facts: [("because", stale.reasons.map(\.text).joined(separator: "; "))],
        hint: "`martlet run \(first.instance.task)` first")
    }
    let instances = Set(entries.map(\.instance))
    for position in planner.graph.nodes.indices where instances.contains(planner.graph.nodes[position].instance) {
      guard let producer = planner.collectedProducers(of: position, facts).first else { continue }
      throw UserError(
        "\(planner.graph.nodes[position].instance) reads what gc removed",
        facts: [("removed", planner.rebuildReasons(producer, facts).map(\.text).joined(separator: "; "))],
        hint: "`martlet run \(planner.graph.nodes[producer].instance.task) --force` makes it again")
    }
    if let live = try session.store.reader.unfinishedAttempts().first(where: { !instances.isDisjoint(with: $0.instances) }) {
      throw UserError(
        "an attempt of \(task.name) that an interrupted run left has not ended",
        facts: [("attempt", live.id)], hint: "`martlet run` takes it over or ends it")
    }
    return instances
  }
}
