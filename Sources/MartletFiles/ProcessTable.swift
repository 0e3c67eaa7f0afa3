// The processes of this machine, as /proc tells them.

import CLinux
import MartletRun

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// One line of the table: what `/proc/PID/stat` says.
public struct ProcessEntry: Hashable, Sendable {
  public let pid: Int32
  public let parent: Int32
  public let session: Int32
  /// Clock ticks since boot.
  public let startTicks: UInt64
  /// Whether it has ended and only waits for its parent to notice.
  public let isZombie: Bool

  /// `nil` unless the text is a line of `/proc/PID/stat`.
  init?(stat text: [UInt8]) {
    // The second field is the program's name in parentheses and may hold anything, parentheses too.
    guard let open = text.firstIndex(of: UInt8(ascii: " ")), let close = text.lastIndex(of: UInt8(ascii: ")")) else { return nil }
    let rest = String(decoding: text[(close + 1)...], as: UTF8.self).split(separator: " ")
    guard rest.count > 19, let pid = Int32(String(decoding: text[..<open], as: UTF8.self)), let parent = Int32(rest[1]),
      let session = Int32(rest[3]), let startTicks = UInt64(rest[19])
    else { return nil }
    self.pid = pid
    self.parent = parent
    self.session = session
    self.startTicks = startTicks
    isZombie = rest[0] == "Z" || rest[0] == "X"
  }
}

public enum ProcessTable {
  /// Changes with every start of the machine.
  public static let bootID: String = {
    // Where /proc is not mounted no process can be told from another anyway.
    let text = (try? FileContent.read("/proc/sys/kernel/random/boot_id")) ?? []
    return String(decoding: text.prefix { $0 > UInt8(ascii: " ") }, as: UTF8.self)
  }()

  /// The process that has this number now.
  public static func entry(_ pid: Int32) -> ProcessEntry? {
    // A process that ends while it is looked at gives an error: for us it is gone, as if there had been none.
    guard let text = try? FileContent.read("/proc/\(pid)/stat") else { return nil }
    return ProcessEntry(stat: text)
  }

  public static func identity(of pid: Int32) -> ProcessIdentity? {
    entry(pid).map { ProcessIdentity(pid: $0.pid, startTicks: $0.startTicks, bootID: bootID) }
  }

  /// Whether exactly this process still works: same boot, same number, same start, not ended.
  public static func isAlive(_ identity: ProcessIdentity) -> Bool {
    guard identity.bootID == bootID, let entry = entry(identity.pid) else { return false }
    return entry.startTicks == identity.startTicks && !entry.isZombie
  }

  /// Every process.
  public static func all() throws -> [ProcessEntry] {
    try FolderListing.names(of: "/proc").compactMap { Int32($0.description) }.compactMap(entry)
  }

  /// The children of a process, ended ones that wait for it included.
  public static func children(of pid: Int32) throws -> [Int32] {
    guard let text = try FileContent.read("/proc/\(pid)/task/\(pid)/children") else {
      return try all().filter { $0.parent == pid }.map(\.pid)
    }
    return String(decoding: text, as: UTF8.self).split(separator: " ").compactMap { Int32($0) }
  }

  /// `roots` and everything below them, as far as `entries` knows them.
  public static func trees(of roots: Set<Int32>, in entries: [ProcessEntry]) -> [ProcessEntry] {
    let children = Dictionary(grouping: entries, by: \.parent)
    var found = entries.filter { roots.contains($0.pid) }
    var seen = Set(found.map(\.pid))
    var next = 0
    while next < found.count {
      for child in children[found[next].pid] ?? [] where seen.insert(child.pid).inserted { found.append(child) }
      next += 1
    }
    return found
  }

  /// The value of `name` in the environment with which a process was started. Ended processes and other people's show none.
  public static func mark(of pid: Int32, _ name: String) -> String? {
    // Refused for other people's processes, gone for ended ones: neither carries a mark of ours.
    guard let text = try? FileContent.read("/proc/\(pid)/environ") else { return nil }
    let start = Array("\(name)=".utf8)
    return text.split(separator: 0).first { $0.starts(with: start) }.map {
      String(decoding: $0.dropFirst(start.count), as: UTF8.self)
    }
  }

  /// The living processes whose environment holds `name`, by its value.
  public static func marked(_ name: String) throws -> [String: [ProcessEntry]] {
    var marked: [String: [ProcessEntry]] = [:]
    for entry in try all() where !entry.isZombie {
      if let value = mark(of: entry.pid, name) { marked[value, default: []].append(entry) }
    }
    return marked
  }

  /// Sends a signal to exactly this process, never to another that got its number.
  /// - Returns: whether it was still there.
  @discardableResult
  public static func signal(_ process: ProcessEntry, _ signal: Int32) -> Bool {
    let descriptor = martlet_pidfd_open(process.pid)
    if descriptor < 0 && errno == ESRCH { return false }
    defer { if descriptor >= 0 { close(descriptor) } }
    // Now that the number is held, see whose it is.
    guard entry(process.pid)?.startTicks == process.startTicks else { return false }
    // Kernels before 5.3 have no such descriptors.
    return (descriptor >= 0 ? martlet_pidfd_send_signal(descriptor, signal) : kill(process.pid, signal)) == 0
  }
}
