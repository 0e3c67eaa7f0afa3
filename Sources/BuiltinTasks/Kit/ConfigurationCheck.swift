/// What `martlet-tasks check` says: what is wrong with the files in which people declare what built-in tasks do.

import Foundation
import MartletFiles
import MartletModel

public enum ConfigurationCheck {
  /// One task as standard input describes it. Paths are relative to the working directory.
  private struct Request: Decodable {
    let task: String
    let uses: String
    let inputs: [String: TaskSpecification.Input]
  }

  /// - Parameter json: a list of requests.
  /// - Returns: a JSON list with one `ConfigurationFinding` for each task that has mistakes.
  /// - Throws: `TaskFailure` if this is no such list.
  public static func answer(json: [UInt8], libraries: NativeLibrarySearch) throws -> String {
    let requests: [Request]
    do {
      requests = try JSONDecoder().decode([Request].self, from: Data(json))
    } catch {
      throw TaskFailure(.config, "standard input is no list of tasks to check: \(error)")
    }
    let findings = try requests.compactMap { try finding($0, libraries) }
    return String(decoding: try JSONEncoder().encode(findings), as: UTF8.self) + "\n"
  }

  private static func finding(_ request: Request, _ libraries: NativeLibrarySearch) throws -> ConfigurationFinding? {
    let task = try BuiltinRegistry.task(request.uses)
    guard request.inputs[task.configuration] != nil else { return nil }
    do {
      try task.check(TaskSpecification.Item(partition: nil, inputs: request.inputs, outputs: [:]), libraries)
      return nil
    } catch let diagnostics as Diagnostics {
      return ConfigurationFinding(task: request.task, input: task.configuration, diagnostics: diagnostics.entries)
    } catch {
      return ConfigurationFinding(task: request.task, input: task.configuration, message: TaskFailure(error).message)
    }
  }
}
