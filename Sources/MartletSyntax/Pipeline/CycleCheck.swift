/// Finds tasks that wait for each other, and prints the whole loop.

import MartletModel

struct CycleCheck {
  /// A task on the current way: the edge that led to it, and which of its needs comes next.
  private struct Step {
    let task: String
    let edge: Edge?
    var next = 0
  }

  private let needs: [String: [Edge]]
  private let diagnostics: DiagnosticCollector
  private var way: [Step] = []
  /// Where on the way a task stands.
  private var positions: [String: Int] = [:]
  private var finished: Set<String> = []

  static func check(_ tasks: [String], _ edges: [Edge], _ diagnostics: DiagnosticCollector) {
    var check = CycleCheck(needs: Dictionary(grouping: edges, by: \.to), diagnostics: diagnostics)
    for task in tasks { check.follow(task) }
  }

  private init(needs: [String: [Edge]], diagnostics: DiagnosticCollector) {
    // Two references to one task make one loop.
    self.needs = needs.mapValues { edges in
      var seen: Set<String> = []
      return edges.filter { seen.insert($0.from).inserted }
    }
    self.diagnostics = diagnostics
  }

  /// Follows what a task needs depth first; an edge back to a task on the way closes a loop. A loop, not recursion: a chain of tasks
  /// may be longer than a thread's stack.
  private mutating func follow(_ start: String) {
    enter(start, by: nil)
    while let step = way.last {
      let needs = needs[step.task] ?? []
      guard step.next < needs.count else {
        finished.insert(step.task)
        positions[step.task] = nil
        way.removeLast()
        continue
      }
      way[way.count - 1].next += 1
      let need = needs[step.next]
      if let position = positions[need.from] {
        report(way[(position + 1)...].compactMap(\.edge) + [need])
      } else {
        enter(need.from, by: need)
      }
    }
  }

  private mutating func enter(_ task: String, by edge: Edge?) {
    guard !finished.contains(task) else { return }
    positions[task] = way.count
    way.append(Step(task: task, edge: edge))
  }

  private func report(_ loop: [Edge]) {
    guard let first = loop.first else { return }
    if loop.count == 1 {
      diagnostics.report(
        .cycle, "task \"\(first.to)\" needs itself", at: first.location, length: first.length, help: "remove this reference")
      return
    }
    let needs = loop.map { "\($0.to) needs \($0.from)" }
    diagnostics.report(
      .cycle, "the tasks wait for each other: " + needs.joined(separator: ", "), at: first.location,
      length: first.length, help: "remove one of these references",
      related: loop.dropFirst().map {
        Diagnostic.Related(location: $0.location, message: "\"\($0.to)\" needs \"\($0.from)\" here")
      })
  }
}
