/// Asks `martlet-tasks` which libraries and programs it finds: only that program loads them.

import Foundation
import MartletFiles

/// One line of what `martlet-tasks probe --json` says: a version and a path, or an error and a hint.
struct ProbedLibrary: Decodable {
  let name: String
  let version: String?
  let path: String?
  let error: String?
  let hint: String?
}

struct LibraryProbe {
  /// The path of `martlet-tasks`.
  let program: String
  let environment: [String: String]

  /// That `martlet-tasks` ran and did not answer.
  struct Refusal: Error {
    let status: Int32
    let said: String
  }

  /// - Throws: `HelperProgram.Failure` if the program cannot be run; `Refusal`.
  func libraries() throws -> [ProbedLibrary] {
    let output = try HelperProgram.run([program, "probe", "--json"], environment: environment)
    let refusal = Refusal(status: output.status, said: String(decoding: output.standardError, as: UTF8.self))
    guard output.status == 0 else { throw refusal }
    return try JSONDecoder().decode([ProbedLibrary].self, from: Data(output.standardOutput))
  }
}
