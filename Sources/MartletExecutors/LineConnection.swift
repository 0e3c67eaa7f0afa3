// One end of a connection that carries lines, for a loop that never waits.

import MartletFiles

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// Owns a non-blocking socket. What cannot be sent at once is kept until it can.
public final class LineConnection {
  public let descriptor: Int32
  /// Whether the other end has gone.
  public private(set) var isClosed = false
  private var received: [UInt8] = []
  private var unsent: [UInt8] = []

  public init(_ descriptor: Int32) {
    self.descriptor = descriptor
    StreamSocket.makeNonBlocking(descriptor)
  }

  deinit { close(descriptor) }

  /// What `poll` should look for.
  public var interest: pollfd {
    pollfd(descriptor: descriptor, isWriting: !unsent.isEmpty)
  }

  /// Sends a line, which ends in its line break, or keeps it.
  public func send(_ line: [UInt8]) {
    unsent.append(contentsOf: line)
    flush()
  }

  /// Sends as much of what was kept as can be sent now.
  public func flush() {
    var sent = 0
    while sent < unsent.count && !isClosed {
      let count = unsent.withUnsafeBytes {
        Glibc.send(descriptor, $0.baseAddress! + sent, $0.count - sent, Int32(MSG_NOSIGNAL))
      }
      if count > 0 {
        sent += count
      } else if errno == EAGAIN {
        break
      } else if errno != EINTR {
        isClosed = true
      }
    }
    unsent.removeFirst(sent)
  }

  /// The whole lines that have come in, without their line breaks. Lines that came before the other end went are still given.
  public func receive() -> [[UInt8]] {
    var buffer = [UInt8](repeating: 0, count: 65536)
    while !isClosed {
      let count = buffer.withUnsafeMutableBytes { recv(descriptor, $0.baseAddress, $0.count, 0) }
      if count > 0 {
        received.append(contentsOf: buffer[..<count])
      } else if count < 0 && errno == EINTR {
        continue
      } else if count < 0 && errno == EAGAIN {
        break
      } else {
        isClosed = true
      }
    }
    return takeLines()
  }

  private func takeLines() -> [[UInt8]] {
    guard let last = received.lastIndex(of: UInt8(ascii: "\n")) else { return [] }
    let lines = received[..<last].split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: true).map(Array.init)
    received.removeFirst(last + 1)
    return lines
  }
}

extension pollfd {
  /// Always looks for something to read, on request also for room to write.
  public init(descriptor: Int32, isWriting: Bool = false) {
    self.init(fd: descriptor, events: Int16(POLLIN) | (isWriting ? Int16(POLLOUT) : 0), revents: 0)
  }
}
