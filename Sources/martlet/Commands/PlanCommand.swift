// `martlet plan`: what a run would do, and why.

import ArgumentParser
import MartletModel
import MartletPlan

struct PlanCommand: HostedCommand {
  static let configuration = CommandConfiguration(
    commandName: "plan", abstract: "Say what `martlet run` would do, and why.", discussion: "Changes nothing.")

  @OptionGroup var selection: SelectionOptions

  @Flag(help: "List what is reused too.")
  var all = false

  @Flag(help: "Exit with 5 if there is work.")
  var exitCode = false

  @OptionGroup var shared: SharedOptions

  func run(on host: Host) throws -> ExitStatus {
    let location = try WorkspaceLocation.find(shared, host)
    let reader = try WorkspaceReader(location, host: host, parameters: selection.parameters)
    let planner = reader.planner(try selection.order.selection(reader.loaded.pipeline))
    let plan = try reader.told(planner.plan(try reader.survey.facts(for: planner)))
    try ConfigurationCheck(location: location, pipeline: reader.loaded.pipeline, host: host).check(plan.entries)
    reader.tellNotes(shared, host)
    host.output.write(shared.json ? document(plan, reader) : text(plan, host))
    return exitCode && !plan.isSettled ? .work : .done
  }

  private func text(_ plan: Plan, _ host: Host) -> String {
    let painter = shared.outputPainter(host)
    let shown = plan.entries.filter { all || shared.verbose || ($0.action != .reuse && $0.action != .missing) }
    let table = PlanGroup.table(shown)
    func count(_ actions: Judgement.Action...) -> Int { plan.entries.count { actions.contains($0.action) } }
    var last = plan.isSettled ? "nothing to do" : "\(count(.run, .maybe)) to run"
    last += ", \(count(.reuse)) up to date"
    for (action, word) in [(Judgement.Action.wait, "waiting"), (.blocked, "blocked")] where count(action) > 0 {
      last += ", \(count(action)) \(word)"
    }
    if count(.missing) > 0 { last += ", \(BackfillText.partitions(count(.missing))) without a source" }
    return table.rendered(painter, width: host.output.columns) + last + "\n"
  }

  private func document(_ plan: Plan, _ reader: WorkspaceReader) -> String {
    Document.line(
      schema: "martlet.plan/1", ["tasks": .list(plan.entries.map(Document.entry)), "notes": reader.notesDocument])
  }
}

/// Partitions of one task with the same action and the same kind of reasons, shown as one line.
struct PlanGroup {
  let action: Judgement.Action
  let reasons: [Reason]
  private(set) var instances: [TaskInstance]

  private struct Likeness: Hashable {
    let task: String
    let action: Judgement.Action
    let kinds: [String]
    /// `nil` where the kind says enough.
    let reasons: [Reason]?

    init(_ entry: Plan.Entry) {
      task = entry.instance.task
      action = entry.action
      kinds = entry.reasons.map(\.kind)
      reasons = ["upstream_may_change", "output_collected"].contains(kinds.first) ? nil : entry.reasons
    }
  }

  /// In the order of the first of each.
  static func groups(_ entries: [Plan.Entry]) -> [PlanGroup] {
    var groups: [PlanGroup] = []
    var places: [Likeness: Int] = [:]
    for entry in entries {
      let isPartition = entry.instance.partition != nil
      if isPartition, let place = places[Likeness(entry)] {
        groups[place].instances.append(entry.instance)
      } else {
        if isPartition { places[Likeness(entry)] = groups.count }
        groups.append(PlanGroup(action: entry.action, reasons: entry.reasons, instances: [entry.instance]))
      }
    }
    return groups
  }

  var name: String { instances.rangeName }

  static func table(_ entries: [Plan.Entry]) -> Table {
    var table = Table([.init("ACTION"), .init("TASK"), .init("BECAUSE")])
    for group in groups(entries) {
      table.append([
        Painter.cell(group.action.rawValue), Table.Cell(group.name),
        Table.Cell(group.reasons.map(\.text).joined(separator: "; ")),
      ])
    }
    return table
  }
}

extension Document {
  static func entry(_ entry: Plan.Entry) -> ConfigurationValue {
    object(
      members(entry.instance).merging([
        "action": .text(entry.action.rawValue), "reasons": .list(entry.reasons.map(reason)),
      ]) { $1 })
  }

  static func reason(_ reason: Reason) -> ConfigurationValue {
    var members: [String: ConfigurationValue?] = ["kind": .text(reason.kind), "text": .text(reason.text)]
    for (name, value) in reason.details { members[name] = .text(value) }
    return object(members)
  }
}
