/// Opens the store for commands that read.

import Foundation
import MartletFiles
import MartletRun
import MartletStore

extension WorkspaceLocation {
  /// The store; `nil` before the first run.
  func reader() throws -> StoreReader? {
    try reader(path: storePath())
  }

  func reader(path: String) throws -> StoreReader? {
    do {
      return try StoreReader(path: path)
    } catch StoreError.absent {
      return nil
    }
  }
}

extension WorkspaceLocation {
  /// The living process that holds the workspace's lock, as its file says; `nil` if there is none. Only for telling: who wants the lock
  /// asks the kernel.
  func holder() throws -> LockHolder? {
    guard let bytes = try FileContent.read("\(root)/.martlet/lock"),
      // A file that is being written reads as nobody's.
      let holder = try? JSONDecoder().decode(LockHolder.self, from: Data(bytes))
    else { return nil }
    return holder.host == hostName() && ProcessTable.isAlive(holder.process) ? holder : nil
  }
}

extension StoreReader {
  /// The run that an argument names: its id, the beginning of it, or nothing for the newest.
  /// - Throws: `UserError`
  func run(named name: String?) throws -> RunRecord {
    guard let name else {
      guard let latest = try latestRun() else { throw UserError.noRunYet }
      return latest
    }
    let candidates = try runs(prefix: name)
    if let exact = try run(name) { return exact }
    guard let first = candidates.first else { throw UserError("there is no run \(name)", hint: "`martlet runs` lists them") }
    guard candidates.count == 1 else {
      throw UserError("more than one run begins with \(name)", hint: "give more of it: `martlet runs` lists them")
    }
    return first
  }
}

extension UserError {
  static let noRunYet = UserError(
    "nothing ran here yet", hint: "`martlet run` runs the pipeline, `martlet plan` says what it would do")
}
