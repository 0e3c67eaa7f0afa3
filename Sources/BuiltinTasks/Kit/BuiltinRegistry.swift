/// Which type does which built-in.

import MartletModel

/// The built-in tasks by `name@version`.
public enum BuiltinRegistry {
  static let tasks: [String: any BuiltinTask.Type] = [
    "clean@1": Clean.self, "evaluate@1": Evaluate.self, "ingest@1": Ingest.self, "package@1": Package.self,
    "report@1": Report.self, "train@1": Train.self, "validate@1": Validate.self,
  ]

  /// The built-in of a `uses:`.
  static func task(_ uses: String?) throws -> any BuiltinTask.Type {
    guard let uses else { throw TaskFailure(.config, "the specification has no `uses`: a command is no task of martlet-tasks") }
    if let task = tasks[uses] { return task }
    let hint = Suggestion.nearest(to: uses, among: tasks.keys.sorted()).map { ", did you mean `\($0)`?" } ?? ""
    throw TaskFailure(.config, "there is no built-in `\(uses)`\(hint)")
  }
}
