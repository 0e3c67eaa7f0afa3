/// Finds the workspace that a command is about.

import MartletFiles
import MartletModel
import MartletSyntax

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

struct WorkspaceLocation: Sendable {
  static let pipelineName = "martlet.yaml"

  /// The workspace's absolute path, symbolic links resolved.
  let root: String
  /// The pipeline file's name below the root, or its absolute path when it lies elsewhere.
  let pipelineFile: String

  var pipelinePath: String { pipelineFile.hasPrefix("/") ? pipelineFile : "\(root)/\(pipelineFile)" }

  /// The store's absolute path: below `.martlet/` unless `store:` names another folder. Read from the one key, so that a mistake
  /// elsewhere in the file hides no run.
  func storePath() throws -> String {
    let bytes = try FileContent.read(pipelinePath) ?? []
    let keys = ConfigurationReader.read(text: String(decoding: bytes, as: UTF8.self), file: pipelineFile)
    guard case .success(let values) = keys, case .text(let folder) = values["store"] else { return storePath(in: nil) }
    return storePath(in: folder)
  }

  /// - Parameter folder: what `store:` says; `nil` where it says nothing.
  func storePath(in folder: String?) -> String {
    guard let folder else { return "\(root)/.martlet/store.sqlite" }
    return (folder.hasPrefix("/") ? folder : "\(root)/\(folder)") + "/store.sqlite"
  }

  /// With `-f`, the folder of that file; otherwise the nearest folder with a `martlet.yaml`, from `-C` or the working directory upwards.
  /// - Throws: `UserError`
  static func find(_ options: SharedOptions, _ host: Host) throws -> WorkspaceLocation {
    let start = try resolved(options.directory ?? ".", host)
    if let file = options.file {
      let path = file.hasPrefix("/") ? file : "\(start)/\(file)"
      guard (try FileKind.of(path)) != nil else { throw UserError("there is no file \(file)", facts: [("looked at", path)]) }
      let slash = path.lastIndex(of: "/")!
      let root = try resolved(slash == path.startIndex ? "/" : String(path[..<slash]), host)
      return WorkspaceLocation(root: root, pipelineFile: String(path[path.index(after: slash)...]))
    }
    var folder = start
    while true {
      if try FileKind.of("\(folder)/\(pipelineName)") != nil {
        return WorkspaceLocation(root: folder, pipelineFile: pipelineName)
      }
      guard let slash = folder.lastIndex(of: "/"), folder != "/" else { break }
      folder = slash == folder.startIndex ? "/" : String(folder[..<slash])
    }
    throw UserError(
      "there is no \(pipelineName) here", facts: [("looked in", "\(start) and every folder above it")],
      hint: "`martlet init` makes one; `-C DIR` works in another folder")
  }

  private static func resolved(_ path: String, _ host: Host) throws -> String {
    let absolute = host.absolute(path)
    guard let pointer = realpath(absolute, nil) else {
      throw UserError(
        "there is no folder \(path)", facts: [("looked at", absolute), ("because", String(cString: strerror(errno)))])
    }
    defer { free(pointer) }
    return String(cString: pointer)
  }
}
