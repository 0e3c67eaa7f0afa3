/// How outputs, ingredients, moves and figures become the bytes of a column. Each begins with the version of its form.

import MartletModel
import MartletRun

private let formatVersion: UInt8 = 1

/// A value with a compact form.
protocol ByteCodable {
  func write(to writer: inout ByteWriter)
  init(from reader: inout ByteReader) throws
}

extension ByteCodable {
  /// The column's bytes for a list.
  static func encode(_ values: [Self]) -> [UInt8] {
    var writer = ByteWriter()
    writer.append(byte: formatVersion)
    writer.append(values.count)
    for value in values { value.write(to: &writer) }
    return writer.bytes
  }

  /// The list that a column's bytes stand for.
  static func decode(_ buffer: UnsafeRawBufferPointer) throws -> [Self] {
    var reader = ByteReader(buffer)
    let version = try reader.byte()
    guard version == formatVersion else { throw ByteReaderError(detail: "a list in form \(version)") }
    let count = try reader.count()
    var values: [Self] = []
    values.reserveCapacity(count)
    for _ in 0..<count { values.append(try Self(from: &reader)) }
    guard reader.isAtEnd else { throw ByteReaderError(detail: "bytes behind the end of a list") }
    return values
  }
}

extension Digest: ByteCodable {
  func write(to writer: inout ByteWriter) {
    writer.append(fixed: bytes)
  }

  init(from reader: inout ByteReader) throws {
    guard let digest = Digest(bytes: try reader.fixed(32)) else { throw ByteReaderError(detail: "a digest cut short") }
    self = digest
  }
}

extension RecordedOutput: ByteCodable {
  func write(to writer: inout ByteWriter) {
    writer.append(name)
    writer.append(path.string)
    digest.write(to: &writer)
    writer.append(bytes)
  }

  init(from reader: inout ByteReader) throws {
    self.init(
      name: try reader.text(), path: ArtifactPath(try reader.text()), digest: try Digest(from: &reader),
      bytes: try reader.integer())
  }
}

extension Ingredient: ByteCodable {
  func write(to writer: inout ByteWriter) {
    writer.append(kind.rawValue)
    writer.append(name)
    writer.append(value)
  }

  init(from reader: inout ByteReader) throws {
    let word = try reader.text()
    guard let kind = Kind(rawValue: word) else { throw ByteReaderError(detail: "an ingredient of kind \(word)") }
    self.init(kind, try reader.text(), try reader.text())
  }
}

extension PublishIntent.Move: ByteCodable {
  func write(to writer: inout ByteWriter) {
    writer.append(staged.string)
    writer.append(target.string)
    digest.write(to: &writer)
    writer.append(byte: previous == nil ? 0 : 1)
    previous?.write(to: &writer)
  }

  init(from reader: inout ByteReader) throws {
    self.init(
      staged: ArtifactPath(try reader.text()), target: ArtifactPath(try reader.text()), digest: try Digest(from: &reader),
      previous: try reader.byte() == 0 ? nil : try Digest(from: &reader))
  }
}

extension ConfigurationValue: ByteCodable {
  func write(to writer: inout ByteWriter) {
    switch self {
    case .null:
      writer.append(byte: 0)
    case .boolean(let value):
      writer.append(byte: value ? 2 : 1)
    case .integer(let value):
      writer.append(byte: 3)
      writer.append(value)
    case .number(let value):
      writer.append(byte: 4)
      writer.append(Int(bitPattern: UInt(value.bitPattern)))
    case .text(let value):
      writer.append(byte: 5)
      writer.append(value)
    case .list(let values):
      writer.append(byte: 6)
      writer.append(values.count)
      for value in values { value.write(to: &writer) }
    case .map(let entries):
      writer.append(byte: 7)
      writer.append(entries.count)
      for key in entries.keys.sorted() {
        writer.append(key)
        entries[key]!.write(to: &writer)
      }
    }
  }

  init(from reader: inout ByteReader) throws {
    let tag = try reader.byte()
    switch tag {
    case 0: self = .null
    case 1: self = .boolean(false)
    case 2: self = .boolean(true)
    case 3: self = .integer(try reader.integer())
    case 4: self = .number(Double(bitPattern: UInt64(UInt(bitPattern: try reader.integer()))))
    case 5: self = .text(try reader.text())
    case 6:
      var values: [ConfigurationValue] = []
      for _ in 0..<(try reader.count()) { values.append(try ConfigurationValue(from: &reader)) }
      self = .list(values)
    case 7:
      var entries: [String: ConfigurationValue] = [:]
      for _ in 0..<(try reader.count()) {
        let key = try reader.text()
        entries[key] = try ConfigurationValue(from: &reader)
      }
      self = .map(entries)
    default: throw ByteReaderError(detail: "a value with tag \(tag)")
    }
  }
}
