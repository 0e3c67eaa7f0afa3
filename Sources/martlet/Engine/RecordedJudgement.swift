/// The newest judgement of a task that judges, and on what.

import MartletModel
import MartletStore

struct RecordedJudgement {
  let instance: TaskInstance
  let fingerprint: Fingerprint
  let verdict: Verdict
  let figures: [String: ConfigurationValue]
  /// The attempt that made it.
  let attempt: String
  /// Digests of the task outputs that it had read, by `task.output` or `task.output[partition]`, as a release's lineage has them.
  let read: [String: String]

  /// Whether it is on the outputs that a release was made from.
  func isOn(_ lineage: [String: Digest]) -> Bool {
    !read.isEmpty && read.allSatisfy { lineage[$0.key]?.hex == $0.value }
  }
}

extension StoreReader {
  /// The newest judgement of each task without partitions.
  func judgements(in pipeline: Pipeline) throws -> [RecordedJudgement] {
    try checkpoints().compactMap { summary in
      guard let verdict = summary.verdict, summary.instance.slice == .whole, let task = pipeline.task(summary.instance.task)
      else { return nil }
      return RecordedJudgement(
        instance: summary.instance, fingerprint: summary.fingerprint, verdict: verdict, figures: summary.figures,
        attempt: summary.attempt, read: task.outputsRead(in: try ingredients(of: summary.instance)?.entries ?? []))
    }
  }
}

extension PipelineTask {
  /// Which digests of other tasks' outputs its ingredients name.
  fileprivate func outputsRead(in ingredients: [Ingredient]) -> [String: String] {
    var read: [String: String] = [:]
    for input in inputs {
      guard case .output(let reference) = input.origin else { continue }
      for ingredient in ingredients where ingredient.kind == .input {
        if ingredient.name == input.name || ingredient.name.hasPrefix("\(input.name)[") {
          read[reference.description + ingredient.name.dropFirst(input.name.count)] = ingredient.value
        }
      }
    }
    return read
  }
}

extension WorkspaceLocation {
  /// The newest judgements; none where no run has made a store, or the pipeline file has errors.
  func judgements() throws -> [RecordedJudgement] {
    guard let pipeline = try PipelineFile(self).pipeline, let reader = try reader() else { return [] }
    return try reader.judgements(in: pipeline)
  }
}
