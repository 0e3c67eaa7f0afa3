/// What is asked about backfills over the control socket.

import MartletModel

/// Work for a backfill: waits for its turn, behind runs.
enum BackfillOrder: Codable, Sendable {
  case start(BackfillRequest)
  /// - Parameters:
  ///   - replan: whether a pipeline that changed is taken as it is now.
  ///   - jobs: `-j`; `nil` for what the backfill was asked for with.
  case resume(backfill: String, replan: Bool, jobs: Int?)
  case retry(backfill: String, jobs: Int?)
}

/// `martlet backfill RANGE`
struct BackfillRequest: Codable, Sendable {
  /// As typed.
  var range: String
  var tasks: [String] = []
  var choice = BackfillChoice.stale
  var order = PartitionOrder.oldest
  var jobs: Int?
  var comment: String?
  /// Whether very many partitions may run without a further question.
  var isConfirmed = false
}

/// `martlet backfill pause` and `martlet backfill cancel`: done at once.
struct BackfillSteering: Codable, Sendable {
  enum Wish: String, Codable, Sendable {
    case pause
    case cancel
  }

  /// The backfill's id or the beginning of it.
  let backfill: String
  let wish: Wish
}
