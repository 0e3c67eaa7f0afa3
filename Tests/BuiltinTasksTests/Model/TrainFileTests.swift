// config/train.yaml as read: what it says, and every mistake with its place.

import MartletModel
import Testing

@testable import BuiltinTasks

/// What is said about mistakes in config/train.yaml.
@Suite struct TrainFileTests {
  private func messages(_ text: String) -> [String] {
    do {
      let file = try TrainFile(text: text, path: "config/train.yaml")
      _ = try (ThresholdDeclaration(file), DriftDeclaration(file))
      _ = try TrainingPlan(file, seedIndex: 0)
      return []
    } catch let diagnostics as Diagnostics {
      return diagnostics.entries.map { "\($0.location): \($0.message)\($0.help.map { " | \($0)" } ?? "")" }
    } catch {
      return ["\(error)"]
    }
  }

  @Test func theDocumentedExampleIsRight() throws {
    let page = String(decoding: try TaskFile.read("\(Python.root)/docs/configuration.md"), as: UTF8.self)
    let section = try #require(page.components(separatedBy: "## train.yaml").last)
    let example = try #require(
      section.components(separatedBy: "```yaml\n").dropFirst().first?.components(separatedBy: "```").first)
    #expect(messages(example) == [])
    #expect(messages(ModelWorkspace.configuration) == [])
  }

  @Test func everyMistakeIsToldAtOnceWithItsPlace() {
    let text = """
      learner: {objective: binary, metrik: auc, rounds: 0}
      parameters: {num_leaves: 31, num_threads: 4, learning_rate: {a: 1}}
      seeds: []
      split: {validation: {share: 0.6}, test: {share: 0.6}}
      thresholds:
        limits: {auk: {fail: 0.6}, log_loss: {warn: 0.7, fail: 0.6}}
      drift: {verdict: worn}
      """
    #expect(
      messages(text) == [
        "config/train.yaml:1:30: unknown key \"metrik\" in \"learner\" | did you mean \"metric\"?",
        "config/train.yaml:1:51: \"rounds\" is 0, but must be between 1 and 100000",
        "config/train.yaml:2:30: Martlet sets \"num_threads\" itself | see learner and seeds in docs/configuration.md",
        "config/train.yaml:2:61: \"learning_rate\" must be a number, a word, true, false or a list of them",
        "config/train.yaml:3:8: \"seeds\" must have at least one seed",
        "config/train.yaml:6:12: unknown key \"auk\" in \"limits\" | did you mean \"auc\"?",
        "config/train.yaml:6:40: \"log_loss\" fails before it warns | put fail above warn",
        "config/train.yaml:7:18: \"verdict\" can't be \"worn\" | did you mean \"warn\"?",
      ])
  }

  @Test func boundariesMustBeOfOneKindAndInOrder() {
    func split(_ text: String) -> [String] {
      messages("learner: {objective: binary, rounds: 5}\nseeds: [1]\nsplit: \(text)")
    }
    #expect(split("{validation: {share: 0.2}, test: {share: 0.2}}") == [])
    #expect(split("{validation: {from: 2013-10-01}, test: {from: 2013-11-01, until: 2013-12-01}}") == [])
    #expect(split("{validation: {share: 0.6}, test: {share: 0.6}}")[0].contains("leave no days to train on"))
    #expect(split("{validation: {share: 0.2}, test: {from: 2013-11-01}}")[0].contains("must both have a share"))
    #expect(split("{validation: {from: 2013-11-02}, test: {from: 2013-11-01}}")[0].contains("must follow each other"))
    #expect(split("{validation: {from: 2013-02-30}, test: {from: 2013-11-01}}")[0].contains("must be a day such as 2013-11-01"))
  }

  @Test func aKeyThatTheInputDoesNotNameIsRefused() {
    #expect(throws: TaskFailure.self) {
      try TrainFile(text: ModelWorkspace.configuration, path: "train.yaml", declaredKeys: ["learner"]).section("seeds")
    }
  }
}
