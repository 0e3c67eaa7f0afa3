// The files by which an attempt outlives those who started it.

import MartletFiles
import MartletRun

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// An attempt's own folder, `.martlet/attempts/{attempt}`. None of its files is synced: after a loss of power the processes that they
/// speak of are gone too.
public struct AttemptFolder: Hashable, Sendable {
  public let path: String

  public init(_ path: String) {
    self.path = path
  }

  /// How the attempt ended, or `nil` while it has not.
  public func exitRecord() throws -> ExitRecord? {
    try read(ExitRecord.self, "exit.json")
  }

  public func write(_ record: ExitRecord) throws {
    try DurableFile.replace("\(path)/exit.json", with: JSONLine.encode(record))
  }

  /// The process that was started, or `nil` if none was or its start has not been recorded yet.
  public func identity() throws -> ProcessIdentity? {
    try read(ProcessIdentity.self, "start.json")
  }

  public func write(_ identity: ProcessIdentity) throws {
    try DurableFile.replace("\(path)/start.json", with: JSONLine.encode(identity))
  }

  /// Who was told to start the attempt; written before they are told, so without it nobody was.
  public func origin() throws -> AttemptOrigin? {
    try read(AttemptOrigin.self, "supervisor")
  }

  public func write(supervisor: String) throws {
    guard let stamp = try FileStamp.of(path) else { throw SystemError("look at", path, code: ENOENT) }
    let origin = AttemptOrigin(
      supervisor: supervisor, device: stamp.device, inode: stamp.inode, bootID: ProcessTable.bootID)
    try DurableFile.replace("\(path)/supervisor", with: JSONLine.encode(origin))
  }

  /// A file that does not read was torn by a loss of power, and is as good as none.
  private func read<Value: Decodable>(_ type: Value.Type, _ name: String) throws -> Value? {
    guard let bytes = try FileContent.read("\(path)/\(name)") else { return nil }
    do {
      return try JSONLine.decode(type, from: bytes)
    } catch is DecodingError {
      return nil
    }
  }

  /// Whether this folder is the one that `origin` was written in, and not a copy of it: then the processes are another workspace's.
  public func isOriginal(_ origin: AttemptOrigin) throws -> Bool {
    guard let stamp = try FileStamp.of(path) else { return false }
    return stamp.device == origin.device && stamp.inode == origin.inode
  }
}

/// The supervisor of an attempt, and the identity of the folder and of the machine's start in which it was told to start it.
public struct AttemptOrigin: Hashable, Sendable, Codable {
  public let supervisor: String
  public let device: UInt64
  public let inode: UInt64
  public let bootID: String
}
