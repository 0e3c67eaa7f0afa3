// What an engine does before its loop begins: puts right what an earlier one left behind.

import MartletModel
import MartletRun

extension Engine {
  /// Finishes or undoes publications that were cut short, syncs what a killed engine had published, and throws away staging that nobody
  /// owns.
  func recover() throws {
    let intents = world.journal.intents.values.sorted { $0.checkpoint.instance.key < $1.checkpoint.instance.key }
    if !intents.isEmpty {
      try commit(
        try intents.map { intent in
          let instance = intent.checkpoint.instance
          return switch try world.files.finish(intent) {
          case .published: .published(attempt: intent.attempt, instances: [instance])
          case .failed: .publishUndone(attempt: intent.attempt, instances: [instance])
          }
        })
    }
    if world.journal.openRun != nil || !intents.isEmpty {
      for (instance, checkpoint) in world.journal.checkpoints.sorted(by: { $0.key.key < $1.key.key }) {
        let file = world.files.contents[instance.checkpointPath]?.text
        if let file, file != checkpoint.fingerprint.description { try world.files.write(checkpoint) }
      }
      try world.files.syncFolders()
      try sync()
    }
    let unfinished = Set(world.journal.unfinishedAttempts.map(\.id))
    for attempt in world.files.staged.keys.sorted() where !unfinished.contains(attempt) {
      let record = world.journal.attempts[attempt]
      if record?.end?.failureClass != .data { world.files.discard(attempt: attempt, keepOutputs: false) }
    }
    try world.takeUpProduction()
  }
}
