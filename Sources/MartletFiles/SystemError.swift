// What the operating system refused, as a sentence for people.

import MartletModel

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// A call to the system that failed: what was tried, on which path, and the system's error number.
public struct SystemError: Error, Hashable, Sendable, CustomStringConvertible {
  /// A verb phrase: `read`, `rename`.
  public let operation: String
  public let path: String
  public let code: Int32

  /// - Parameter code: the system's error number; that of the call just made unless told otherwise.
  public init(_ operation: String, _ path: String, code: Int32 = errno) {
    self.operation = operation
    self.path = path
    self.code = code
  }

  public var description: String {
    "could not \(operation) \(path): \(String(cString: strerror(code))) (error \(code))"
  }

  /// Whether the permissions of a file or a folder refused it.
  var isForbidden: Bool { code == EACCES }

  /// `io` where the same call may succeed later without anybody changing anything: trouble of disk, network or load. What is forbidden,
  /// not there or of another kind stays so: `config`.
  public var failureClass: FailureClass {
    let passing = [
      EIO, ENOSPC, EDQUOT, EROFS, EMFILE, ENFILE, ENOMEM, EAGAIN, EBUSY, ESTALE, ETIMEDOUT, EINTR, EHOSTDOWN, ENETDOWN,
    ]
    return passing.contains(code) ? .io : .config
  }

  /// The class of any error that got in the way of files: of what the system did not number, `io`.
  static func failureClass(of error: any Error) -> FailureClass { (error as? SystemError)?.failureClass ?? .io }
}

/// Something other than a regular file or a folder stands where one was expected.
public struct UnfitFileError: Error, Hashable, Sendable, CustomStringConvertible {
  public let path: String
  public let found: FileKind
  public let expected: FileKind

  public init(path: String, found: FileKind, expected: FileKind) {
    self.path = path
    self.found = found
    self.expected = expected
  }

  public var description: String { "\(path) is \(found.phrase), expected \(expected.phrase)" }
}

/// Calls again as long as a signal got in the way, and throws anything else that went wrong.
@discardableResult
func check<Result: SignedInteger>(_ operation: String, _ path: String, _ call: () -> Result) throws -> Result {
  while true {
    let result = call()
    if result >= 0 { return result }
    let code = errno
    if code != EINTR { throw SystemError(operation, path, code: code) }
  }
}
