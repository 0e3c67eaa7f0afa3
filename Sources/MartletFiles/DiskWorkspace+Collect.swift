// Outputs that `gc` removes: the checkpoints' files say so before anything goes.

import MartletModel

extension DiskWorkspace {
  /// Writes the files of checkpoints some of whose outputs will be removed, and syncs them.
  public func markCollected(_ checkpoints: [Checkpoint]) throws {
    for checkpoint in checkpoints { try writeCheckpoint(checkpoint) }
    try syncFolders()
  }
}
