/// Telling processes apart by what the kernel says of them.

import MartletRun
import Testing

@testable import MartletFiles

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

@Suite struct ProcessTableTests {
  @Test func `a program's name may hold anything`() throws {
    let line = "4242 (a) b (c)) S 17 4242 4240 0 -1 4194304 1 2 3 4 5 6 7 8 20 0 1 0 987654 1 2"
    let entry = try #require(ProcessEntry(stat: Array(line.utf8)))
    #expect(entry.pid == 4242)
    #expect(entry.parent == 17)
    #expect(entry.session == 4240)
    #expect(entry.startTicks == 987654)
    #expect(!entry.isZombie)
    #expect(ProcessEntry(stat: Array("nonsense".utf8)) == nil)
  }

  @Test func `a process is told apart from a later one with its number, and from one before the last boot`() throws {
    let own = try #require(ProcessTable.identity(of: getpid()))
    #expect(ProcessTable.isAlive(own))
    #expect(!ProcessTable.isAlive(ProcessIdentity(pid: own.pid, startTicks: own.startTicks + 1, bootID: own.bootID)))
    #expect(!ProcessTable.isAlive(ProcessIdentity(pid: own.pid, startTicks: own.startTicks, bootID: "another")))
    #expect(own.bootID.count == 36)
  }

  @Test func `a tree is everything below its roots`() throws {
    func entry(_ pid: Int32, _ parent: Int32) throws -> ProcessEntry {
      try #require(ProcessEntry(stat: Array("\(pid) (x) S \(parent) 1 1 0 -1 0 0 0 0 0 0 0 0 0 20 0 1 0 5 0".utf8)))
    }
    let entries = try [entry(1, 0), entry(2, 1), entry(3, 2), entry(4, 1), entry(5, 4), entry(6, 5)]
    #expect(ProcessTable.trees(of: [2, 5], in: entries).map(\.pid) == [2, 5, 3, 6])
    #expect(ProcessTable.trees(of: [9], in: entries).isEmpty)
  }

  @Test func `a signal reaches only the process that was meant`() throws {
    let line = "\(getpid()) (x) S 1 1 1 0 -1 0 0 0 0 0 0 0 0 0 20 0 1 0 5 0"
    let impostor = try #require(ProcessEntry(stat: Array(line.utf8)))
    #expect(!ProcessTable.signal(impostor, SIGKILL))
    #expect(ProcessTable.signal(try #require(ProcessTable.entry(getpid())), SIGCONT))
  }
}
