/// Tells this program from every other one, for what only ever holds for the program that wrote it.

import MartletFiles
import MartletModel

extension Host {
  /// - Returns: `nil` where the program's file is gone.
  func programIdentity() throws -> Digest? {
    guard let stamp = try FileStamp.of(executable) else { return nil }
    var encoder = CanonicalEncoder(domain: "martlet.program/1")
    for text in [martletVersion, executable] { encoder.append(tag: 1, text) }
    for number in [stamp.inode, UInt64(stamp.size), UInt64(stamp.modifiedNanoseconds), UInt64(stamp.changedNanoseconds)] {
      encoder.append(tag: 2, "\(number)")
    }
    return encoder.digest
  }
}
