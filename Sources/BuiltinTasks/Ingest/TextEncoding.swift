/// How the characters of a text file are written as bytes, and how they are written anew as UTF-8.

/// The encodings that a table may declare. DuckDB knows some of them, but refuses whole files for a byte; a copy costs a row at most.
enum TextEncoding: String, CaseIterable {
  case utf8 = "utf-8"
  /// ISO 8859-1: each byte is the character of its number.
  case latin1 = "latin-1"
  /// What Windows calls Western European: as Latin-1, with other characters in place of control characters.
  case windows1252 = "windows-1252"
  /// In the order of bytes that the byte order mark tells, the smaller byte first without one.
  case utf16 = "utf-16"

  /// A byte that no UTF-8 has: it marks what cannot be read, so that its row is rejected.
  private static let unreadable: UInt8 = 0xFF

  /// What stands for no character: half of a surrogate pair.
  private static let none: UInt32 = 0xD800

  /// Windows-1252 from 0x80 to 0x9F.
  private static let windows1252Block: [UInt32] = [
    0x20AC, none, 0x201A, 0x0192, 0x201E, 0x2026, 0x2020, 0x2021, 0x02C6, 0x2030, 0x0160, 0x2039, 0x0152, none, 0x017D, none,
    none, 0x2018, 0x2019, 0x201C, 0x201D, 0x2022, 0x2013, 0x2014, 0x02DC, 0x2122, 0x0161, 0x203A, 0x0153, none, 0x017E, 0x0178,
  ]

  /// Writes a file's text to `copy` as UTF-8, line by line the same.
  func write(_ bytes: UnsafeRawBufferPointer, to copy: ScratchFile) throws {
    switch self {
    case .utf8: try copy.append(bytes)
    case .latin1: for byte in bytes { try Self.append(UInt32(byte), to: copy) }
    case .windows1252:
      for byte in bytes {
        try Self.append((0x80..<0xA0).contains(byte) ? Self.windows1252Block[Int(byte) - 0x80] : UInt32(byte), to: copy)
      }
    case .utf16: try Self.writeUTF16(bytes, to: copy)
    }
  }

  private static func append(_ number: UInt32, to copy: ScratchFile) throws {
    guard let scalar = Unicode.Scalar(number) else { return try copy.append(unreadable) }
    if scalar.isASCII { return try copy.append(UInt8(number)) }
    try copy.append(UTF8.encode(scalar)!)
  }

  private static func writeUTF16(_ bytes: UnsafeRawBufferPointer, to copy: ScratchFile) throws {
    let isBigEndian = bytes.starts(with: [0xFE, 0xFF])
    func unit(_ index: Int) -> UInt32 {
      let (first, second) = (UInt32(bytes[index]), UInt32(bytes[index + 1]))
      return isBigEndian ? first << 8 | second : second << 8 | first
    }
    var index = isBigEndian || bytes.starts(with: [0xFF, 0xFE]) ? 2 : 0
    while index + 1 < bytes.count {
      let high = unit(index)
      index += 2
      if (0xD800..<0xDC00).contains(high), index + 1 < bytes.count, (0xDC00..<0xE000).contains(unit(index)) {
        try append(0x10000 + (high - 0xD800) << 10 + (unit(index) - 0xDC00), to: copy)
        index += 2
      } else {
        try append(high, to: copy)
      }
    }
    if index < bytes.count { try copy.append(unreadable) }
  }
}
