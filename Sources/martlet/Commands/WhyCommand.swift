// `martlet why TASK`: what decides a task's result, and what would happen to it now.

import ArgumentParser
import MartletModel
import MartletPlan

struct WhyCommand: HostedCommand {
  static let configuration = CommandConfiguration(
    commandName: "why", abstract: "Say why a task would run or be reused, and what its result is made of.")

  @Argument(help: "The task.")
  var task: String

  @Option(name: [.customShort("p"), .long], help: ArgumentHelp("The partition, as dt=2013-01-31.", valueName: "partition"))
  var partition: String?

  @OptionGroup var shared: SharedOptions

  func run(on host: Host) throws -> ExitStatus {
    let location = try WorkspaceLocation.find(shared, host)
    let reader = try WorkspaceReader(location, host: host)
    guard reader.loaded.pipeline.task(task) != nil else {
      throw UserError.unknown("task", task, among: reader.loaded.pipeline.tasks.map(\.name))
    }
    reader.tellNotes(shared, host)
    let planner = reader.planner()
    let plan = try reader.told(planner.plan(try reader.survey.facts(for: planner)))
    let entries = plan.entries.filter { entry in
      entry.instance.task == task && (partition == nil || entry.instance.partition?.description == partition)
    }
    guard !entries.isEmpty else { throw UserError("\(task) has no partition \(partition ?? "")", hint: "-p dt=2013-01-31") }
    if shared.json {
      host.output.write(document(entries, reader))
      return .done
    }
    let painter = shared.outputPainter(host)
    for group in PlanGroup.groups(entries) {
      let reasons = group.reasons.map(\.text).joined(separator: "; ")
      host.output.write("\(painter.state(group.action.rawValue)) \(group.name): \(reasons)\n")
    }
    if let only = entries.first, entries.count == 1 {
      host.output.write(ingredientTable(only, reader).rendered(painter, width: host.output.columns))
    }
    return .done
  }

  private func ingredientTable(_ entry: Plan.Entry, _ reader: WorkspaceReader) -> Table {
    let recorded = reader.survey.recordedIngredients(entry.instance)?.entries ?? []
    var table = Table([.init("INGREDIENT"), .init("NAME"), .init("VALUE")])
    for ingredient in entry.ingredients?.entries ?? recorded {
      let value = Digest(hex: ingredient.value)?.short ?? ingredient.value.replacing("\n", with: " ")
      table.append([Table.Cell(ingredient.kind.rawValue), Table.Cell(ingredient.name), Table.Cell(value)])
    }
    return table
  }

  private func document(_ entries: [Plan.Entry], _ reader: WorkspaceReader) -> String {
    Document.line(
      schema: "martlet.why/1",
      [
        "tasks": .list(
          entries.map { entry in
            let recorded = reader.survey.recordedIngredients(entry.instance)
            return Document.object(
              Document.members(entry.instance).merging([
                "action": .text(entry.action.rawValue), "reasons": .list(entry.reasons.map(Document.reason)),
                "ingredients": entry.ingredients.map(ingredients), "recorded": recorded.map(ingredients),
                "fingerprint": Document.text(entry.ingredients?.fingerprint.description),
              ]) { $1 })
          }),
        "notes": reader.notesDocument,
      ])
  }

  private func ingredients(_ list: Ingredients) -> ConfigurationValue {
    .list(list.entries.map { .map(["kind": .text($0.kind.rawValue), "name": .text($0.name), "value": .text($0.value)]) })
  }
}
