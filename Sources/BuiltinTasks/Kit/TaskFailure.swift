/// Why a built-in task failed, in the words that the engine decides by.

import DuckDB
import MartletModel

/// A failure with its class and one line for a person.
public struct TaskFailure: Error, Sendable, Equatable {
  public let failureClass: FailureClass
  public let message: String
  public let figures: [String: Figure]
  /// With class `unstable`: how many seeds have not been tried.
  public let seedsLeft: Int?
  /// The file that the system would not let us use; `nil` for every other failure.
  public let path: String?

  public init(
    _ failureClass: FailureClass, _ message: String, figures: [String: Figure] = [:], seedsLeft: Int? = nil, path: String? = nil
  ) {
    self.failureClass = failureClass
    self.message = message
    self.figures = figures
    self.seedsLeft = seedsLeft
    self.path = path
  }

  /// Any error as a failure.
  public init(_ error: any Error) {
    switch error {
    case let failure as TaskFailure: self = failure
    case let error as DuckDBError where error.isInputOutput: self.init(.io, error.message)
    case let error as DuckDBError where error.isOutOfMemory: self.init(.resource, error.message)
    case let error as DuckDBError: self.init(.code, error.message)
    case let diagnostics as Diagnostics: self.init(.config, diagnostics.entries.map(\.rendered).joined(separator: "\n"))
    case let diagnostic as Diagnostic: self.init(.config, diagnostic.rendered)
    default: self.init(.code, "\(error)")
    }
  }

  /// The exit status of a process that ends with this failure.
  public var exitStatus: Int32 {
    switch failureClass {
    case .io: 75
    case .config: 78
    case .data: 65
    default: 1
    }
  }
}
