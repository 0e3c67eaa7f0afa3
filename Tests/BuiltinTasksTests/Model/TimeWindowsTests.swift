// How days are dealt out to training, validation and test.

import MartletModel
import Testing

@testable import BuiltinTasks

@Suite struct TimeWindowsTests {
  private func windows(_ split: String, days: [Int]) throws -> TimeWindows {
    let file = try TrainFile(text: "split: \(split)", path: "train.yaml")
    let declaration = try SplitDeclaration(file)
    try file.finish()
    return try TimeWindows(days.map { .init(number: $0, rowCount: 10) }, declaration)
  }

  @Test func sharesAreOfTheDaysThatHaveRows() throws {
    let windows = try windows("{validation: {share: 0.2}, test: {share: 0.1}}", days: [0, 1, 2, 3, 4, 50, 51, 52, 53, 54])
    #expect(windows.training == TimeWindow(days: 0..<52, rowCount: 70))
    #expect(windows.validation == TimeWindow(days: 52..<54, rowCount: 20))
    #expect(windows.test == TimeWindow(days: 54..<55, rowCount: 10))
  }

  @Test func eachWindowGetsADay() throws {
    let windows = try windows("{validation: {share: 0.01}, test: {share: 0.9}}", days: [5, 6, 7])
    #expect([windows.training, windows.validation, windows.test].map(\.rowCount) == [10, 10, 10])
    #expect(throws: TaskFailure.self) { try self.windows("{validation: {share: 0.1}, test: {share: 0.1}}", days: [5, 6]) }
  }

  @Test func datesCutWhereTheySay() throws {
    let split = "{train: {from: 1970-01-03}, validation: {from: 1970-01-05}, test: {from: 1970-01-07, until: 1970-01-09}}"
    let windows = try windows(split, days: Array(0..<20))
    #expect([windows.training.days, windows.validation.days, windows.test.days] == [2..<4, 4..<6, 6..<8])
    let error = #expect(throws: TaskFailure.self) { try self.windows(split, days: [2, 3, 4, 5]) }
    #expect(error?.message.hasPrefix("the test window has no rows: the features run from 1970-01-03 to 1970-01-06") == true)
  }

  @Test func foldsLearnFromThePastOnly() throws {
    let days: [Int32] = [0, 0, 1, 2, 2, 3, 4, 5]
    let folds = try RollingFolds(days: days, trainingDays: (0...5).map { .init(number: $0, rowCount: 1) }, count: 2).folds
    #expect(folds.map(\.judgedDays) == [2..<4, 4..<6])
    #expect(folds.map(\.learning) == [[0, 1, 2], [0, 1, 2, 3, 4, 5]])
    #expect(folds.map(\.judged) == [[3, 4, 5], [6, 7]])
  }

  @Test func categoriesOfAnyLengthHaveTheirCode() {
    let coding = CategoryCoding(["", "a", "a longer name than seven", "seven77", "é"])
    func code(_ text: String) -> Double { Array(text.utf8).withUnsafeBufferPointer(coding.code(of:)) }
    #expect(["", "a", "a longer name than seven", "seven77", "é"].map(code) == [0, 1, 2, 3, 4])
    #expect(code("b").isNaN && code("a\0").isNaN && code("a longer name than eight").isNaN)
  }
}
