// Unix stream sockets in folders whose paths may be longer than a socket's address can hold.

import MartletFiles

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

public enum StreamSocket {
  /// The socket's name in a supervisor's folder.
  public static let name = "sock"

  private static let kind = Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue)

  /// Two connected descriptors.
  public static func pair() throws -> (Int32, Int32) {
    var descriptors: [Int32] = [-1, -1]
    guard socketpair(AF_UNIX, kind, 0, &descriptors) == 0 else { throw SystemError("make", "a pair of sockets") }
    return (descriptors[0], descriptors[1])
  }

  /// A socket that listens in `folder`.
  public static func listen(in folder: String, name: String = name) throws -> Int32 {
    let descriptor = try make(folder)
    do {
      try withAddress(in: folder, name) { address, size in
        if bind(descriptor, address, size) != 0 { throw SystemError("listen in", folder) }
      }
      if Glibc.listen(descriptor, 64) != 0 { throw SystemError("listen in", folder) }
      return descriptor
    } catch {
      close(descriptor)
      throw error
    }
  }

  /// A connection to whoever listens in `folder`, or `nil` if nobody does.
  public static func connect(to folder: String, name: String = name) throws -> Int32? {
    guard try FileKind.of(folder) != nil else { return nil }
    let descriptor = try make(folder)
    do {
      let code = try withAddress(in: folder, name) { address, size in Glibc.connect(descriptor, address, size) == 0 ? 0 : errno }
      if code == 0 { return descriptor }
      if code != ENOENT && code != ECONNREFUSED { throw SystemError("connect to \(name) in", folder, code: code) }
      close(descriptor)
      return nil
    } catch {
      close(descriptor)
      throw error
    }
  }

  /// Calls on the descriptor no longer wait.
  public static func makeNonBlocking(_ descriptor: Int32) {
    _ = fcntl(descriptor, F_SETFL, fcntl(descriptor, F_GETFL, 0) | O_NONBLOCK)
  }

  private static func make(_ folder: String) throws -> Int32 {
    let descriptor = socket(AF_UNIX, kind, 0)
    guard descriptor >= 0 else { throw SystemError("make a socket in", folder) }
    return descriptor
  }

  /// An address holds 107 bytes of path. The way through an open descriptor of the folder is always short enough.
  private static func withAddress<Result>(
    in folder: String, _ name: String, _ body: (UnsafePointer<sockaddr>, socklen_t) throws -> Result
  ) throws -> Result {
    let descriptor = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard descriptor >= 0 else { throw SystemError("open", folder) }
    defer { close(descriptor) }
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: "/proc/self/fd/\(descriptor)/\(name)".utf8) }
    return try withUnsafePointer(to: address) { pointer in
      try pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { try body($0, socklen_t(MemoryLayout<sockaddr_un>.size)) }
    }
  }
}
