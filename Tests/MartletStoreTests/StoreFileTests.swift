// The store's file through kills, damage, versions and readers.

import GRDB
import MartletModel
import MartletRun
import Testing

@testable import MartletStore

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

@Suite struct StoreFileTests {
  let scratch = Scratch()

  @Test func itIsItsOwnersOnly() throws {
    let store = try Store(path: scratch.path)
    #expect(store.origin == .created)
    try store.commit([.runStarted(.example("r1"))])
    for name in ["store.sqlite", "store.sqlite-wal"] {
      var information = stat()
      #expect(stat(scratch.folder + "/" + name, &information) == 0)
      #expect(information.st_mode & 0o777 == 0o600, "\(name)")
    }
  }

  @Test func whatWasCommittedSurvivesAKill() throws {
    let store = try Store(path: scratch.path)
    try store.commit([.runStarted(.example("r1"))])
    try store.sync()
    try store.commit([.runStarted(.example("r2"))])
    let killed = scratch.copyAsKilled()
    try store.commit([.runStarted(.example("r3"))])
    let next = try Store(path: killed.path)
    #expect(next.origin == .existing)
    #expect(try next.reader.runs(limit: 9).map(\.id) == ["r2", "r1"])
  }

  @Test func aTornTailLosesOnlyWhatWasNotSynced() throws {
    let store = try Store(path: scratch.path)
    try store.commit([.runStarted(.example("r1"))])
    try store.sync()
    let synced = scratch.bytes("store.sqlite-wal")!.count
    try store.commit([.runStarted(.example("r2"))])
    let killed = scratch.copyAsKilled()
    var log = killed.bytes("store.sqlite-wal")!
    #expect(log.count > synced)
    log[synced + 100] ^= 0xff
    killed.write("store.sqlite-wal", log)
    #expect(try Store(path: killed.path).reader.runs(limit: 9).map(\.id) == ["r1"])
  }

  @Test func aCleanCloseLeavesOneFile() throws {
    let store = try Store(path: scratch.path)
    try store.commit([.runStarted(.example("r1"))])
    try store.close()
    #expect(scratch.bytes("store.sqlite-wal") == nil)
    #expect(try StoreReader(path: scratch.path).latestRun()?.id == "r1")
  }

