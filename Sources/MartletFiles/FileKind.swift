// What kind of thing a path names.

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// The kinds that matter to a pipeline; everything else is `other`.
public enum FileKind: String, Hashable, Sendable {
  case file
  case folder
  case link
  case fifo
  case other

  init(mode: mode_t) {
    self =
      switch mode & S_IFMT {
      case S_IFREG: .file
      case S_IFDIR: .folder
      case S_IFLNK: .link
      case S_IFIFO: .fifo
      default: .other
      }
  }

  /// As a person reads it, with its article.
  public var phrase: String {
    switch self {
    case .file: "a regular file"
    case .folder: "a folder"
    case .link: "a symbolic link"
    case .fifo: "a FIFO"
    case .other: "a device or socket"
    }
  }

  /// The kind of what `path` names, or `nil` if there is nothing.
  /// - Parameter followingLinks: a link counts as what it points to; one that points nowhere is nothing.
  public static func of(_ path: String, followingLinks: Bool = true) throws -> FileKind? {
    var status = stat()
    let result = followingLinks ? stat(path, &status) : lstat(path, &status)
    if result == 0 { return FileKind(mode: status.st_mode) }
    if errno == ENOENT || errno == ENOTDIR { return nil }
    throw SystemError("look at", path)
  }
}
