/// The life of a task process: read the specification, do the task, record failures, choose the exit status.

import MartletFiles
import MartletModel

/// Runs the built-in that the environment describes.
public enum TaskProcess {
  /// - Parameters:
  ///   - environment: `MARTLET_SPEC`, `MARTLET_RESULT`, `MARTLET_EVENTS` and what the library search reads.
  ///   - executableFolder: the folder of this program.
  ///   - endsProcess: whether the process ends with the task, so that nothing need be closed for its own sake.
  ///   - complain: where a line for the attempt's log goes.
  /// - Returns: the exit status: 0, 75 `io`, 78 `config`, 65 `data`, else 1.
  public static func run(
    environment: [String: String], executableFolder: String?, endsProcess: Bool = false, complain: @escaping (String) -> Void
  ) -> Int32 {
    let results = ResultWriter(path: environment["MARTLET_RESULT"])
    do {
      guard let path = environment["MARTLET_SPEC"] else {
        throw TaskFailure(.config, "MARTLET_SPEC is not set: martlet-tasks is started by martlet, see docs/process-contract.md")
      }
      let specification = try TaskSpecification.read(path)
      let context = TaskContext(
        specification, results: results, progress: ProgressReporter(path: environment["MARTLET_EVENTS"]),
        libraries: NativeLibrarySearch(environment: environment, executableFolder: executableFolder),
        leavesDatabasesOpen: endsProcess, log: complain)
      return try run(context)
    } catch {
      let failure = TaskFailure(error)
      complain(failure.message)
      record(failure, in: results, complain)
      return failure.exitStatus
    }
  }

  /// Runs the built-in of a context.
  static func run(_ context: TaskContext) throws -> Int32 {
    do {
      try BuiltinRegistry.task(context.specification.uses).run(context)
      return context.firstFailure?.exitStatus ?? 0
    } catch {
      let failure = TaskFailure(error)
      for item in context.unrecorded { try context.failed(item, failure) }
      return failure.exitStatus
    }
  }

  private static func record(_ failure: TaskFailure, in results: ResultWriter, _ complain: (String) -> Void) {
    do {
      try results.failed(nil, failure)
    } catch {
      complain(TaskFailure(error).message)
    }
  }
}
