// A scenario in words, for whoever looks into a failure.

import MartletPlan

extension Scenario {
  var story: [String] { tasks.map(describe) + rounds.map(describe) }

  private func describe(_ task: DrawnTask) -> String {
    var words = [task.isGate ? "gate" : task.isPartitioned ? "task for each of dt" : "task"]
    let reads = task.reads + (task.readsSource || task.reads.isEmpty ? ["raw/\(task.place)"] : [])
    words.append("reads \(reads.joined(separator: ", "))")
    if !task.after.isEmpty { words.append("after \(task.after.joined(separator: ", "))") }
    if task.isSettled { words.append("when settled") }
    if task.isPartitioned { words.append("in batches of \(task.batch)\(task.isGathered ? ", gathered" : "")") }
    if let trouble = task.trouble { words.append(describe(trouble)) }
    if let packer = packed[task.name] { words.append("promotes what \(packer) packs") }
    if reverting.contains(task.name) { words.append("sends production back") }
    return "\(task.name): \(words.joined(separator: ", "))"
  }

  private func describe(_ trouble: Trouble) -> String {
    switch trouble {
    case .passing(let times, let performance): "fails \(times) times (\(describe(performance)))"
    case .lasting(let performance): "always fails (\(describe(performance)))"
    case .verdict(let verdict): "verdict \(verdict.rawValue)"
    case .culprit(let partition): "dies of \(partition)"
    }
  }

  private func describe(_ performance: Performance) -> String {
    if performance.hangs { return "hangs" }
    if performance.outOfMemory { return "out of memory" }
    if !performance.omitted.isEmpty { return "an output is missing" }
    return performance.records.first?.failureClass?.rawValue ?? performance.status.sentence
  }

  private func describe(_ round: Round) -> String {
    var words = ["\(round.cpu) cores"]
    if round.lanes < 8 { words.append("-j \(round.lanes)") }
    if round.failFast { words.append("--fail-fast") }
    if !round.selection.tasks.isEmpty {
      let reach = round.selection.reach.rawValue
      words.append("\(round.selection.tasks.joined(separator: " ")) (\(reach)\(round.selection.force ? ", forced" : ""))")
    }
    if round.selection.retry { words.append("retry") }
    words += round.happenings.map { "at step \($0.step) \(describe($0.happening))" }
    switch round.end {
    case .peace: words.append("to its end")
    case .kill: words.append("killed at step \(round.steps) + \(round.lastDeeds)")
    case .powerLoss: words.append("loss of power at step \(round.steps) + \(round.lastDeeds)")
    }
    return "run \(round.number): \(words.joined(separator: "; "))"
  }

  private func describe(_ happening: Happening) -> String {
    switch happening {
    case .edit(let path, let text): text == nil ? "\(path) goes" : "\(path) is edited"
    case .damage(let task, let text): "a person \(text == nil ? "removes" : "edits") an output of \(task)"
    case .removeCheckpoint(let task): "a person removes the checkpoint of \(task)"
    case .collect(let task): "gc removes outputs of \(task)"
    case .changeCommand(let task): "\(task) gets another command"
    case .addDay: "one more day"
    case .decide(let gate): "a decision on \(gate)"
    case .move(let choice): choice == nil ? "production goes back" : "an earlier release is promoted again"
    case .cutShort(let inner, let deeds): "\(describe(inner)), killed after \(deeds)"
    case .rule(let task): "a decision on the verdict of \(task)"
    case .cancel(let immediately): immediately ? "cancelled at once" : "cancelled"
    case .drain: "drained"
    case .breakDisk(let fault): describe(fault)
    case .loseProcess: "a process is lost"
    }
  }

  private func describe(_ fault: DiskFault) -> String {
    let operations = fault.operations.map(\.rawValue).sorted().joined(separator: ", ")
    return
      "\(fault.complaint.rawValue) for \(operations) after \(fault.spared), \(fault.times == .max ? "lasting" : "\(fault.times) times")"
  }
}
