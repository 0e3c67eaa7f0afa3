// Which of the system's errors may pass, and which stay until somebody changes something.

import MartletFiles
import Testing

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

@Suite struct SystemErrorTests {
  @Test(arguments: [EIO, ENOSPC, ESTALE, ETIMEDOUT, EMFILE])
  func troubleOfDiskNetworkOrLoadPasses(code: Int32) {
    #expect(SystemError("read", "x", code: code).failureClass == .io)
  }

  @Test(arguments: [EACCES, EPERM, ENOTDIR, EISDIR, ENAMETOOLONG])
  func whatIsForbiddenOrOfAnotherKindStays(code: Int32) {
    #expect(SystemError("read", "x", code: code).failureClass == .config)
  }
}
