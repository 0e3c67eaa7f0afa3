// What digesting a file or folder gives.

import MartletModel

/// What a file or folder holds, as far as a fingerprint cares.
public struct ContentDigest: Hashable, Sendable {
  public let digest: Digest
  /// The size of the file, or of all files of the folder together.
  public let byteCount: Int64
  /// The file's stamp; `nil` for a folder and for a file that changed while it was read.
  public let stamp: FileStamp?

  public init(digest: Digest, byteCount: Int64, stamp: FileStamp?) {
    self.digest = digest
    self.byteCount = byteCount
    self.stamp = stamp
  }
}
