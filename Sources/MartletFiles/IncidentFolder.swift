// The folder `incidents/`: one ticket a file, read whole, written so that nobody sees half of one and no note is lost.

import MartletModel

public struct IncidentFolder: Sendable {
  public static let path: ArtifactPath = "incidents/"

  private let root: String

  /// - Parameter root: the workspace's absolute path.
  public init(root: String) {
    self.root = root
  }

  /// Every ticket, the newest first, and the paths of files that are none: a person may have broken the first block.
  public func read() throws -> (incidents: [Incident], unreadable: [ArtifactPath]) {
    var incidents: [Incident] = []
    var unreadable: [ArtifactPath] = []
    let folder = "\(root)/incidents"
    guard try FileKind.of(folder) == .folder else { return ([], []) }
    for name in try FolderListing.names(of: folder).map(\.description) where name.hasSuffix(".md") {
      let path = ArtifactPath("incidents/\(name)")
      if let incident = try text(path).flatMap(IncidentTicket.read), incident.path == path {
        incidents.append(incident)
      } else {
        unreadable.append(path)
      }
    }
    return (incidents.sorted { (seconds($0), $1.id) > (seconds($1), $0.id) }, unreadable)
  }

  private func seconds(_ incident: Incident) -> Double { Timestamp(incident.openedAt)?.seconds ?? 0 }

  /// The ticket's whole text; `nil` if there is none.
  public func text(_ path: ArtifactPath) throws -> String? {
    try FileContent.read("\(root)/\(path)").map { String(decoding: $0, as: UTF8.self) }
  }

  /// Writes the incident's first block anew, over what people have made of the rest.
  /// - Parameter body: what stands below it in a ticket that is new.
  public func write(_ incident: Incident, body: () throws -> String) throws {
    try FileTree.makeFolder("\(root)/incidents")
    let old = try text(incident.path)
    let below = try old.map { String(IncidentTicket.body($0)) } ?? body()
    try DurableFile.write(Array((IncidentTicket.head(incident) + below).utf8), to: "\(root)/\(incident.path)")
  }

  /// Copies pictures into the ticket's own folder, so that they stay as they were.
  /// - Returns: their paths below `incidents/`.
  public func keep(_ pictures: [ArtifactPath], for incident: Incident) throws -> [String] {
    try pictures.compactMap { picture in
      guard let bytes = try FileContent.read("\(root)/\(picture)") else { return nil }
      let folder = "\(root)/incidents/\(incident.id)"
      try FileTree.makeFolder(folder)
      try DurableFile.replace("\(folder)/\(picture.lastComponent)", with: bytes)
      return "\(incident.id)/\(picture.lastComponent)"
    }
  }

  /// Pictures in a folder and the folders below it, sorted, at most `limit`; of a picture that is there twice the SVG.
  public func pictures(below folder: ArtifactPath, limit: Int) throws -> [ArtifactPath] {
    let path = folder.withoutTrailingSlash
    guard limit > 0, try FileKind.of("\(root)/\(path)") == .folder else { return [] }
    var found: [ArtifactPath] = []
    let names = try FolderListing.names(of: "\(root)/\(path)").map(\.description)
    for name in names where found.count < limit {
      let item = ArtifactPath("\(path)/\(name)")
      if try FileKind.of("\(root)/\(item)", followingLinks: false) == .folder {
        found += try pictures(below: item, limit: limit - found.count)
      } else if name.hasSuffix(".svg") || (name.hasSuffix(".png") && !names.contains("\(name.dropLast(4)).svg")) {
        found.append(item)
      }
    }
    return found
  }
}