  @Test func aStoreThatIsLeftIsWholeAndKeepsItsLog() throws {
    try {
      let store = try Store(path: scratch.path)
      try store.commit([.runStarted(.example("r1"))])
      try store.leave()
    }()
    #expect(scratch.bytes("store.sqlite-wal") != nil)
    let next = scratch.copyAsKilled()
    #expect(
      try StoreReader(path: next.path).connection.perform {
        try Int.fetchOne($0, sql: "SELECT value FROM meta WHERE name = 'clean'")
      } == 1)
    #expect(try Store(path: next.path).reader.latestRun()?.id == "r1")
  }

  @Test func aNewerVersionIsRefusedAndLeftAsItIs() throws {
    let newer = Migration.all + [Migration(name: "later") { try $0.execute(sql: "CREATE TABLE later (x)") }]
    try Store(path: scratch.path, migrations: newer).close()
    let before = scratch.bytes("store.sqlite")
    let known = Migration.all.count
    let refusal = StoreError.newer(path: scratch.path, found: known + 1, known: known)
    #expect(throws: refusal) { try Store(path: scratch.path) }
    #expect(throws: refusal) { try StoreReader(path: scratch.path) }
    #expect(scratch.bytes("store.sqlite") == before)
    #expect(
      refusal.description == """
        the store was written by a newer martlet
          file         \(scratch.path)
          its version  \(known + 1)
          known here   up to \(known)
          hint: use the newer martlet, or move the file away: checkpoints/*.ok rebuild what decides
        """)
  }

  @Test func aMigrationThatFailsLeavesTheOldVersionWhole() throws {
    let store = try Store(path: scratch.path)
    try store.commit([.runStarted(.example("r1"))])
    try store.close()
    let failing =
      Migration.all + [
        Migration(name: "2 breaks") {
          try $0.execute(sql: "CREATE TABLE half (x); DELETE FROM runs; INSERT INTO nowhere VALUES (1)")
        }
      ]
    #expect(throws: StoreError.notWritable(path: scratch.path, detail: "migration failed: no such table: nowhere")) {
      try Store(path: scratch.path, migrations: failing)
    }
    let after = try Store(path: scratch.path)
    #expect(try after.reader.latestRun()?.id == "r1")
    #expect(throws: StoreError.self) { try after.reader.connection.perform { try $0.execute(sql: "SELECT * FROM half") } }
  }

  @Test func anOlderStoreIsBroughtUpByTheWriterOnly() throws {
    try Store(path: scratch.path, migrations: []).close()
    #expect(throws: StoreError.absent(path: scratch.path)) { try StoreReader(path: scratch.path) }
    #expect(try Store(path: scratch.path).reader.runs(limit: 1).isEmpty)
  }

  @Test func noStoreYetIsAnErrorOfItsOwn() throws {
    #expect(throws: StoreError.absent(path: scratch.path)) { try StoreReader(path: scratch.path) }
    #expect(scratch.bytes("store.sqlite") == nil)
  }

  @Test func aFileThatIsNoDatabaseIsSetAside() throws {
    scratch.write("store.sqlite", Array(repeating: 0x61, count: 9000))
    let store = try Store(path: scratch.path)
    #expect(store.origin == .setAside(path: scratch.path + ".corrupt-1", detail: "file is not a database"))
    #expect(scratch.bytes("store.sqlite.corrupt-1")?.count == 9000)
    try store.adopt(checkpoints: [.example(day(1))])
    #expect(try store.reader.checkpoints().count == 1)
  }

  @Test func aDamagedPageIsFoundAfterAnUncleanStop() throws {
    let store = try Store(path: scratch.path)
    try store.commit((0..<300).map { .runStarted(.example("run-\($0)")) })
    try store.reader.connection.perform { _ = try $0.checkpoint(.truncate) }
    let killed = scratch.copyAsKilled()
    var content = killed.bytes("store.sqlite")!
    let page = content.count / 4096 - 1
    for offset in 0..<64 { content[page * 4096 + offset] ^= 0x5a }
    killed.write("store.sqlite", content)
    let next = try Store(path: killed.path)
    guard case .setAside(let path, _) = next.origin else {
      Issue.record("origin \(next.origin)")
      return
    }
    #expect(path == killed.path + ".corrupt-1")
    #expect(try next.reader.runs(limit: 1).isEmpty)
  }

  @Test func damageThatAQueryMeetsIsCheckedAtTheNextOpen() throws {
    let store = try Store(path: scratch.path)
    try store.commit((0..<300).map { .runStarted(.example("run-\($0)")) })
    try store.close()
    var content = scratch.bytes("store.sqlite")!
    // Only pages with rows of runs, which opening the store does not read.
    for page in 1..<(content.count / 4096) where content[(page * 4096)..<((page + 1) * 4096)].contains(Array("flights".utf8)) {
      for offset in 0..<64 { content[page * 4096 + offset] ^= 0x5a }
    }
    scratch.write("store.sqlite", content)
    #expect(throws: StoreError.corrupt(path: scratch.path, detail: "database disk image is malformed")) {
      try StoreReader(path: scratch.path).runs(limit: 300)
    }
    guard case .setAside = try Store(path: scratch.path).origin else {
      Issue.record("the damage went unnoticed")
      return
    }
  }

  @Test(arguments: [
    ("UPDATE runs SET arguments = '{\"not\":\"a list\"}'", "JSON that is no list"),
    ("UPDATE runs SET started_at = x'00'", "something else in place of a Double"),
    ("UPDATE attempts SET outcome = 'vanished'", "the word vanished"),
    ("UPDATE attempts SET outcome = 'failed', ended_at = NULL", "a Double that is missing"),
  ])
  func aValueThatCannotBeDecodedSetsTheFileAside(damage: String, detail: String) throws {
    let store = try Store(path: scratch.path)
    try store.commit([.runStarted(.example("r1")), .attemptCreated(.example("a1", [day(1)]))])
    // SQLite itself finds nothing wrong with it.
    try store.reader.connection.transaction { try $0.execute(sql: damage) }
    try store.close()
    #expect(throws: StoreError.corrupt(path: scratch.path, detail: detail)) {
      let reader = try StoreReader(path: scratch.path)
      _ = (try reader.runs(limit: 9), try reader.attempts(run: "r1"))
    }
    let next = try Store(path: scratch.path)
    #expect(next.origin == .setAside(path: scratch.path + ".corrupt-1", detail: detail))
    try next.close()
    #expect(try Store(path: scratch.path).origin == .existing)
  }

  @Test func aMarkLeftBehindBySettingAsideDoesNotCondemnTheNewFile() throws {
    scratch.write("store.sqlite.suspect", Array("the word vanished".utf8))
    try Store(path: scratch.path).close()
    #expect(try Store(path: scratch.path).origin == .existing)
  }

  @Test func aStoreIsRebuiltUntilThatWasDone() throws {
    let store = try Store(path: scratch.path)
    #expect(try store.needsRebuild())
    let killed = try Store(path: scratch.copyAsKilled().path)
    #expect(killed.origin == .existing)
    #expect(try killed.needsRebuild())
    try killed.adopt(checkpoints: [])
    #expect(try !killed.needsRebuild())
  }

  @Test func whoFollowsAKillKnowsOfIt() throws {
    let store = try Store(path: scratch.path)
    #expect(!store.wasInterrupted)
    try store.commit([.runStarted(.example("r1"))])
    let killed = scratch.copyAsKilled()
    try store.close()
    #expect(try !Store(path: scratch.path).wasInterrupted)
    let next = try Store(path: killed.path)
    #expect(next.wasInterrupted)
    try next.leave()
    #expect(try Store(path: killed.path).wasInterrupted)
  }

  @Test func whateverDecidesTakesTheSettledMarkAway() throws {
    let store = try Store(path: scratch.path)
    let file = Digest(of: [1])
    func keeps(_ write: () throws -> Void) throws -> Bool {
      try store.markSettled(file)
      try write()
      return try store.reader.settledMark() == file
    }
    #expect(try keeps { try store.commit([.runStarted(.example("r1"))]) })
    #expect(try keeps { try store.sync() })
    #expect(try !keeps { try store.commit([.attemptCreated(.example("a1", [day(1)]))]) })
    #expect(try !keeps { try store.collect([day(1): ["part"]]) })
    #expect(try !keeps { try store.adopt(checkpoints: []) })
  }

  @Test func aStoreThatIsDeletedUnderneathStopsTheWriter() throws {
    let store = try Store(path: scratch.path)
    unlink(scratch.path)
    #expect(throws: StoreError.moved(path: scratch.path)) { try store.commit([.runStarted(.example("r1"))]) }
  }

  @Test func aNetworkFileSystemIsRefused() {
    #expect(throws: StoreError.networkFileSystem(path: scratch.folder, name: "nfs")) {
      try Store(path: scratch.path, networkFileSystemName: { $0 == scratch.folder ? "nfs" : nil })
    }
    #expect(scratch.bytes("store.sqlite") == nil)
  }

  @Test func aReaderSeesCommitsAndNeverBlocksTheWriter() throws {
    let store = try Store(path: scratch.path)
    try store.commit([.runStarted(.example("r1"))])
    let reader = try StoreReader(path: scratch.path)
    try reader.connection.snapshot { database in
      #expect(try Int.fetchOne(database, sql: "SELECT count(*) FROM runs") == 1)
      try store.commit([.runStarted(.example("r2"))])
      try store.sync()
      #expect(try Int.fetchOne(database, sql: "SELECT count(*) FROM runs") == 1, "a snapshot stays as it is")
    }
    #expect(try reader.runs(limit: 9).map(\.id) == ["r2", "r1"])
    #expect(throws: StoreError.self) { try reader.connection.perform { try $0.execute(sql: "DELETE FROM runs") } }
  }

  @Test func aReaderOfAKilledWritersStoreMovesNothingIntoTheFile() throws {
    let store = try Store(path: scratch.path)
    try store.commit([.runStarted(.example("r1"))])
    let killed = scratch.copyAsKilled()
    let before = (killed.bytes("store.sqlite"), killed.bytes("store.sqlite-wal"))
    let reader = try StoreReader(path: killed.path)
    #expect(try reader.latestRun()?.id == "r1")
    try reader.close()
    #expect(killed.bytes("store.sqlite") == before.0)
    #expect(killed.bytes("store.sqlite-wal") == before.1)
  }
}
