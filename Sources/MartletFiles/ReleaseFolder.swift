// A release on disk: its manifest, whether every byte is as the manifest says, and the link that makes one current.

import MartletModel

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

/// What a release's `manifest.json` says, as far as planning and promoting need it.
public struct ReleaseManifest: Sendable, Hashable {
  public struct File: Sendable, Hashable, Codable {
    public let path: String
    public let bytes: Int
    public let sha256: Digest
  }

  public let version: String
  public let files: [File]
  /// Digests of the task outputs behind it: `task.output`, or `task.output[partition]`.
  public let lineage: [String: Digest]

  private struct Document: Decodable {
    let model_version: String
    let files: [File]
    let data: [String: Artifact]

    /// Has a digest, or one for each partition.
    struct Artifact: Decodable {
      let digest: Digest?
      let partitions: [String: Digest]?
    }
  }

  public init(json: [UInt8]) throws {
    let document = try JSONDecoder().decode(Document.self, from: Data(json))
    version = document.model_version
    files = document.files
    var lineage: [String: Digest] = [:]
    for (name, artifact) in document.data {
      lineage[name] = artifact.digest
      for (partition, digest) in artifact.partitions ?? [:] { lineage["\(name)[\(partition)]"] = digest }
    }
    self.lineage = lineage
  }
}

/// Why a release is refused.
public struct ReleaseError: Error, CustomStringConvertible {
  public let folder: ArtifactPath
  public let faults: [String]

  public var description: String {
    "the release \(folder) is damaged\n"
      + faults.map { "  \($0)\n" }.joined() + "  hint: remove the folder, and the next run makes it again"
  }
}

public struct ReleaseFolder: Sendable {
  public static let manifestName = "manifest.json"
  /// The link to the release in production, relative to the workspace.
  public static let current: ArtifactPath = "artifact/current"

  public let root: String
  public let path: ArtifactPath

  /// - Parameters:
  ///   - root: the workspace's absolute path.
  ///   - path: the release's folder below it.
  public init(root: String, path: ArtifactPath) {
    self.root = root
    self.path = path
  }

  private var fullPath: String { "\(root)/\(path.withoutTrailingSlash)" }

  /// `nil` if there is no manifest.
  /// - Throws: `ReleaseError` for one that does not read.
  public func manifest() throws -> ReleaseManifest? {
    do {
      guard let bytes = try FileContent.read("\(fullPath)/\(ReleaseFolder.manifestName)") else { return nil }
      return try ReleaseManifest(json: bytes)
    } catch is DecodingError {
      throw ReleaseError(folder: path, faults: ["\(ReleaseFolder.manifestName) does not read as a manifest"])
    } catch let error as UnfitFileError {
      throw ReleaseError(folder: path, faults: ["\(error)"])
    }
  }

  /// Reads every byte and compares it with the manifest; also finds files that the manifest does not name.
  /// - Throws: `ReleaseError` naming every file that differs.
  public func verify() throws {
    let faults = try faults()
    guard faults.isEmpty else { throw ReleaseError(folder: path, faults: faults) }
  }

  /// What `verify` finds, each with the file's name; empty for a release whose bytes are all as its manifest says.
  public func faults() throws -> [String] {
    let manifest: ReleaseManifest?
    do {
      manifest = try self.manifest()
    } catch let error as ReleaseError {
      return error.faults
    }
    guard let manifest else { return ["\(ReleaseFolder.manifestName) is not there"] }
    var faults: [String] = []
    for file in manifest.files {
      let full = "\(fullPath)/\(file.path)"
      if try FileKind.of(full, followingLinks: false) != .file {
        faults.append("\(file.path) is not there")
      } else if try FileDigest.content(of: full, followingLinks: false).digest != file.sha256 {
        faults.append("\(file.path) was changed")
      }
    }
    let known = Set(manifest.files.map { Array($0.path.utf8) } + [Array(ReleaseFolder.manifestName.utf8)])
    for name in try FolderListing.names(of: fullPath) where !known.contains(name.bytes) {
      faults.append("\(name) is not in the manifest")
    }
    return faults
  }

  /// A JSON file of the release; `nil` if it is not there or does not read.
  public func document(_ name: String) throws -> ConfigurationValue? {
    guard let bytes = try FileContent.read("\(fullPath)/\(name)") else { return nil }
    do {
      return try JSONDecoder().decode(ConfigurationValue.self, from: Data(bytes))
    } catch is DecodingError {
      return nil
    }
  }

  /// Where `artifact/current` points for this release: relative to its own folder, so that a workspace may be moved.
  private var linkDestination: String {
    path.parent == ReleaseFolder.current.parent ? path.lastComponent : "../\(path.withoutTrailingSlash)"
  }

  /// Points `artifact/current` to this release, in one step, and syncs it.
  public func makeCurrent() throws {
    let link = "\(root)/\(ReleaseFolder.current)"
    try Rename.link(link, to: linkDestination)
    try DurableFile.syncFolder(ofItemAt: link)
  }

  /// Whether `artifact/current` points to this release.
  public func isCurrent() throws -> Bool {
    try ReleaseFolder.linkDestination(root: root) == linkDestination
  }

  /// What `artifact/current` holds; `nil` if there is no such link.
  /// - Parameter root: the workspace's absolute path.
  public static func linkDestination(root: String) throws -> String? {
    try Rename.destination(ofLink: "\(root)/\(current)")
  }
}
