/// The faults of a disk: which operations fail, from when on and how often.

/// What a disk says that does not do what it should.
struct BrokenDisk: Error, CustomStringConvertible {
  let description: String
}

struct DiskFault: Sendable {
  enum Operation: String, Sendable, CaseIterable {
    case write
    case rename
    /// Of data or of a folder.
    case sync
    /// Of entries in the journal.
    case commit
  }

  enum Complaint: String, Sendable, CaseIterable {
    case io = "input/output error"
    case full = "no space left on device"
  }

  let operations: Set<Operation>
  let complaint: Complaint
  /// How many of these operations still succeed before the first that fails.
  var spared: Int
  /// How many fail then; `Int.max` until somebody mends the disk.
  var times: Int
}

final class Disk {
  var faults: [DiskFault] = []
  /// Whether it says that it has synced what it has not: no engine can stand that, and a simulation must notice.
  var lies = false
  private let invariants: Invariants

  init(invariants: Invariants) {
    self.invariants = invariants
  }

  /// Called before each operation.
  /// - Throws: `BrokenDisk` if it fails.
  func attempt(_ operation: DiskFault.Operation) throws {
    for place in faults.indices where faults[place].operations.contains(operation) && faults[place].times > 0 {
      guard faults[place].spared == 0 else {
        faults[place].spared -= 1
        continue
      }
      faults[place].times -= 1
      invariants.tally[.diskErrors] += 1
      throw BrokenDisk(description: faults[place].complaint.rawValue)
    }
  }

  /// Whether a process that writes now would fail.
  var isFull: Bool {
    faults.contains { $0.operations.contains(.write) && $0.spared == 0 && $0.times > 0 }
  }
}
