/// The days of training, validation and test, and how many rows each has.

import DuckDB
import MartletModel

/// A run of days with the rows that fall into it.
struct TimeWindow: Equatable {
  /// Days since 1970-01-01; the upper bound is left out.
  let days: Range<Int>
  let rowCount: Int
}

struct TimeWindows: Equatable {
  /// A day that has rows.
  struct Day: Equatable {
    let number: Int
    let rowCount: Int
  }

  let training: TimeWindow
  let validation: TimeWindow
  let test: TimeWindow
  /// The training window's days that have rows, ascending.
  let trainingDays: [Day]

  /// Shares the days of a file out.
  ///
  /// - Throws: `TaskFailure` of class `data` where a window has no rows.
  init(_ days: [Day], _ split: SplitDeclaration) throws {
    let days = days.filter { day in
      split.trainFrom.map { day.number >= $0.ordinal } ?? true && (split.testUntil.map { day.number < $0.ordinal } ?? true)
    }
    guard days.count >= 3 else {
      throw TaskFailure(
        .data,
        "the features have \(NumberText.counted(days.count, "day")) with rows; training, validation and test need one each, three in all"
      )
    }
    let numbers = days.map(\.number)
    let boundaries = Self.boundaries(numbers, split)
    let end = numbers[numbers.count - 1] + 1
    training = Self.window(days, numbers[0]..<max(boundaries.validation, numbers[0]))
    validation = Self.window(days, boundaries.validation..<max(boundaries.test, boundaries.validation))
    test = Self.window(days, boundaries.test..<max(end, boundaries.test))
    trainingDays = days.filter { [training] in training.days.contains($0.number) }
    for (name, window) in [("training", training), ("validation", validation), ("test", test)] where window.rowCount == 0 {
      throw TaskFailure(
        .data,
        """
        the \(name) window has no rows: the features run from \(CalendarDay(ordinal: numbers[0])) to \
        \(CalendarDay(ordinal: end - 1)); see split in config/train.yaml
        """)
    }
  }

  private static func boundaries(_ numbers: [Int], _ split: SplitDeclaration) -> (validation: Int, test: Int) {
    switch (split.validation, split.test) {
    case (.from(let validation), .from(let test)): return (validation.ordinal, test.ordinal)
    case (.share(let validation), .share(let test)):
      let count = Double(numbers.count)
      // At least one day for each, the later window first.
      let testDays = min(max(1, Int((count * test).rounded())), numbers.count - 2)
      let validationDays = min(max(1, Int((count * validation).rounded())), numbers.count - 1 - testDays)
      let testStart = numbers.count - testDays
      return (numbers[testStart - validationDays], numbers[testStart])
    case (.share, .from), (.from, .share): preconditionFailure("the declaration's reader refuses mixed boundaries")
    }
  }

  private static func window(_ days: [Day], _ range: Range<Int>) -> TimeWindow {
    TimeWindow(days: range, rowCount: days.reduce(0) { $0 + (range.contains($1.number) ? $1.rowCount : 0) })
  }
}
