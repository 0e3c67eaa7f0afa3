/// Paths below `.martlet/`.

extension WorkspaceLocation {
  var engineFolder: String { "\(root)/.martlet" }
  var lockPath: String { "\(engineFolder)/lock" }
}
