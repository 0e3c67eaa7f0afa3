// Everything that decided a run which found nothing to do, as the system describes it: while all of it is the same, so is the answer.

import MartletModel

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// `.martlet/settled`, one file for all paths, so that looking again costs one call of the system for each and nothing else. It only ever
/// saves time: one that is missing, damaged or out of date is passed over.
public struct SettledFile: Sendable {
  /// A line that a person is shown of one task.
  public struct Line: Hashable, Sendable {
    public let word: String
    public let name: String
    public let text: String

    public init(word: String, name: String, text: String) {
      self.word = word
      self.name = name
      self.text = text
    }
  }

  /// What was at a path.
  public enum Finding: Hashable, Sendable {
    case nothing
    case file(FileStamp)
    /// With the stamps of everything in it.
    case folder(FileStamp)
    /// A folder's own stamp: the names in it are the same, whatever is in the files.
    case names(FileStamp)
  }

  public let pipeline: String
  /// How many tasks there are.
  public let taskCount: Int
  /// The width of the column of names.
  public let nameWidth: Int
  public let lines: [Line]
  /// Of the whole file.
  public let digest: Digest
  private let bytes: [UInt8]
  private let firstFinding: Int
  private let findingCount: Int

  private static let mark = Array("martlet.settled/1\n".utf8)

  // MARK: Writing

  /// - Parameters:
  ///   - key: of everything that decides and is no file of the workspace.
  ///   - findings: by paths relative to the workspace, without a slash at the end.
  /// - Returns: the digest of what was written; *written*, not synced.
  public static func write(
    to path: String, key: Digest, pipeline: String, taskCount: Int, nameWidth: Int, lines: [Line],
    findings: [(path: String, finding: Finding)]
  ) throws -> Digest {
    var bytes = mark + key.bytes
    append(pipeline, to: &bytes)
    for number in [taskCount, nameWidth, lines.count] { append(UInt64(number), to: &bytes) }
    for line in lines { for text in [line.word, line.name, line.text] { append(text, to: &bytes) } }
    append(UInt64(findings.count), to: &bytes)
    for (path, finding) in findings {
      switch finding {
      case .nothing: append(0, FileStamp(device: 0, inode: 0, size: 0, modifiedNanoseconds: 0, changedNanoseconds: 0), to: &bytes)
      case .file(let stamp): append(1, stamp, to: &bytes)
      case .folder(let stamp): append(2, stamp, to: &bytes)
      case .names(let stamp): append(3, stamp, to: &bytes)
      }
      append(path, to: &bytes)
      // The system takes paths that end with a zero, right where they lie.
      bytes.append(0)
    }
    try DurableFile.replace(path, with: bytes)
    return Digest(of: bytes)
  }

  private static func append(_ number: UInt64, to bytes: inout [UInt8]) {
    withUnsafeBytes(of: number.littleEndian) { bytes.append(contentsOf: $0) }
  }

  private static func append(_ text: String, to bytes: inout [UInt8]) {
    append(UInt64(text.utf8.count), to: &bytes)
    bytes.append(contentsOf: text.utf8)
  }

  private static func append(_ kind: UInt8, _ stamp: FileStamp, to bytes: inout [UInt8]) {
    bytes.append(kind)
    for number in [
      stamp.device, stamp.inode, UInt64(bitPattern: stamp.size), UInt64(bitPattern: stamp.modifiedNanoseconds),
      UInt64(bitPattern: stamp.changedNanoseconds),
    ] { append(number, to: &bytes) }
  }

  // MARK: Reading

  /// - Returns: `nil` for no file, and for one that was written for another key or does not read.
  public init?(path: String, key: Digest) throws {
    guard let bytes = try FileContent.read(path) else { return nil }
    var reader = Reader(position: Self.mark.count + key.bytes.count)
    guard bytes.count > reader.position, bytes.starts(with: Self.mark + key.bytes), let pipeline = reader.text(bytes),
      let taskCount = reader.number(bytes), let nameWidth = reader.number(bytes), let lineCount = reader.number(bytes),
      lineCount <= bytes.count
    else { return nil }
    var lines: [Line] = []
    for _ in 0..<lineCount {
      guard let word = reader.text(bytes), let name = reader.text(bytes), let text = reader.text(bytes) else { return nil }
      lines.append(Line(word: word, name: name, text: text))
    }
    guard let findingCount = reader.number(bytes) else { return nil }
    self.pipeline = pipeline
    self.taskCount = taskCount
    self.nameWidth = nameWidth
    self.lines = lines
    self.findingCount = findingCount
    firstFinding = reader.position
    self.bytes = bytes
    digest = Digest(hashing: bytes)
  }

