/// The compact bytes in which the store keeps lists: read thousands of times a second while planning, hence neither JSON nor Codable.

/// Appends numbers and length-prefixed texts.
struct ByteWriter {
  private(set) var bytes: [UInt8] = []

  /// Seven bits a byte, the lowest first; the sign is moved to the lowest bit.
  mutating func append(_ value: Int) {
    var rest = UInt64(bitPattern: Int64(value << 1) ^ Int64(value >> 63))
    while rest >= 0x80 {
      bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
      rest >>= 7
    }
    bytes.append(UInt8(rest))
  }

  mutating func append(_ text: String) {
    append(text.utf8.count)
    bytes.append(contentsOf: text.utf8)
  }

  mutating func append(byte: UInt8) {
    bytes.append(byte)
  }

  /// Bytes whose number the reader knows.
  mutating func append(fixed content: [UInt8]) {
    bytes.append(contentsOf: content)
  }
}

/// Why stored bytes could not be read.
struct ByteReaderError: Error {
  let detail: String
}

/// Reads what `ByteWriter` wrote. Every length is checked against what is left: the file may be damaged.
struct ByteReader {
  private let buffer: UnsafeRawBufferPointer
  private var position = 0

  /// - Parameter buffer: must outlive the reader.
  init(_ buffer: UnsafeRawBufferPointer) {
    self.buffer = buffer
  }

  var isAtEnd: Bool { position == buffer.count }

  mutating func integer() throws -> Int {
    var value: UInt64 = 0
    var shift: UInt64 = 0
    while true {
      let next = try byte()
      guard shift < 64 else { throw ByteReaderError(detail: "a number of more than 64 bits") }
      value |= UInt64(next & 0x7f) << shift
      shift += 7
      if next & 0x80 == 0 { break }
    }
    return Int(Int64(bitPattern: value >> 1) ^ -Int64(bitPattern: value & 1))
  }

  mutating func count() throws -> Int {
    let count = try integer()
    guard (0...(buffer.count - position)).contains(count) else { throw ByteReaderError(detail: "a length beyond the end") }
    return count
  }

  mutating func text() throws -> String {
    String(decoding: try slice(count()), as: UTF8.self)
  }

  mutating func byte() throws -> UInt8 {
    guard position < buffer.count else { throw ByteReaderError(detail: "bytes end too early") }
    defer { position += 1 }
    return buffer[position]
  }

  mutating func fixed(_ count: Int) throws -> [UInt8] {
    Array(try slice(count))
  }

  private mutating func slice(_ count: Int) throws -> UnsafeRawBufferPointer {
    guard count <= buffer.count - position else { throw ByteReaderError(detail: "bytes end too early") }
    defer { position += count }
    return UnsafeRawBufferPointer(rebasing: buffer[position..<(position + count)])
  }
}
