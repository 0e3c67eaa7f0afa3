/// Whether a zstd file is whole: DuckDB reads one that was cut off as if it ended there, without a word.

/// Walks frames and blocks as RFC 8878 lays them out (sections 3.1.1 and 3.1.2); contents are not looked at.
struct ZstandardFrames {
  private let bytes: UnsafeRawBufferPointer
  private var index = 0

  /// - Parameter bytes: of the whole file.
  init(_ bytes: UnsafeRawBufferPointer) {
    self.bytes = bytes
  }

  /// Whether the last frame ends where the file does.
  static func areWhole(in bytes: UnsafeRawBufferPointer) -> Bool {
    var frames = ZstandardFrames(bytes)
    while frames.index < bytes.count {
      guard frames.skipFrame() else { return false }
    }
    return true
  }

  private mutating func skipFrame() -> Bool {
    guard let magic = number(4) else { return false }
    if magic & 0xFFFF_FFF0 == 0x184D_2A50 {
      guard let size = number(4) else { return false }
      return skip(size)
    }
    guard magic == 0xFD2F_B528, let descriptor = number(1) else { return false }
    let isSingleSegment = descriptor & 0x20 != 0
    let dictionarySize = [0, 1, 2, 4][descriptor & 3]
    let contentSize = [isSingleSegment ? 1 : 0, 2, 4, 8][descriptor >> 6]
    guard skip((isSingleSegment ? 0 : 1) + dictionarySize + contentSize) else { return false }
    while let block = number(3) {
      let isRepeatedByte = block >> 1 & 3 == 1
      guard skip(isRepeatedByte ? 1 : block >> 3) else { return false }
      if block & 1 == 1 { return skip(descriptor & 4 != 0 ? 4 : 0) }
    }
    return false
  }

  /// The next little-endian number.
  private mutating func number(_ size: Int) -> Int? {
    guard index + size <= bytes.count else { return nil }
    defer { index += size }
    return (0..<size).reduce(0) { $0 | Int(bytes[index + $1]) << (8 * $1) }
  }

  private mutating func skip(_ count: Int) -> Bool {
    guard index + count <= bytes.count else { return false }
    index += count
    return true
  }
}
