// What one `martlet run --json` did.

struct RunReport: CustomStringConvertible {
  /// A task, or one partition of it, that the run did not simply reuse.
  struct Entry {
    /// `train`, `ingest dt=2013-01-05`, `ingest gather`
    let name: String
    /// `succeeded`, `failed`, `blocked`, `waiting`, …
    let state: String
    let failureClass: String?
    let verdict: String?
    let message: String
    let reasons: [String]
    let attempt: String?
  }

  let ending: Ending
  let id: String
  let result: String
  /// How many tasks `ran`, were `reused`, `failed`, `blocked`, `waiting`.
  let counts: [String: Int]
  let entries: [Entry]

  var status: Int32 { ending.status }
  var description: String { "\(ending)" }

  init(_ ending: Ending) throws {
    guard let json = JSON(ending.out), let id = json["run"].text, let result = json["result"].text else {
      throw StoryFailure("the run gave no report: \(ending)")
    }
    self.ending = ending
    self.id = id
    self.result = result
    counts = Dictionary(
      uniqueKeysWithValues: ["ran", "reused", "failed", "blocked", "waiting"].map { ($0, json["counts"][$0].integer ?? -1) })
    entries = json["tasks"].list.map { task in
      let slice = task["gather"].isTrue ? "gather" : task["partition"].text
      return Entry(
        name: [task["task"].text ?? "", slice ?? ""].filter { !$0.isEmpty }.joined(separator: " "),
        state: task["state"].text ?? "", failureClass: task["class"].text, verdict: task["verdict"].text,
        message: task["message"].text ?? "", reasons: task["reasons"].list.compactMap(\.text), attempt: task["attempt"].text)
    }
  }

  /// The names of what ran and succeeded, sorted.
  var ran: [String] { names("succeeded") }

  /// The names in a state, sorted.
  func names(_ state: String) -> [String] { entries.filter { $0.state == state }.map(\.name).sorted() }

  func entry(_ name: String) throws -> Entry {
    guard let entry = entries.first(where: { $0.name == name }) else {
      throw StoryFailure("the run tells nothing of \(name): \(self)")
    }
    return entry
  }
}
