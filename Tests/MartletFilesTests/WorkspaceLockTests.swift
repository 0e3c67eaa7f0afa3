/// One holder of a workspace at a time, by the kernel's lock.

import MartletRun
import Testing

@testable import MartletFiles

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

@Suite struct WorkspaceLockTests {
  let scratch: ScratchFolder
  init() throws { scratch = try ScratchFolder() }

  private func acquire() throws -> WorkspaceLock.Attempt {
    try WorkspaceLock.acquire("\(scratch.path)/lock", command: "martlet run", now: 12.5)
  }

  @Test func `the second one learns who holds the lock, and gets it once the first is gone`() throws {
    var first: WorkspaceLock?
    guard case .acquired(let lock) = try acquire() else { throw TestFailure("not acquired") }
    first = lock
    guard case .busy(let holder?) = try acquire() else { throw TestFailure("not busy") }
    #expect(holder.process == ProcessTable.identity(of: getpid()))
    #expect(holder.command == "martlet run")
    #expect(holder.since == 12.5)
    #expect(holder.description == "process \(getpid()) on \(hostName()) (martlet run)")
    #expect(first?.isVisible == true)
    first = nil
  }

  @Test func `a lock whose file was removed is no longer visible`() throws {
    guard case .acquired(let lock) = try acquire() else { throw TestFailure("not acquired") }
    unlink("\(scratch.path)/lock")
    #expect(!lock.isVisible)
    guard case .acquired = try acquire() else { throw TestFailure("not acquired") }
  }

  @Test func `who removes the file of a lock with a folder frees nothing`() throws {
    func acquire() throws -> WorkspaceLock.Attempt {
      try WorkspaceLock.acquire("\(scratch.path)/lock", folder: scratch.path, command: "martlet run", now: 12.5)
    }
    do {
      guard case .acquired(let lock) = try acquire() else { throw TestFailure("not acquired") }
      unlink("\(scratch.path)/lock")
      guard case .busy = try acquire() else { throw TestFailure("not busy") }
      #expect(!lock.isVisible)
    }
    guard case .acquired = try acquire() else { throw TestFailure("not acquired") }
  }

  @Test func `released with its object`() throws {
    do {
      guard case .acquired(let lock) = try acquire() else { throw TestFailure("not acquired") }
      #expect(lock.isVisible)
    }
    guard case .acquired = try acquire() else { throw TestFailure("not acquired") }
  }
}

struct TestFailure: Error {
  let message: String
  init(_ message: String) { self.message = message }
}
