// Publications that a crash cut short: finished, or undone as a whole.

import MartletModel
import MartletRun

extension DiskWorkspace {
  /// Finishes each intent if all of its bytes are there as they were verified, and undoes it as a whole otherwise. Nothing is thrown
  /// away before that is known.
  /// - Throws: an error of the file system. The intents must stay open then: a later call goes on from wherever this one came to.
  public func finish(_ intents: [PublishIntent]) throws -> [Publication] {
    try intents.map { intent in
      let broken = try intent.moves.filter { try isBroken($0) }
      // With its checkpoint in place the publication was complete: what differs now, a person changed since, and the planner sees it.
      guard try broken.isEmpty || isWritten(intent.checkpoint) else {
        try restore(intent, except: Set(broken))
        return .failed(.io, message: "\(broken[0].staged) is not what was verified")
      }
      do {
        var asides = broken.isEmpty ? try publish(intent) : []
        for move in intent.moves where move.staged != move.target {
          let staged = full(move.staged)
          guard try FileKind.of(staged, followingLinks: false) != nil, try stagedDigest(of: move) != move.digest,
            let aside = try keepAside(move, attempt: intent.attempt)
          else { continue }
          asides.append(aside.path)
          touch(aside.fullPath)
        }
        return .published(asides: asides)
      } catch let error as PublicationError {
        try restore(intent, except: [])
        return .failed(error.failureClass, message: error.message)
      } catch let error as UnfitFileError {
        try restore(intent, except: [])
        return .failed(.io, message: "\(error)")
      }
    }
  }

  /// Whether the bytes that were verified are neither staged nor in place.
  private func isBroken(_ move: PublishIntent.Move) throws -> Bool {
    guard move.staged != move.target else { return false }
    if try stagedDigest(of: move) == move.digest { return false }
    return try digest(of: move.target) != move.digest
  }

  /// `nil` if nothing is there, or something without a digest: an exchange puts whatever a person had there in the staged one's place.
  func stagedDigest(of move: PublishIntent.Move) throws -> Digest? {
    let staged = full(move.staged)
    guard let kind = try FileKind.of(staged, followingLinks: false), kind == .file || kind == .folder else { return nil }
    do {
      return try FileDigest.content(of: staged, followingLinks: false).digest
    } catch is UnfitFileError {
      return nil
    }
  }

  private func isWritten(_ checkpoint: Checkpoint) throws -> Bool {
    try FileContent.read(full(checkpoint.instance.checkpointPath)) == CheckpointFile.encode(checkpoint)
  }

  /// Takes out of their places the outputs that the interrupted publication had put there.
  private func restore(_ intent: PublishIntent, except broken: Set<PublishIntent.Move>) throws {
    for move in intent.moves.reversed() where move.staged != move.target && !broken.contains(move) {
      let (staged, target) = (full(move.staged), full(move.target))
      guard try digest(of: move.target) == move.digest else { continue }
      if try FileKind.of(staged, followingLinks: false) != nil {
        // Staged bytes that equal those in place were never needed.
        if try stagedDigest(of: move) != move.digest { try Rename.exchanging(staged, target) }
      } else {
        try Rename.replacing(target, to: staged)
        let aside = aside(of: move, attempt: intent.attempt)
        if try FileKind.of(aside.fullPath, followingLinks: false) != nil { try Rename.replacing(aside.fullPath, to: target) }
      }
      touch(target)
    }
  }
}