  private struct Reader {
    var position: Int

    mutating func number(_ bytes: [UInt8]) -> Int? {
      guard bytes.count - position >= 8 else { return nil }
      let number = bytes.withUnsafeBytes { $0.loadUnaligned(fromByteOffset: position, as: UInt64.self) }
      position += 8
      return Int(exactly: UInt64(littleEndian: number))
    }

    mutating func text(_ bytes: [UInt8]) -> String? {
      guard let count = number(bytes), count <= bytes.count - position else { return nil }
      defer { position += count }
      return String(decoding: bytes[position..<(position + count)], as: UTF8.self)
    }
  }

  // MARK: Comparing

  /// One byte of kind, five numbers of a stamp.
  private static let stampBytes = 1 + 5 * 8
  private static let findingsInPart = 2048

  /// Whether everything below `root` is as it was. Looks on several threads.
  public func holds(below root: String) throws -> Bool {
    guard let parts = parts() else { return false }
    let folder = try OpenFile(root, O_RDONLY | O_DIRECTORY, operation: "look into")
    let descriptor = folder.descriptor
    let answers = parallelMap(parts) { part in
      try bytes.withUnsafeBytes { try Self.holds($0, from: part.start, count: part.count, root: root, descriptor) }
    }
    return try answers.allSatisfy { try $0.get() }
  }

  private struct Part: Sendable {
    let start: Int
    let count: Int
  }

  /// `nil` if the file does not read to its end.
  private func parts() -> [Part]? {
    bytes.withUnsafeBytes { buffer in
      var parts: [Part] = []
      var position = firstFinding
      var start = position
      var count = 0
      for _ in 0..<findingCount {
        guard buffer.count - position >= Self.stampBytes + 8 else { return nil }
        let length = UInt64(
          littleEndian: buffer.loadUnaligned(fromByteOffset: position + Self.stampBytes, as: UInt64.self))
        position += Self.stampBytes + 8
        guard length < buffer.count - position, buffer[position + Int(length)] == 0 else { return nil }
        position += Int(length) + 1
        count += 1
        if count == Self.findingsInPart {
          parts.append(Part(start: start, count: count))
          (start, count) = (position, 0)
        }
      }
      if count > 0 { parts.append(Part(start: start, count: count)) }
      return position == buffer.count ? parts : nil
    }
  }

  private static func holds(
    _ buffer: UnsafeRawBufferPointer, from start: Int, count: Int, root: String, _ folder: Int32
  ) throws -> Bool {
    func number(_ position: Int) -> UInt64 {
      UInt64(littleEndian: buffer.loadUnaligned(fromByteOffset: position, as: UInt64.self))
    }
    var position = start
    for _ in 0..<count {
      let kind = buffer[position]
      let stamp = FileStamp(
        device: number(position + 1), inode: number(position + 9), size: Int64(bitPattern: number(position + 17)),
        modifiedNanoseconds: Int64(bitPattern: number(position + 25)),
        changedNanoseconds: Int64(bitPattern: number(position + 33)))
      let length = Int(number(position + stampBytes))
      position += stampBytes + 8
      let path = buffer.baseAddress!.advanced(by: position).assumingMemoryBound(to: CChar.self)
      position += length + 1
      if kind == 2 {
        guard try FileStamp.ofEverything(in: "\(root)/\(String(cString: path))") == stamp else { return false }
        continue
      }
      var status = stat()
      if fstatat(folder, path, &status, 0) != 0 {
        // Whatever else keeps us from looking is for the long way to say.
        guard kind == 0, errno == ENOENT || errno == ENOTDIR else { return false }
      } else {
        guard kind != 0, FileStamp(status) == stamp else { return false }
      }
    }
    return true
  }
}
