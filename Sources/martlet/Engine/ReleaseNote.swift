/// What a person should know of the release in production: sentences for whoever looks at the workspace or changes it.

import MartletFiles
import MartletModel

enum ReleaseNote {
  /// What is wrong with it; `nil` if nothing is. Files that have not changed since their digest was taken are not read again.
  /// - Throws: `SystemError`
  static func onLooking(at root: String, _ history: History, _ memo: DigestMemo) throws -> String? {
    guard let path = history.current else { return nil }
    if let fault = try fault(of: path, at: root, memo) { return fault }
    return try ReleaseFolder(root: root, path: path).isCurrent()
      ? nil : "\(ReleaseFolder.current) does not point to \(path), as the history says; the next `martlet run` mends that"
  }

  /// Why a release that the history calls current cannot be used.
  static func fault(of path: ArtifactPath, at root: String, _ memo: DigestMemo) throws -> String? {
    do {
      guard let manifest = try ReleaseFolder(root: root, path: path).manifest() else {
        return unusable(path, ["\(ReleaseFolder.manifestName) is not there"])
      }
      let files = manifest.files.map {
        (name: $0.path, path: ArtifactPath("\(path.withoutTrailingSlash)/\($0.path)"), digest: $0.sha256)
      }
      let found = try memo.contents(of: files.map(\.path)) { _, _ in }
      let changed = files.filter { found[$0.path]?.digest != $0.digest }.map { "\($0.name) is not as it was packaged" }
      return changed.isEmpty ? nil : unusable(path, changed)
    } catch let error as ReleaseError {
      return unusable(path, error.faults)
    }
  }

  static func unusable(_ path: ArtifactPath, _ faults: [String]) -> String {
    "\(path), which the history calls current, cannot be used: \(faults.joined(separator: "; ")); "
      + "nothing is compared with it: put it back from a backup, or go back with `martlet rollback -m WHY`"
  }
}
