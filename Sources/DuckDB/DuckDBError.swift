// An error of DuckDB's as a value.

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// What DuckDB said when it refused: an error as a value, with its own message.
public struct DuckDBError: Error, Sendable, CustomStringConvertible {
  /// DuckDB's message, several lines where it points at the SQL.
  public let message: String

  public init(_ message: String) {
    self.message = message
  }

  public var description: String { message }

  /// The first line, without DuckDB's name of the error's kind.
  public var summary: String {
    let line = message.prefix { $0 != "\n" }
    guard let range = line.firstRange(of: " Error: ") else { return String(line) }
    return String(line[range.upperBound...])
  }

  /// Whether the disk or the file system was at fault, so that another try may help.
  public var isInputOutput: Bool { message.hasPrefix("IO Error") }

  /// Whether it ends in what the system says of trouble with disk, network or load, where another try may help. DuckDB calls a file whose
  /// bytes make no sense an error of input and output, too.
  public var isOfTheSystem: Bool {
    let codes = [EIO, ENOSPC, EDQUOT, EROFS, EMFILE, ENFILE, ESTALE, ETIMEDOUT]
    return codes.contains { message.contains(": \(String(cString: strerror($0)))") }
  }

  /// Whether the memory limit was reached and nothing more could be spilled to disk.
  public var isOutOfMemory: Bool { message.hasPrefix("Out of Memory Error") }
}
