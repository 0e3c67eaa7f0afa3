/// The beginning of a CSV file, read only to guess what its columns are. Reading it for real is ingest's work.

import MartletFiles

struct CSVSample {
  let delimiter: Character
  let header: [String]
  /// Rows with as many fields as the header.
  let rows: [[String]]
  /// Whether the sample is the whole file.
  let isWhole: Bool

  /// How much of a file is looked at.
  private static let limitBytes = 4 << 20

  /// - Throws: `UserError` if there is no such file, or it is no CSV with a header and a row.
  init(path: String) throws {
    guard let bytes = try FileContent.read(path, limit: CSVSample.limitBytes) else { throw UserError("there is no file \(path)") }
    guard !bytes.starts(with: [0x1f, 0x8b]), !bytes.starts(with: [0x28, 0xb5, 0x2f, 0xfd]) else {
      throw UserError("\(path) is compressed", hint: "unpack it for `init`; ingest itself reads .gz and .zst")
    }
    isWhole = bytes.count < CSVSample.limitBytes
    let text = bytes.starts(with: [0xef, 0xbb, 0xbf]) ? bytes[3...] : bytes[...]
    delimiter = CSVSample.delimiter(ofLine: text.prefix { $0 != 0x0a })
    var records = CSVSample.records(text, delimiter: delimiter.asciiValue!)
    // The sample may end in the middle of a row.
    if !isWhole { records.removeLast() }
    guard let first = records.first, records.count > 1, first.contains(where: { !$0.isEmpty }) else {
      throw UserError("\(path) holds no table", hint: "a CSV file has a line with the columns' names and rows below it")
    }
    header = first
    rows = records.dropFirst().filter { $0.count == first.count }
    let named = Set(header)
    guard named.count == header.count, !named.contains("") else {
      throw UserError(
        "\(path) has columns without a name or with the same name", facts: [("names", header.joined(separator: " "))])
    }
    guard !rows.isEmpty else {
      throw UserError(
        "\(path) has no row with \(NumberText.counted(header.count, "field"))", hint: "is the delimiter one of , ; | or a tab?")
    }
  }

  /// The likeliest of the usual delimiters: the one that the header has most of.
  private static func delimiter(ofLine line: ArraySlice<UInt8>) -> Character {
    let candidates: [Character] = [",", ";", "\t", "|"]
    return candidates.max { left, right in
      let counts = [left, right].map { candidate in line.count { $0 == candidate.asciiValue! } }
      // Of equals, `max` takes the last; the order above is that of likelihood.
      return counts[0] < counts[1]
    }!
  }

  /// RFC 4180: fields in double quotes may hold delimiters, line ends and doubled quotes. Empty lines are passed over.
  private static func records(_ bytes: ArraySlice<UInt8>, delimiter: UInt8) -> [[String]] {
    var records: [[String]] = []
    var fields: [String] = []
    var field: [UInt8] = []
    var isQuoted = false
    var wasQuote = false
    func endField() {
      fields.append(String(decoding: field, as: UTF8.self))
      field.removeAll(keepingCapacity: true)
    }
    func endRecord() {
      if field.last == 0x0d { field.removeLast() }
      if !fields.isEmpty || !field.isEmpty {
        endField()
        records.append(fields)
        fields.removeAll()
      }
    }
    for byte in bytes {
      if isQuoted {
        if byte == 0x22 { isQuoted = false; wasQuote = true } else { field.append(byte) }
        continue
      }
      if byte == 0x22 && (field.isEmpty || wasQuote) {
        if wasQuote { field.append(byte) }
        isQuoted = true
      } else if byte == delimiter {
        endField()
      } else if byte == 0x0a {
        endRecord()
      } else {
        field.append(byte)
      }
      wasQuote = false
    }
    endRecord()
    return records
  }
}
