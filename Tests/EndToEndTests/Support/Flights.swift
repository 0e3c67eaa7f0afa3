// Scratch copies of the example: twelve days of flights and a learner to match.

enum Flights {
  static let firstDay = "2013-01-01"
  static let lastDay = "2013-01-12"
  static let days = (1...12).map { "2013-01-\($0 < 10 ? "0" : "")\($0)" }

  /// The tasks below `ingest` that a change of the features runs again, sorted.
  static let belowClean = ["eval", "package", "report", "train"]

  /// A copy in which nothing has run.
  static func fresh() throws -> Workspace { try Workspace(copyOf: prepared.get()) }

  /// A copy in which everything has run once; `promote` waits.
  static func finished() throws -> Workspace { try Workspace(copyOf: complete.get().root) }

  /// The run that made the finished copies.
  static func firstRun() throws -> RunReport { try complete.get().run }

  /// The learner for so few days: quick, with limits that they keep.
  static let training = """
    learner:
      kind: lightgbm
      objective: binary
      metric: auc
      rounds: 30
      early_stopping: 10

    parameters:
      learning_rate: 0.1
      num_leaves: 15
      min_data_in_leaf: 50

    seeds: [2013, 7]

    split:
      validation: {share: 0.2}
      test: {share: 0.2}

    stability:
      folds: 2
      rounds: 10
      max_spread: 0.5
      floor: 0.4

    thresholds:
      limits:
        auc: {warn: 0.45, fail: 0.4}
      champion: {metric: auc, tolerance: 0.2, verdict: fail}
      slices: [origin]
      slice_rows: 100

    drift:
      share: 0.9
      verdict: warn
      score: warn

    """

  private static let prepared = Result { () throws -> String in
    let workspace = Workspace()
    let folder = Checkout.root + "/examples/flights"
    try workspace.shell("cd \(folder) && git ls-files -z . | xargs -0 cp --parents -t \(workspace.root)")
    try workspace.shell("\(Checkout.root)/scripts/lay-flights.py --to \(workspace.root)/data --days \(firstDay)..\(lastDay)")
    try workspace.edit("martlet.yaml", "end: \"2013-12-30\"", "end: \"\(lastDay)\"")
    try workspace.write("config/train.yaml", training)
    return workspace.keptUntilExit()
  }

  private static let complete = Result { () throws -> (root: String, run: RunReport) in
    let workspace = try fresh()
    let run = try workspace.run()
    return (workspace.keptUntilExit(), run)
  }
}
