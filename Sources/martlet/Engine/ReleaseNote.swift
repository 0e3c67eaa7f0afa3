/// What a person should know of the release in production: sentences for whoever looks at the workspace or changes it.

import MartletFiles
import MartletModel

enum ReleaseNote {
  /// What is wrong with it, as far as it shows without reading every byte; `nil` if nothing is.
  /// - Throws: `SystemError`
  static func onLooking(at root: String, _ history: History) throws -> String? {
    guard let path = history.current else { return nil }
    let release = ReleaseFolder(root: root, path: path)
    do {
      guard try release.manifest() != nil else {
        return unusable(path, ["\(ReleaseFolder.manifestName) is not there"])
      }
    } catch let error as ReleaseError {
      return unusable(path, error.faults)
    }
    return try release.isCurrent()
      ? nil : "\(ReleaseFolder.current) does not point to \(path), as the history says; the next `martlet run` mends that"
  }

  static func unusable(_ path: ArtifactPath, _ faults: [String]) -> String {
    "\(path), which the history calls current, cannot be used: \(faults.joined(separator: "; "))"
  }
}
