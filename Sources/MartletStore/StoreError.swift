/// What can go wrong with the store, each with the text a person reads.

/// An error of the store. Where `outcomeUnknown` is thrown, the process must end: only a fresh open tells what was kept.
public enum StoreError: Error, Hashable, Sendable {
  /// No run has made a store yet.
  case absent(path: String)
  /// Made by a newer martlet; nothing was changed.
  case newer(path: String, found: Int, known: Int)
  /// Made by an older martlet, and a reader cannot bring it up to date.
  case older(path: String, found: Int, known: Int)
  /// The file is damaged; the next writer sets it aside.
  case corrupt(path: String, detail: String)
  /// The folder lies on a file system whose locks and shared memory cannot be trusted.
  case networkFileSystem(path: String, name: String)
  /// The file was deleted or replaced while it was open.
  case moved(path: String)
  /// Nothing more can be written; what was asked for was not kept.
  case full(path: String)
  /// Another process held the store for longer than the limit.
  case busy(path: String)
  /// The system refused to open or write the file; what was asked for was not kept.
  case notWritable(path: String, detail: String)
  /// A write or a sync failed in a way that leaves open whether it was kept.
  case outcomeUnknown(path: String, detail: String)
  /// An entry that does not fit what the journal holds: a mistake of the engine.
  case inconsistent(path: String, detail: String)
}

extension StoreError: CustomStringConvertible {
  /// A sentence, the facts, a hint; several lines without a final line end.
  public var description: String {
    let (sentence, facts, hint) = parts
    let width = facts.map(\.0.count).max() ?? 0
    let lines = facts.map { name, value in "  \(name)\(String(repeating: " ", count: width - name.count))  \(value)" }
    return ([sentence] + lines + ["  hint: \(hint)"]).joined(separator: "\n")
  }

  private var parts: (sentence: String, facts: [(String, String)], hint: String) {
    switch self {
    case .absent(let path):
      return ("this workspace has no store yet", [("file", path)], "`martlet run` makes it")
    case .newer(let path, let found, let known):
      return (
        "the store was written by a newer martlet",
        [("file", path), ("its version", "\(found)"), ("known here", "up to \(known)")],
        "use the newer martlet, or move the file away: checkpoints/*.ok rebuild what decides"
      )
    case .older(let path, let found, let known):
      return (
        "the store was written by an older martlet", [("file", path), ("its version", "\(found)"), ("needed", "\(known)")],
        "`martlet run` brings it up to date"
      )
    case .corrupt(let path, let detail):
      return (
        "the store is damaged", [("file", path), ("found", detail)],
        "the next `martlet run` sets the file aside and rebuilds what decides from checkpoints/*.ok"
      )
    case .networkFileSystem(let path, let name):
      return (
        "the store cannot lie on a network file system", [("folder", path), ("file system", name)],
        "set `store:` in martlet.yaml to a folder on a local disk"
      )
    case .moved(let path):
      return (
        "the store was deleted or replaced while it was in use", [("file", path)],
        "start the command again; nothing that was reported as done is lost as long as checkpoints/ stands"
      )
    case .full(let path):
      return ("no space is left for the store", [("file", path)], "make room and start the command again; it goes on from there")
    case .busy(let path):
      return ("the store stayed locked", [("file", path)], "end other programs that have it open, such as a sqlite3 shell")
    case .notWritable(let path, let detail):
      return (
        "the store cannot be opened or written", [("file", path), ("because", detail)],
        "check owner, mode and mount of its folder"
      )
    case .outcomeUnknown(let path, let detail):
      return (
        "the disk failed while the store was written", [("file", path), ("because", detail)],
        "check the disk, then start the command again: it looks at what was kept and goes on from there"
      )
    case .inconsistent(let path, let detail):
      return (
        "the journal does not fit what happened", [("file", path), ("found", detail)],
        "this is a mistake in martlet; please report it"
      )
    }
  }
}
