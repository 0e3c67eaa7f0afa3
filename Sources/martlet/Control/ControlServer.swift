/// Listens on `.martlet/control.sock` while this process holds the workspace, and hands what others ask for to it.

import MartletExecutors
import MartletFiles
import MartletModel
import MartletRun
import Synchronization

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// A request with the way back to whoever asked.
struct ControlOrder: Sendable {
  let request: ControlRequest
  /// The asking process's user, from the kernel.
  let user: String
  /// The run that went on when this was asked; `nil` between two runs.
  var current: String?
  /// Of a run that was asked for: its id.
  var run = ""
  let reply: @Sendable (ControlReply) -> Void
}

final class ControlServer: Sendable {
  static let socketName = "control.sock"
  /// How long whoever asked may leave a reply unread, stopped or behind a pager, before it is told nothing more: the run goes on.
  private static let patienceSeconds = 5

  private struct State {
    /// Runs that were asked for and have not begun.
    var runs: [ControlOrder] = []
    /// The run that goes on.
    var current: String?
    /// Backfills that were asked for and have not begun: runs come first.
    var backfills: [ControlOrder] = []
    var isClosing = false
  }

  private let folder: String
  private let listener: Int32
  private let mailbox: Mailbox
  private let makeIdentifier: @Sendable () -> String
  private let answer: @Sendable (ControlOrder, ControlServer) -> Void
  private let makeRoom: @Sendable () -> Void
  private let state = Mutex(State())

  /// - Parameters:
  ///   - folder: `.martlet`, absolute. The caller holds the workspace's lock, so a socket that is there is nobody's.
  ///   - mailbox: the loop's.
  ///   - makeIdentifier: names a run that is asked for, so that it can be spoken of before it begins.
  ///   - answer: called on the loop's thread with everything that does not wait for its turn.
  ///   - makeRoom: called there when a run waits for its turn.
  init(
    folder: String, mailbox: Mailbox, makeIdentifier: @escaping @Sendable () -> String,
    answer: @escaping @Sendable (ControlOrder, ControlServer) -> Void, makeRoom: @escaping @Sendable () -> Void
  ) throws {
    self.folder = folder
    self.mailbox = mailbox
    self.makeIdentifier = makeIdentifier
    self.answer = answer
    self.makeRoom = makeRoom
    try FileTree.remove("\(folder)/\(ControlServer.socketName)")
    listener = try StreamSocket.listen(in: folder, name: ControlServer.socketName)
    OwnThread { [self] in accept() }.detach()
  }

  /// A run goes on from now until the next one is asked for.
  func begin(_ run: String) {
    state.withLock { $0.current = run }
  }

  /// Takes a run out of those that have not begun.
  /// - Parameter name: its id or the beginning of it.
  func withdraw(_ name: String) -> ControlOrder? {
    state.withLock { state in
      state.runs.firstIndex { $0.run.hasPrefix(name) }.map { state.runs.remove(at: $0) }
    }
  }

  /// The next run that was asked for.
  func nextRun() -> ControlOrder? {
    state.withLock { state in
      state.current = nil
      return state.runs.isEmpty ? nil : state.runs.removeFirst()
    }
  }

  /// The next run that was asked for, or else the next backfill. With none, no more are taken, and whoever asks then finds the
  /// workspace free.
  func nextOrClose() -> ControlOrder? {
    let next = state.withLock { state -> ControlOrder? in
      state.current = nil
      if !state.runs.isEmpty { return state.runs.removeFirst() }
      if !state.backfills.isEmpty { return state.backfills.removeFirst() }
      state.isClosing = true
      return nil
    }
    if next == nil { close() }
    return next
  }

  private func close() {
    shutdown(listener, Int32(SHUT_RDWR))
    // A socket left behind refuses connections, which says the same.
    try? FileTree.remove("\(folder)/\(ControlServer.socketName)")
  }

  private func accept() {
    while true {
      let descriptor = Glibc.accept(listener, nil, nil)
      guard descriptor >= 0 else {
        if errno == EINTR || errno == ECONNABORTED { continue }
        Glibc.close(listener)
        return
      }
      _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
      var patience = timeval(tv_sec: ControlServer.patienceSeconds, tv_usec: 0)
      setsockopt(descriptor, SOL_SOCKET, SO_SNDTIMEO, &patience, socklen_t(MemoryLayout<timeval>.size))
      OwnThread { [self] in serve(ControlConnection(descriptor)) }.detach()
    }
  }

