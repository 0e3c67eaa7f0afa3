/// Every release that this workspace knows, by name: those on disk and those that the history speaks of.

import MartletFiles
import MartletModel

struct ReleaseCatalog {
  let root: String
  let history: History
  /// In the order in which they were first promoted; then those that never were, by name.
  let paths: [ArtifactPath]

  /// - Parameter root: the workspace's absolute path.
  init(root: String, history: History) throws {
    self.root = root
    self.history = history
    var seen: Set<ArtifactPath> = []
    let promoted = history.entries.compactMap(\.release).filter { seen.insert($0).inserted }
    let folders = seen.map(\.parent) + [ReleaseFolder.current.parent]
    let onDisk = try Set(folders).flatMap { try ReleaseCatalog.releases(in: $0, root: root) }
    paths = promoted + onDisk.filter { seen.insert($0).inserted }.sorted()
  }

  /// Folders with a manifest.
  private static func releases(in folder: String, root: String) throws -> [ArtifactPath] {
    guard try FileKind.of("\(root)/\(folder)") == .folder else { return [] }
    return try FolderListing.names(of: "\(root)/\(folder)").compactMap { name in
      let path = "\(root)/\(folder)/\(name)"
      guard try FileKind.of(path, followingLinks: false) == .folder,
        try FileKind.of("\(path)/\(ReleaseFolder.manifestName)") != nil
      else { return nil }
      return ArtifactPath("\(folder)/\(name)/")
    }
  }

  /// The release that an argument names: `current`, `previous`, its hash or the beginning of it, its folder's name or its path.
  /// - Throws: `UserError`
  func find(_ name: String) throws -> ArtifactPath {
    if let word = try find(word: name) { return word }
    let found = paths.filter { path in
      [path.string, path.withoutTrailingSlash, path.lastComponent, path.releaseName].contains(name)
    }
    let candidates = found.isEmpty ? paths.filter { $0.releaseName.hasPrefix(name) } : found
    guard let first = candidates.first else {
      throw UserError.unknown("release", name, among: paths.map(\.releaseName))
    }
    guard candidates.count == 1 else {
      throw UserError(
        "more than one release begins with \(name)", facts: candidates.map { ("release", $0.releaseName) },
        hint: "give more of it")
    }
    return first
  }

  private func find(word: String) throws -> ArtifactPath? {
    switch word {
    case "current":
      guard let current = history.current else { throw UserError.nothingPromoted }
      return current
    case "previous":
      guard let before = history.beforeCurrent else { throw UserError("no release was promoted before the current one") }
      return before
    default: return nil
    }
  }
}

extension ArtifactPath {
  /// What people call a release: the hash of `artifact/model_v86c300794a08/`, the folder's name where it has another form.
  var releaseName: String {
    let name = lastComponent
    return name.hasPrefix("model_v") && name.count > 7 ? String(name.dropFirst(7)) : name
  }
}

extension UserError {
  static let nothingPromoted = UserError("no release was promoted yet", hint: "`martlet gates` shows what waits for a person")
}
