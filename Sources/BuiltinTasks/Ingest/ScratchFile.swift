/// A file in the attempt's scratch folder that goes with its last reference.

import DuckDB
import MartletModel

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// Written in pieces, then closed by `finish` and read by its path.
final class ScratchFile {
  let path: String
  private var descriptor: Int32
  private var buffer: [UInt8] = []
  private static let bufferSize = 1 << 20

  /// Makes an empty file, where DuckDB spills or else where the system keeps such files.
  init(_ connection: Connection) throws {
    let setting = try connection.value("SELECT current_setting('temp_directory')").string ?? ""
    let folder = setting.isEmpty ? "/tmp" : setting
    try TaskFile.makeFolder(folder)
    var template = Array("\(folder)/martlet-XXXXXX".utf8CString)
    descriptor = mkstemp(&template)
    path = template.withUnsafeBufferPointer { String(cString: $0.baseAddress!) }
    guard descriptor >= 0 else { throw TaskFile.failure("make a file in", folder) }
    buffer.reserveCapacity(Self.bufferSize)
  }

  deinit {
    if descriptor >= 0 { close(descriptor) }
    // What is left of it goes with the attempt's scratch folder.
    unlink(path)
  }

  func append(_ bytes: some Collection<UInt8>) throws {
    buffer.append(contentsOf: bytes)
    if buffer.count >= Self.bufferSize { try flush() }
  }

  func append(_ byte: UInt8) throws {
    buffer.append(byte)
    if buffer.count >= Self.bufferSize { try flush() }
  }

  /// Writes what is left and closes the file.
  func finish() throws {
    try flush()
    guard close(descriptor) == 0 else {
      descriptor = -1
      throw TaskFile.failure("write", path)
    }
    descriptor = -1
    buffer = []
  }

  private func flush() throws {
    var written = 0
    while written < buffer.count {
      let count = buffer.withUnsafeBytes { write(descriptor, $0.baseAddress! + written, buffer.count - written) }
      if count < 0, errno == EINTR { continue }
      guard count >= 0 else { throw TaskFile.failure("write", path) }
      written += count
    }
    buffer.removeAll(keepingCapacity: true)
  }
}
