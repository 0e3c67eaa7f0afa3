// The wrapper of LightGBM: data sets, boosting, models that read back, and errors with the library's own words.

import LightGBM
import MartletFiles
import Testing

/// The library through our wrapper: training, text, scores, errors.
@Suite struct LightGBMTests {
  let library: LightGBMLibrary

  init() throws {
    let search = NativeLibrarySearch(environment: ["MARTLET_NATIVE_DIR": TaskWorkspace.nativeFolder], executableFolder: nil)
    guard case .found(let path) = search.find(.lightgbm) else {
      throw LightGBMError.cannotOpen(path: TaskWorkspace.nativeFolder, reason: "not found")
    }
    library = try LightGBMLibrary(path: path)
  }

  /// 6000 rows of two numbers and a category that decide the label, some of them missing.
  private func rows() -> (values: [Double], labels: [Float]) {
    var numbers = SeededNumbers(seed: 11)
    var values: [Double] = []
    var labels: [Float] = []
    for _ in 0..<6000 {
      let a = numbers.uniform() < 0.05 ? Double.nan : numbers.normal()
      let b = numbers.uniform() < 0.3 ? 0 : numbers.normal()
      let c = (numbers.uniform() * 5).rounded(.down)
      values += [a, b, c]
      let signal = (a.isNaN ? 0.5 : a) - b + (c == 2 ? 1 : 0)
      labels.append(numbers.normal() < signal ? 1 : 0)
    }
    return (values, labels)
  }

  /// A model of the first 5000 rows, with the others for validation.
  private func train(threads: Int) throws -> Booster {
    let (values, labels) = rows()
    let parameters = Parameters([
      "objective": "binary", "metric": "auc", "num_threads": "\(threads)", "deterministic": "true",
      "force_row_wise": "true", "verbosity": "-1", "seed": "3", "categorical_feature": "2", "feature_fraction": "0.7",
    ])
    let booster = try values.withUnsafeBufferPointer { buffer in
      func part(_ range: Range<Int>) -> UnsafeBufferPointer<Double> {
        UnsafeBufferPointer(rebasing: buffer[(range.lowerBound * 3)..<(range.upperBound * 3)])
      }
      let sample = FeatureSample(columnCount: 3, capacity: 5000)
      for row in 0..<5000 { sample.append(row: part(row..<(row + 1))) }
      let training = try Dataset.binned(by: sample, rowCount: 5000, parameters: parameters, library: library)
      let validation = try training.sibling(rowCount: 1000)
      // In two pieces, as the rows of a file come.
      try training.push(rows: part(0..<2000))
      try training.push(rows: part(2000..<5000))
      try validation.push(rows: part(5000..<6000))
      try training.setLabels(Array(labels[..<5000]))
      try validation.setLabels(Array(labels[5000...]))
      try training.setFeatureNames(["a", "b", "c"])
      let booster = try Booster(training: training, parameters: parameters)
      try booster.addValidation(validation)
      return booster
    }
    for _ in 0..<30 { #expect(try booster.update()) }
    return booster
  }

  private func scores(of booster: Booster, threads: Int = 1) throws -> [Double] {
    let values = rows().values
    var scores = [Double](repeating: 0, count: values.count / 3)
    try values.withUnsafeBufferPointer { values in
      try scores.withUnsafeMutableBufferPointer { scores in
        try booster.predict(rows: values, columnCount: 3, threads: threads, into: scores)
      }
    }
    return scores
  }

  @Test func anyNumberOfThreadsGivesTheSameModel() throws {
    let one = try train(threads: 1)
    let two = try train(threads: 2)
    let first = ModelText(trees: try one.text(), categories: [["x", "y\"é"]])
    let second = ModelText(trees: try two.text(), categories: [["x", "y\"é"]])
    #expect(try one.text() != two.text())
    #expect(first.text == second.text)
    #expect(try one.evaluate(dataset: 1)[0] > 0.8)
  }

  @Test func aModelReadFromItsTextScoresTheSame() throws {
    let booster = try train(threads: 2)
    let text = ModelText(trees: try booster.text(), categories: [["x", "y\"é\n"], []])
    let parsed = try ModelText(parsing: text.text)
    #expect(parsed == text)
    let read = try Booster(text: parsed.trees, library: library)
    #expect(try scores(of: read) == scores(of: booster, threads: 2))
    #expect(try read.featureNames() == ["a", "b", "c"])
    #expect(try read.importance(.gain).allSatisfy { $0 > 0 })
  }

  @Test func aSubsetTrainsOnItsRowsOnly() throws {
    let parameters = Parameters(["objective": "regression", "verbosity": "-1", "min_data_in_leaf": "1", "num_threads": "1"])
    let sample = FeatureSample(columnCount: 1, capacity: 100)
    let values = (0..<100).map(Double.init)
    let dataset = try values.withUnsafeBufferPointer { buffer in
      for row in 0..<100 { sample.append(row: UnsafeBufferPointer(rebasing: buffer[row...row])) }
      let dataset = try Dataset.binned(by: sample, rowCount: 100, parameters: parameters, library: library)
      try dataset.push(rows: buffer)
      return dataset
    }
    try dataset.setLabels((0..<100).map { $0 < 50 ? 1 : 9 })
    let subset = try dataset.subset(rows: Array(0..<50), parameters: parameters)
    let booster = try Booster(training: subset, parameters: parameters)
    // All labels of the subset are equal, so there is nothing to split.
    #expect(try booster.update() == false)
  }

  @Test func errorsCarryLightGBMsOwnReason() throws {
    #expect(throws: LightGBMError.notAModel(reason: "its first line is not \"tree\"")) {
      try Booster(text: "nonsense", library: library)
    }
    let error = #expect(throws: LightGBMError.self) { try Booster(text: "tree\nversion=v4\n", library: library) }
    #expect(error?.description.hasPrefix("LightGBM failed while reading a model: ") == true)
    let missing = #expect(throws: LightGBMError.self) { try LightGBMLibrary(path: "/nowhere/lib_lightgbm.so") }
    #expect(missing?.description.contains("hint:   pip install lightgbm==4.7.0") == true)
    #expect(
      LightGBMError.cannotOpen(path: "/x", reason: "libgomp.so.1: cannot open").description.contains("apt-get install libgomp1"))
  }
}
