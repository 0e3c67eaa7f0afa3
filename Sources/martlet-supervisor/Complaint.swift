// What a supervisor cannot tell anybody else goes to its log, which is its standard error.

import MartletFiles

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

func complain(_ text: String, to descriptor: Int32 = STDERR_FILENO) {
  let line = Array("martlet-supervisor: \(text)\n".utf8)
  _ = line.withUnsafeBytes { write(descriptor, $0.baseAddress, $0.count) }
}
