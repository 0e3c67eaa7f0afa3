/// What a file is by its first bytes, whatever its name says.

/// The kinds of files that are met under names of others.
enum FileSignature: CaseIterable {
  case gzip
  case zstandard
  case parquet
  case zip
  case bzip2
  case xz
  case sqlite
  case pdf
  case compound
  case avro
  case orc
  case arrow
  case hdf5
  case utf16LittleEndian
  case utf16BigEndian

  /// How many bytes tell.
  static let length = 16

  /// The kind of a file that begins with these bytes; `nil` for a text, and for what is not known.
  init?(_ bytes: [UInt8]) {
    guard let signature = Self.allCases.first(where: { bytes.starts(with: $0.bytes) }) else { return nil }
    self = signature
  }

  private var bytes: [UInt8] {
    switch self {
    case .gzip: [0x1F, 0x8B]
    case .zstandard: [0x28, 0xB5, 0x2F, 0xFD]
    case .parquet: Array("PAR1".utf8)
    case .zip: Array("PK".utf8) + [3, 4]
    case .bzip2: Array("BZh".utf8)
    case .xz: [0xFD] + Array("7zXZ".utf8) + [0]
    case .sqlite: Array("SQLite format 3".utf8) + [0]
    case .pdf: Array("%PDF-".utf8)
    case .compound: [0xD0, 0xCF, 0x11, 0xE0, 0xA1, 0xB1, 0x1A, 0xE1]
    case .avro: Array("Obj".utf8) + [1]
    case .orc: Array("ORC".utf8) + [0x0A]
    case .arrow: Array("ARROW1".utf8)
    case .hdf5: [0x89] + Array("HDF\r\n".utf8)
    case .utf16LittleEndian: [0xFF, 0xFE]
    case .utf16BigEndian: [0xFE, 0xFF]
    }
  }

  /// What is wrong with a file of a table, and what to do; `nil` where it is, or may be, what its name says.
  ///
  /// - Parameters:
  ///   - path: its name.
  ///   - format: what it should be.
  ///   - encoding: how its characters should be written.
  ///   - bytes: its first bytes.
  static func complaint(_ path: String, _ format: FileFormat, _ encoding: TextEncoding, _ bytes: [UInt8]) -> String? {
    let signature = FileSignature(bytes)
    let lower = path.lowercased()
    for (suffix, kind) in [(".gz", FileSignature.gzip), (".zst", .zstandard)] where lower.hasSuffix(suffix) {
      guard signature != kind else { return nil }
      let plain = String(path.dropLast(suffix.count))
      guard let signature else {
        return "\(path) is not packed with \(kind.program): if it is plain text, name it \(name(plain))"
      }
      return "\(path) is not packed with \(kind.program): it \(signature.phrase)\(signature.advice(plain))"
    }
    guard let signature, !(format == .parquet && signature == .parquet), !(encoding == .utf16 && signature.isUTF16) else {
      return nil
    }
    return "\(path) \(signature.phrase)\(signature.advice(path))"
  }

  private var isUTF16: Bool { self == .utf16LittleEndian || self == .utf16BigEndian }

  private var program: String { self == .gzip ? "gzip" : "zstd" }

  private var phrase: String {
    switch self {
    case .gzip, .zstandard: "is packed with \(program)"
    case .parquet: "is Parquet"
    case .zip: "is a ZIP archive or an Excel workbook"
    case .bzip2: "is packed with bzip2"
    case .xz: "is packed with xz"
    case .sqlite: "is an SQLite database"
    case .pdf: "is a PDF"
    case .compound: "is an old Excel workbook"
    case .avro: "is Avro"
    case .orc: "is ORC"
    case .arrow: "is an Arrow or Feather file"
    case .hdf5: "is HDF5"
    case .utf16LittleEndian, .utf16BigEndian: "is UTF-16"
    }
  }

  private func advice(_ path: String) -> String {
    switch self {
    case .gzip: ": name it \(Self.name(path)).gz"
    case .zstandard: ": name it \(Self.name(path)).zst"
    case .parquet:
      ": name it \(Self.name(path).split(separator: ".").first ?? "").parquet, and let `format` be parquet where the schema says it"
    case .zip, .bzip2, .xz: ": unpack it, or save it as CSV"
    case .utf16LittleEndian, .utf16BigEndian: ": say `encoding: utf-16` for its table in the schema"
    default: ": export it as CSV, JSON lines or Parquet"
    }
  }

  private static func name(_ path: String) -> Substring { path.split(separator: "/").last ?? "" }
}
