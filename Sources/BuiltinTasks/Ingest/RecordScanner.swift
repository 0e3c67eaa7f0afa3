/// Finds the records of a delimited text: where each begins and on which line, quotes respected.

/// Reads CSV's outer structure only. DuckDB reads the values; this tells a person where they stand.
struct RecordScanner {
  let delimiter: UInt8
  let quote: UInt8

  /// A record's place: byte offset, and line counted from 1.
  struct Place: Equatable {
    var offset: Int
    var line: Int
  }

  private static let lineFeed = UInt8(ascii: "\n")
  private static let carriageReturn = UInt8(ascii: "\r")

  /// The fields of the first record, unquoted.
  func fields(ofFirstRecord bytes: [UInt8]) -> [String] {
    var fields: [String] = []
    var field: [UInt8] = []
    var index = 0
    var quoted = false
    var atStart = true
    while index < bytes.count {
      let byte = bytes[index]
      if quoted {
        if byte == quote, index + 1 < bytes.count, bytes[index + 1] == quote {
          field.append(quote)
          index += 1
        } else if byte == quote {
          quoted = false
        } else {
          field.append(byte)
        }
      } else if byte == quote, atStart {
        quoted = true
        atStart = false
      } else if byte == Self.lineFeed || byte == Self.carriageReturn {
        break
      } else if byte == delimiter {
        fields.append(String(decoding: field, as: UTF8.self))
        field = []
        atStart = true
      } else {
        field.append(byte)
        atStart = false
      }
      index += 1
    }
    fields.append(String(decoding: field, as: UTF8.self))
    return fields
  }

  /// The places of all records after the header, blank lines left out unless `keepsBlankLines`.
  func places(in bytes: UnsafeRawBufferPointer, keepsBlankLines: Bool = false, _ visit: (Place) -> Void) {
    var index = bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? 3 : 0
    var line = 1
    var isHeader = true
    while index < bytes.count {
      let place = Place(offset: index, line: line)
      let isBlank = bytes[index] == Self.lineFeed || bytes[index] == Self.carriageReturn
      skipRecord(bytes, &index, &line)
      if isHeader {
        isHeader = isBlank
      } else if !isBlank || keepsBlankLines {
        visit(place)
      }
    }
  }

  /// Moves past a record and its line end.
  private func skipRecord(_ bytes: UnsafeRawBufferPointer, _ index: inout Int, _ line: inout Int) {
    var quoted = false
    var atStart = true
    while index < bytes.count {
      let byte = bytes[index]
      index += 1
      if quoted {
        if byte == quote {
          if index < bytes.count, bytes[index] == quote { index += 1 } else { quoted = false }
        } else if byte == Self.lineFeed {
          line += 1
        }
      } else if byte == quote, atStart {
        quoted = true
        atStart = false
      } else if byte == Self.lineFeed || byte == Self.carriageReturn {
        if byte == Self.carriageReturn, index < bytes.count, bytes[index] == Self.lineFeed { index += 1 }
        line += 1
        return
      } else {
        atStart = byte == delimiter
      }
    }
  }

  /// The line on which a byte offset stands, counted from 1; line ends at the offset itself are passed over, since DuckDB's offsets of
  /// a record may point at the line end before it.
  static func line(ofOffset offset: Int, in bytes: UnsafeRawBufferPointer) -> Place {
    var target = min(offset, bytes.count)
    while target < bytes.count, bytes[target] == lineFeed || bytes[target] == carriageReturn { target += 1 }
    var line = 1
    for index in 0..<target {
      let isLoneReturn = bytes[index] == carriageReturn && !(index + 1 < bytes.count && bytes[index + 1] == lineFeed)
      if bytes[index] == lineFeed || isLoneReturn { line += 1 }
    }
    return Place(offset: target, line: line)
  }
}
