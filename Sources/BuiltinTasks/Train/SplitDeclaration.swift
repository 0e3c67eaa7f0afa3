/// How the days are shared out to training, validation and test: `split` of `config/train.yaml`.

import MartletModel
import MartletSyntax

struct SplitDeclaration {
  /// Where a window begins: with a share of the days, counted from the end, or on a day.
  enum Boundary: Equatable {
    case share(Double)
    case from(CalendarDay)
  }

  private(set) var validation = Boundary.share(0.15)
  private(set) var test = Boundary.share(0.15)
  /// The first day that counts.
  private(set) var trainFrom: CalendarDay?
  /// The first day that is left out.
  private(set) var testUntil: CalendarDay?

  init(_ file: TrainFile) throws {
    let diagnostics = file.diagnostics
    guard
      let section = try file.requiredSection("split"),
      let map = section.map(keys: ["train", "validation", "test"], diagnostics)
    else { return }
    trainFrom = map["train"]?.map(keys: ["from"], diagnostics)?["from"].flatMap { CalendarDay($0, diagnostics) }
    if let value = Self.boundary(map.required("validation", diagnostics), ["share", "from"], diagnostics) { validation = value }
    let testValue = map.required("test", diagnostics)
    if let value = Self.boundary(testValue, ["share", "from", "until"], diagnostics) { test = value }
    if case .map(let entries)? = testValue?.content, let until = entries.first(where: { $0.key == "until" }) {
      testUntil = CalendarDay(until.value, diagnostics)
    }
    if !diagnostics.hasErrors { checkOrder(section, diagnostics) }
  }

  private func checkOrder(_ section: LocatedValue, _ diagnostics: DiagnosticCollector) {
    switch (validation, test) {
    case (.share(let validation), .share(let test)):
      if validation + test >= 1 {
        diagnostics.report(.invalidValue, "the shares of validation and test leave no days to train on", at: section)
      }
    case (.from(let validation), .from(let test)):
      let days = [trainFrom, validation, test, testUntil].compactMap { $0 }
      if zip(days, days.dropFirst()).contains(where: { $0 >= $1 }) {
        diagnostics.report(.invalidValue, "the windows train, validation and test must follow each other", at: section)
      }
    case (.share, .from), (.from, .share):
      diagnostics.report(.invalidValue, "validation and test must both have a share, or both a day to begin with", at: section)
    }
  }

  private static func boundary(
    _ value: LocatedValue?, _ keys: [String], _ diagnostics: DiagnosticCollector
  ) -> Boundary? {
    guard let value, let map = value.map(keys: keys, diagnostics) else { return nil }
    switch (map["share"], map["from"]) {
    case (let share?, nil): return share.number(in: 0.0001...0.9999, diagnostics).map { .share($0) }
    case (nil, let from?): return CalendarDay(from, diagnostics).map { .from($0) }
    default:
      diagnostics.report(.invalidValue, "\"\(value.name)\" must have either share or from", at: value)
      return nil
    }
  }
}
