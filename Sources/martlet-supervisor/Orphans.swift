// Processes that attempts have left to the supervisor: whose parent ended, and whom the kernel gave to us as their subreaper.

import MartletExecutors
import MartletFiles

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// One look at the processes below this one. Every process of every attempt is there: a subreaper's descendants stay its descendants.
struct Orphans {
  /// Our children that are no attempt's own process.
  let roots: [ProcessEntry]
  private let entries: [ProcessEntry]
  /// In the place of an attempt that nobody knows any more.
  private static let ended = ""
  /// The attempt that each root says it belongs to, or is known by its session or its number to belong to.
  private let owners: [Int32: String]

  /// - Parameters:
  ///   - mains: the attempts' own processes that have not ended.
  ///   - sessions: the attempts by the number of their session, which is that of their own process, ended or not.
  ///   - badges: the attempts by the number that their processes carry.
  init(mains: Set<Int32>, sessions: [Int32: String], badges: [UInt64: String], needsEverything: Bool) throws {
    roots = try ProcessTable.children(of: getpid()).filter { !mains.contains($0) }.compactMap(ProcessTable.entry)
      .filter { !$0.isZombie }
    entries = roots.isEmpty && !needsEverything ? [] : try ProcessTable.all()
    var owners: [Int32: String] = [:]
    for root in roots {
      owners[root.pid] =
        sessions[root.session] ?? ProcessTable.mark(of: root.pid, attemptMark)
        ?? Badges.number(of: root.pid).map { badges[$0] ?? Orphans.ended }
    }
    self.owners = owners
  }

  /// The living processes of an attempt.
  /// - Parameters:
  ///   - main: its own process, unless that has ended.
  ///   - isOnly: there is no other attempt, so whatever nobody owns is its.
  func members(of attempt: String, main: Int32?, isOnly: Bool) -> [ProcessEntry] {
    var starts = Set(roots.filter { owners[$0.pid] == attempt || (isOnly && owners[$0.pid] == nil) }.map(\.pid))
    if let main { starts.insert(main) }
    if starts.isEmpty { return [] }
    return ProcessTable.trees(of: starts, in: entries).filter { !$0.isZombie }
  }

  /// Living processes of attempts that are over. Those that nobody owns count once there is no attempt left whose they could be.
  func strays(attempts: Set<String>) -> [ProcessEntry] {
    let starts = roots.filter { root in owners[root.pid].map { !attempts.contains($0) } ?? attempts.isEmpty }
    return ProcessTable.trees(of: Set(starts.map(\.pid)), in: entries).filter { !$0.isZombie }
  }
}
