/// The graph of tasks as Mermaid and DOT, with a word for each task's state.

import MartletModel

public struct GraphText: Sendable, Hashable {
  public let mermaid: String
  public let dot: String

  /// - Parameter states: a word for each task, by name; tasks without one are drawn plain. Known words have a colour.
  public init(pipeline: Pipeline, states: [String: String]) {
    let ids = Dictionary(uniqueKeysWithValues: pipeline.tasks.enumerated().map { ($1.name, "t\($0)") })
    mermaid = GraphText.mermaid(pipeline, ids, states)
    dot = GraphText.dot(pipeline, ids, states)
  }

  private struct Colour {
    let fill: String
    let line: String
  }

  /// Fill and line of each state: legible on light and dark pages, told apart by the word too.
  private static let colours: [String: Colour] = [
    "succeeded": Colour(fill: "#d7f0dd", line: "#2e7d46"),
    "reused": Colour(fill: "#e7efe9", line: "#6b8f76"),
    "failed": Colour(fill: "#f9d6d5", line: "#b3261e"),
    "blocked": Colour(fill: "#eceff1", line: "#78909c"),
    "waiting": Colour(fill: "#fff0c9", line: "#a66f00"),
    "running": Colour(fill: "#d6e6fb", line: "#1f5fae"),
    "approved": Colour(fill: "#d7f0dd", line: "#2e7d46"),
    "accepted": Colour(fill: "#d7f0dd", line: "#a66f00"),
    "rejected": Colour(fill: "#f9d6d5", line: "#b3261e"),
    "fail": Colour(fill: "#f9d6d5", line: "#b3261e"),
    "warn": Colour(fill: "#fff0c9", line: "#a66f00"),
    "stale": Colour(fill: "#fbe8d3", line: "#b06014"),
  ]

  private static func label(_ task: PipelineTask, _ states: [String: String]) -> [String] {
    var lines = [task.name]
    if let each = task.each { lines[0] += " × \(each)" }
    if let state = states[task.name] { lines.append(state) }
    return lines
  }

  private static func edges(_ pipeline: Pipeline) -> [(from: String, to: String, isData: Bool)] {
    pipeline.tasks.flatMap { task in
      let data = Set(
        task.inputs.compactMap { input -> String? in
          guard case .output(let reference) = input.origin else { return nil }
          return reference.task
        })
      return InstanceGraph.upstreamTasks(of: task).map { ($0, task.name, data.contains($0)) }
    }
  }

  private static func mermaid(_ pipeline: Pipeline, _ ids: [String: String], _ states: [String: String]) -> String {
    var lines = ["flowchart LR"]
    for task in pipeline.tasks {
      let text = label(task, states).map(escapedForMermaid).joined(separator: "<br/>")
      let (open, close) = task.gate == nil ? ("[\"", "\"]") : ("{{\"", "\"}}")
      let style = states[task.name].map { ":::\($0)" } ?? ""
      lines.append("  \(ids[task.name]!)\(open)\(text)\(close)\(style)")
    }
    for edge in edges(pipeline) {
      lines.append("  \(ids[edge.from]!) \(edge.isData ? "-->" : "-.->") \(ids[edge.to]!)")
    }
    for state in Set(states.values).sorted() {
      guard let colour = colours[state] else { continue }
      lines.append("  classDef \(state) fill:\(colour.fill),stroke:\(colour.line),color:#1b1b1b")
    }
    return lines.joined(separator: "\n") + "\n"
  }

  private static func escapedForMermaid(_ text: String) -> String {
    text.replacing("&", with: "&amp;").replacing("\"", with: "&quot;").replacing("<", with: "&lt;")
  }

  private static func dot(_ pipeline: Pipeline, _ ids: [String: String], _ states: [String: String]) -> String {
    var lines = [
      "digraph pipeline {",
      "  graph [rankdir=LR, bgcolor=\"#ffffff\", nodesep=0.35, ranksep=0.45, pad=0.15]",
      "  node [shape=box, style=\"rounded,filled\", fillcolor=\"#f4f6f8\", color=\"#546e7a\", fontcolor=\"#1b1b1b\","
        + " fontname=\"Helvetica\", fontsize=12, margin=\"0.16,0.09\"]",
      "  edge [color=\"#455a64\", arrowsize=0.7]",
    ]
    for task in pipeline.tasks {
      let text = label(task, states).map { $0.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"") }
      var attributes = ["label=\"\(text.joined(separator: "\\n"))\""]
      if task.gate != nil { attributes.append("shape=hexagon, style=filled") }
      if let colour = states[task.name].flatMap({ colours[$0] }) {
        attributes.append("fillcolor=\"\(colour.fill)\", color=\"\(colour.line)\"")
      }
      lines.append("  \(ids[task.name]!) [\(attributes.joined(separator: ", "))]")
    }
    for edge in edges(pipeline) {
      lines.append("  \(ids[edge.from]!) -> \(ids[edge.to]!)\(edge.isData ? "" : " [style=dashed]")")
    }
    return (lines + ["}"]).joined(separator: "\n") + "\n"
  }
}

extension Planner {
  /// The graph as the node at `position` is given it, with the outcomes of what is upstream of it: that has ended when it starts, so
  /// the text does not depend on how fast the rest was. Equal for a result made now and one reused.
  public func graphText(for position: Int, _ standing: (Int) -> Standing) -> GraphText {
    var states: [String: String] = [:]
    for outcome in outcomes(ancestors(of: position), standing) { states[outcome.task] = outcome.outcome }
    return GraphText(pipeline: pipeline, states: states)
  }

  private func ancestors(of position: Int) -> [Int] {
    var reached: Set<Int> = []
    var open = [position]
    while let next = open.popLast() {
      for upstream in graph.nodes[next].upstream where reached.insert(upstream).inserted { open.append(upstream) }
    }
    return reached.sorted()
  }
}
