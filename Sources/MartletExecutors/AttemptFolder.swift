// The file by which an attempt outlives those who started it.

import MartletFiles
import MartletRun

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// An attempt's own folder, `.martlet/attempts/{attempt}`. One file in it, `process.jsonl`, grows by a line with each thing that happens to
/// the attempt's process. It is not synced: after a loss of power the processes that it speaks of are gone too.
public struct AttemptFolder: Hashable, Sendable {
  public let path: String

  public init(_ path: String) {
    self.path = path
  }

  private var linesPath: String { "\(path)/process.jsonl" }

  /// Who was told to start the attempt; written before they are told, so without it nobody was.
  public func origin() throws -> AttemptOrigin? {
    // Here and below: a torn line is as good as none.
    try last("toldTo").flatMap { try? AttemptOrigin(line: $0) }
  }

  public func write(supervisor: String) throws {
    guard let stamp = try FileStamp.of(path) else { throw SystemError("look at", path, code: ENOENT) }
    let origin = AttemptOrigin(
      supervisor: supervisor, device: stamp.device, inode: stamp.inode, bootID: ProcessTable.bootID)
    try DurableFile.add(origin.line, to: linesPath)
  }

  /// Adds what a supervisor tells of the attempt, as the line that it sends.
  public func add(_ line: [UInt8]) throws {
    try DurableFile.add(line, to: linesPath)
  }

  /// The process that was started, or `nil` if none was or its start has not been recorded yet.
  public func identity() throws -> ProcessIdentity? {
    guard let line = try last("started"), case .started(let running)? = try? SupervisorMessage(line: line) else { return nil }
    return running.identity
  }

  /// How the attempt ended, or `nil` while it has not.
  public func exitRecord() throws -> ExitRecord? {
    guard let line = try last("exited"), case .exited(let record)? = try? SupervisorMessage(line: line) else { return nil }
    return record
  }

  /// The newest line of a kind. Each is an object with one key, its kind. One that does not read was torn by a loss of power or a full disk,
  /// and is as good as none.
  private func last(_ kind: String) throws -> [UInt8]? {
    guard let bytes = try FileContent.read(linesPath) else { return nil }
    let start = Array("{\"\(kind)\":".utf8)
    return bytes.split(separator: UInt8(ascii: "\n")).last { $0.starts(with: start) }.map(Array.init)
  }

  /// Whether this folder is the one that `origin` was written in, and not a copy of it: then the processes are another workspace's.
  public func isOriginal(_ origin: AttemptOrigin) throws -> Bool {
    guard let stamp = try FileStamp.of(path) else { return false }
    return stamp.device == origin.device && stamp.inode == origin.inode
  }
}

/// The supervisor of an attempt, and the identity of the folder and of the machine's start in which it was told to start it.
public struct AttemptOrigin: Hashable, Sendable {
  public let supervisor: String
  public let device: UInt64
  public let inode: UInt64
  public let bootID: String
}
