// A folder that goes away with the test.

import MartletFiles

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

final class ScratchFolder {
  let path: String

  init() throws {
    var template = Array("/tmp/martlet-test-XXXXXX".utf8CString)
    guard let made = mkdtemp(&template) else { throw SystemError("make the folder", "/tmp/martlet-test-XXXXXX") }
    path = String(cString: made)
  }

  deinit {
    do {
      try FileTree.remove(path)
    } catch {
      print("left behind: \(error)")
    }
  }

  func file(_ name: String, _ content: String) throws -> String {
    let path = "\(path)/\(name)"
    try FileTree.makeFolder(String(path[..<path.lastIndex(of: "/")!]))
    try DurableFile.replace(path, with: Array(content.utf8))
    return path
  }
}

func text(_ path: String) throws -> String? {
  try FileContent.read(path).map { String(decoding: $0, as: UTF8.self) }
}