  private func serve(_ connection: ControlConnection) {
    guard let line = connection.readLine(), let user = connection.peerUser else { return }
    // Whoever has gone meanwhile, because this process was stopped for so long, was told that nothing is done.
    guard connection.send(ControlReply()) else { return }
    guard let request = try? JSONLine.decode(ControlRequest.self, from: line) else {
      connection.send(ControlReply(line: "error: the holder of the workspace does not know this request", status: 70))
      return
    }
    var order = ControlOrder(request: request, user: user) { connection.send($0) }
    switch request {
    case .decide, .release, .rule, .cancel, .steer:
      order.current = state.withLock(\.current)
      let asked = order
      let answer = answer
      mailbox.post(.call { [self] in answer(asked, self) })
    case .run, .retry, .verify, .collect:
      order.run = makeIdentifier()
      guard queue(order, in: \.runs) else { return }
      mailbox.post(.call(makeRoom))
      connection.send(ControlReply(line: "queued behind the run that goes on, as run \(order.run)"))
    case .backfill:
      guard queue(order, in: \.backfills) else { return }
      connection.send(ControlReply(line: "queued behind what goes on; runs come first"))
    }
  }

  /// - Returns: whether it is taken.
  private func queue(_ order: ControlOrder, in line: WritableKeyPath<State, [ControlOrder]> & Sendable) -> Bool {
    state.withLock { state in
      if !state.isClosing { state[keyPath: line].append(order) }
      return !state.isClosing
    }
  }
}

/// One end of a conversation: lines in, lines out, closed with the last reference.
final class ControlConnection: Sendable {
  private let descriptor: Int32
  /// Whether nothing more is sent: half a line may be under way.
  private let isDead = Mutex(false)

  init(_ descriptor: Int32) {
    self.descriptor = descriptor
  }

  deinit { close(descriptor) }

  enum Line {
    /// Without its end.
    case line([UInt8])
    /// The other side has gone, or sends a line beyond a megabyte.
    case end
    /// Nothing came for as long as `setPatience` says.
    case silence
  }

  func nextLine() -> Line {
    var line: [UInt8] = []
    var byte: UInt8 = 0
    while line.count < 1 << 20 {
      let count = read(descriptor, &byte, 1)
      if count < 0 && errno == EINTR { continue }
      if count < 0 && (errno == EAGAIN || errno == EWOULDBLOCK) { return .silence }
      guard count == 1 else { return .end }
      if byte == UInt8(ascii: "\n") { return .line(line) }
      line.append(byte)
    }
    return .end
  }

  /// The next line, however long it takes; `nil` at the end.
  func readLine() -> [UInt8]? {
    if case .line(let line) = nextLine() { line } else { nil }
  }

  /// Sends a line. Whoever has gone away, or does not read, is not told, which changes nothing of what was done.
  /// - Returns: whether they are there to be told.
  @discardableResult
  func send(_ value: some Encodable) -> Bool {
    let bytes = JSONLine.encode(value)
    return isDead.withLock { isDead in
      guard !isDead, !sendAll(bytes) else { return !isDead }
      isDead = true
      // What was sent can still be read, and then the end.
      shutdown(descriptor, Int32(SHUT_RDWR))
      return false
    }
  }

  /// How long the next line is waited for.
  /// - Parameter seconds: zero for ever.
  func setPatience(seconds: Int) {
    var patience = timeval(tv_sec: seconds, tv_usec: 0)
    setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &patience, socklen_t(MemoryLayout<timeval>.size))
  }

  /// - Returns: whether all of it was taken.
  private func sendAll(_ bytes: [UInt8]) -> Bool {
    var sent = 0
    while sent < bytes.count {
      let count = bytes.withUnsafeBytes { Glibc.send(descriptor, $0.baseAddress! + sent, $0.count - sent, Int32(MSG_NOSIGNAL)) }
      if count < 0 && errno == EINTR { continue }
      guard count > 0 else { return false }
      sent += count
    }
    return true
  }

  /// The user of the process at the other end.
  var peerUser: String? {
    peerCredentials.map { ControlConnection.userName($0[1]) ?? "uid \($0[1])" }
  }

  /// The process at the other end.
  var peerProcess: UInt32? { peerCredentials?[0] }

  /// pid, uid and gid, as unix(7) lays them out.
  private var peerCredentials: [UInt32]? {
    var credentials: [UInt32] = [0, 0, 0]
    var size = socklen_t(12)
    return getsockopt(descriptor, SOL_SOCKET, SO_PEERCRED, &credentials, &size) == 0 ? credentials : nil
  }

  /// Each connection has a thread of its own, and `getpwuid` one buffer for all of them.
  private static func userName(_ user: uid_t) -> String? {
    var entry = passwd()
    var found: UnsafeMutablePointer<passwd>?
    var buffer = [CChar](repeating: 0, count: 1 << 16)
    return buffer.withUnsafeMutableBufferPointer { buffer in
      guard getpwuid_r(user, &entry, buffer.baseAddress!, buffer.count, &found) == 0, found != nil else { return nil }
      return String(cString: entry.pw_name)
    }
  }
}
