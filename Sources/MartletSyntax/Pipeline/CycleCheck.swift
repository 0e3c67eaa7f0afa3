/// Finds tasks that wait for each other, and prints the whole loop.

import MartletModel

struct CycleCheck {
  private let edges: [String: [Edge]]
  private let diagnostics: DiagnosticCollector
  /// Tasks on the current way, each with the edge that led to it.
  private var way: [(task: String, edge: Edge?)] = []
  private var finished: Set<String> = []

  /// Follows each task's needs depth first; an edge back to a task on the way closes a loop.
  static func check(_ tasks: [String], _ edges: [Edge], _ diagnostics: DiagnosticCollector) {
    var check = CycleCheck(edges: Dictionary(grouping: edges, by: \.to), diagnostics: diagnostics)
    for task in tasks { check.visit(task, by: nil) }
  }

  private init(edges: [String: [Edge]], diagnostics: DiagnosticCollector) {
    self.edges = edges
    self.diagnostics = diagnostics
  }

  private mutating func visit(_ task: String, by edge: Edge?) {
    guard !finished.contains(task) else { return }
    way.append((task, edge))
    var seen: Set<String> = []
    for need in edges[task] ?? [] where seen.insert(need.from).inserted {
      if let start = way.firstIndex(where: { $0.task == need.from }) {
        report(way[start...].dropFirst().compactMap(\.edge) + [need])
      } else {
        visit(need.from, by: need)
      }
    }
    way.removeLast()
    finished.insert(task)
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
