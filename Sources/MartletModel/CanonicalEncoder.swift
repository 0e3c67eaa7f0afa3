/// Writes tagged, length-prefixed bytes, so that two different sequences of fields never give the same bytes.
public struct CanonicalEncoder {
  public private(set) var bytes: [UInt8] = []

  /// - Parameter domain: says what is encoded and in which version of the format; the first field.
  public init(domain: String) {
    append(tag: 0, Array(domain.utf8))
  }

  /// One byte of tag, eight bytes of length (big-endian), the text's UTF-8.
  public mutating func append(tag: UInt8, _ text: String) {
    append(tag: tag, Array(text.utf8))
  }

  public mutating func append(tag: UInt8, _ content: [UInt8]) {
    bytes.append(tag)
    let count = UInt64(content.count)
    for shift in stride(from: 56, through: 0, by: -8) { bytes.append(UInt8(truncatingIfNeeded: count >> UInt64(shift))) }
    bytes.append(contentsOf: content)
  }

  public var digest: Digest { Digest(of: bytes) }
}
