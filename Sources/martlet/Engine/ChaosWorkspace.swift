/// One scratch workspace of the self-test: what is in it, and whether anything of it is left that should not be.

import MartletExecutors
import MartletFiles
import MartletModel
import MartletStore

struct ChaosWorkspace {
  let root: String

  init(_ root: String) throws {
    self.root = root
    try FileTree.makeFolder(root)
    try DurableFile.replace("\(root)/\(WorkspaceLocation.pipelineName)", with: Array(ChaosPipeline.text.utf8))
  }

  func laySources(generation: Int) throws {
    for (path, text) in ChaosPipeline.sources(generation: generation).sorted(by: { $0.key < $1.key }) {
      try FileTree.makeFolder(ArtifactPath("\(root)/\(path)").parent)
      try DurableFile.replace("\(root)/\(path)", with: Array(text.utf8))
    }
  }

  // MARK: What a person sees

  /// The bytes of every file that a person sees, by path; of a checkpoint, what does not name a run. Logs and the history tell of runs.
  func visible() throws -> [String: [UInt8]] {
    var files: [String: [UInt8]] = [:]
    try collect("", into: &files)
    return files
  }

  private func collect(_ folder: String, into files: inout [String: [UInt8]]) throws {
    for name in try FolderListing.names(of: root + folder) {
      let path = "\(folder)/\(name)"
      if ["/.martlet", "/artifact", "/ledger", "/logs"].contains(path) { continue }
      if try FileKind.of(root + path, followingLinks: false) == .folder {
        try collect(path, into: &files)
      } else {
        let bytes = try FileContent.read(root + path) ?? []
        files[String(path.dropFirst())] = path.hasSuffix(".ok") ? try decided(bytes) : bytes
      }
    }
  }

  private func decided(_ bytes: [UInt8]) throws -> [UInt8] {
    let checkpoint = try CheckpointFile.decode(bytes)
    let outputs = checkpoint.outputs.map { "\($0.path) \($0.digest)" }
    return Array("\(checkpoint.instance) \(checkpoint.fingerprint) \(outputs)".utf8)
  }

  /// The attempts that were started, by task and partition, oldest first, and how many lines they are.
  /// - Parameter lines: how many lines to leave out at the beginning.
  func started(after lines: Int) throws -> (attempts: [String: [String]], lines: Int) {
    let all = String(decoding: try FileContent.read("\(root)/ledger") ?? [], as: UTF8.self).split(separator: "\n")
    var attempts: [String: [String]] = [:]
    for line in all.dropFirst(lines) {
      let words = line.split(separator: " ").map(String.init)
      if words.count == 3 { attempts["\(words[0]) \(words[1])", default: []].append(words[2]) }
    }
    return (attempts, all.count)
  }

  // MARK: What nobody should see

  /// What is wrong with the store once nothing runs, and what an end should have cleared away.
  func leftovers() throws -> [String] {
    var left: [String] = []
    let reader = try StoreReader(path: "\(root)/.martlet/store.sqlite")
    if let damage = try reader.damage() { left.append("the store is damaged: \(damage)") }
    left += try reader.openIntents().map { "the publication of \($0.checkpoint.instance) is still open" }
    left += try reader.unfinishedAttempts().map { "attempt \($0.id) has no end" }
    try reader.close()
    let attempts = ".martlet/attempts"
    for attempt in try FolderListing.names(of: "\(root)/\(attempts)") {
      for name in ["scratch", "out", "before", "in-place.json"] {
        let path = "\(attempts)/\(attempt)/\(name)"
        if try FileKind.of("\(root)/\(path)", followingLinks: false) != nil { left.append("\(path) was not cleared away") }
      }
    }
    if try FileKind.of("\(root)/.martlet/aside") != nil { left.append("something was kept in .martlet/aside that nobody edited") }
    return left
  }

  // MARK: Processes

  /// The supervisors that work for this workspace.
  func supervisors() throws -> [ProcessEntry] {
    let folder = "\(root)/.martlet/supervisors"
    guard try FileKind.of(folder) != nil else { return [] }
    let ids = Set(try FolderListing.names(of: folder).map(\.description))
    return try ProcessTable.marked(supervisorMark).filter { ids.contains($0.key) }.flatMap(\.value)
      // A process that was not started as yet carries the mark of its parent.
      .filter { ProcessTable.mark(of: $0.pid, attemptMark) == nil }
  }

  /// The processes of tasks of this workspace, found by the mark in their environment.
  func taskProcesses() throws -> [ProcessEntry] {
    try ProcessTable.marked("MARTLET_SPEC").filter { $0.key.hasPrefix(root + "/") }.flatMap(\.value)
  }
}
