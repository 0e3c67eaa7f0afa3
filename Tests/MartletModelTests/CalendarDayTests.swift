/// Days, partitions and ranges, against counting on one's fingers.

import MartletModel
import Testing

struct CalendarDayTests {
  @Test func everyDayFrom1900To2100IsAsCountedOneByOne() {
    // 1900-01-01 is 25,567 days before 1970-01-01.
    var ordinal = -25_567
    var wrong: [String] = []
    for year in 1900...2100 {
      let isLeap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
      for (month, length) in [31, isLeap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31].enumerated() {
        for day in 1...length {
          let expected = CalendarDay(ordinal: ordinal)
          if CalendarDay(year: year, month: month + 1, day: day) != expected || expected.parts != (year, month + 1, day) {
            wrong.append("\(year)-\(month + 1)-\(day)")
          }
          ordinal += 1
        }
        if CalendarDay(year: year, month: month + 1, day: length + 1) != nil { wrong.append("\(year)-\(month + 1) is too long") }
      }
    }
    #expect(wrong.isEmpty)
    #expect(CalendarDay("2000-01-01")?.ordinal == 10_957)
  }

  @Test(arguments: ["1970-01-01", "2000-02-29", "2013-12-30", "0001-01-01", "9999-12-31"])
  func textReadsBack(text: String) {
    #expect(CalendarDay(text)?.description == text)
  }

  @Test(arguments: [
    "1900-02-29", "2013-02-29", "2013-00-01", "2013-13-01", "2013-01-00", "2013-01-32", "0000-01-01", "2013-1-1", "13-01-01",
    "2013/01/01", " 2013-01-01", "2013-01-01 ", "", "２０１３-01-01",
  ])
  func whatIsNoDayIsRefused(text: String) {
    #expect(CalendarDay(text) == nil)
  }
}

struct PartitionTests {
  private func definition(_ start: String, _ end: String?) -> PartitionDefinition {
    PartitionDefinition(
      name: "dt", every: .day, start: CalendarDay(start)!, end: end.map { CalendarDay($0)! }, timezone: "America/New_York")
  }

  @Test func bothEndsAreIncluded() {
    let partitions = definition("2012-02-27", "2012-03-01").partitions(today: CalendarDay("2030-01-01")!)
    #expect(
      partitions.map(\.description) == ["dt=2012-02-27", "dt=2012-02-28", "dt=2012-02-29", "dt=2012-03-01"])
  }

  @Test func withoutAnEndTodayIsTheLast() {
    #expect(
      definition("2013-01-01", nil).partitions(today: CalendarDay("2013-01-02")!).map(\.value) == ["2013-01-01", "2013-01-02"])
    #expect(definition("2013-01-01", nil).partitions(today: CalendarDay("2012-12-31")!).isEmpty)
  }

  @Test func rangesHoldBothEnds() throws {
    let range = try #require(PartitionRange("dt=2013-01-31..2013-02-01"))
    let days = ["2013-01-30", "2013-01-31", "2013-02-01", "2013-02-02"]
    #expect(days.map { range.contains(Partition(name: "dt", value: $0)) } == [false, true, true, false])
    #expect(!range.contains(Partition(name: "other", value: "2013-01-31")))
    #expect(PartitionRange("dt=2013-01-31") == PartitionRange("dt=2013-01-31..2013-01-31"))
  }

  @Test(arguments: [
    "2013-01-01", "=2013-01-01", "dt=", "dt=2013-01-02..2013-01-01", "dt=2013-01-01..", "dt=..2013-01-01",
    "dt=2013-01-01..2013-01-02..2013-01-03", "dt=2013-01-01...2013-01-02", "dt=yesterday",
  ])
  func whatIsNoRangeIsRefused(text: String) {
    #expect(PartitionRange(text) == nil)
  }
}

struct TaskInstanceTests {
  private let instances = [
    TaskInstance(task: "train"),
    TaskInstance(task: "ingest", slice: .gather),
    TaskInstance(task: "ingest", slice: .partition(Partition(name: "dt", value: "2013-01-31"))),
    TaskInstance(task: "ingest", slice: .partition(Partition(name: "dt", value: "a=b/c"))),
  ]

  @Test func keysReadBack() {
    #expect(instances.map(\.key) == ["train", "ingest/*", "ingest/dt=2013-01-31", "ingest/dt=a=b/c"])
    for instance in instances { #expect(TaskInstance(key: instance.key) == instance) }
    #expect(TaskInstance(key: "") == nil)
    #expect(TaskInstance(key: "ingest/") == nil)
    #expect(TaskInstance(key: "/dt=1") == nil)
  }

  @Test func checkpointsHaveOneFileEach() {
    #expect(
      instances.prefix(3).map(\.checkpointPath.string) == [
        "checkpoints/train.ok", "checkpoints/ingest.ok", "checkpoints/ingest/dt=2013-01-31.ok",
      ])
    #expect(instances.prefix(3).map(\.description) == ["train", "ingest (gather)", "ingest dt=2013-01-31"])
  }
}
