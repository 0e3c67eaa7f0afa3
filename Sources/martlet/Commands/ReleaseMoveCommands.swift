// `martlet promote` and `martlet rollback`: which release is in production.

import ArgumentParser
import MartletModel

struct PromoteCommand: HostedCommand {
  static let configuration = CommandConfiguration(
    commandName: "promote", abstract: "Make a release current again that was promoted before.",
    discussion: """
      A new release is promoted by approving its gate. Every byte of the release is verified first, and a damaged one is refused. \
      Promoting lifts the pin that a rollback has set.
      """)

  @Argument(help: "The release: its hash or the beginning of it.")
  var release: String

  @Option(name: .shortAndLong, help: "Why; goes into the history.")
  var message: String?

  @OptionGroup var shared: SharedOptions

  func run(on host: Host) throws -> ExitStatus {
    try ReleaseMoveCommand(ReleaseOrder(isPromotion: true, release: release, comment: Comment.optional(message)), shared).run(
      on: host)
  }
}

struct RollbackCommand: HostedCommand {
  static let configuration = CommandConfiguration(
    commandName: "rollback", abstract: "Make an earlier release current, and pin it.",
    discussion: """
      Without --to, goes back to the release that was promoted before the current one. Every byte of it is verified first, and a \
      damaged one is refused. The approvals of the releases that this cuts off lapse: their gate asks again, and until someone \
      approves or promotes, no run moves artifact/current.
      """)

  @Option(help: ArgumentHelp("The release to go back to: its hash or the beginning of it.", valueName: "hash"))
  var to: String?

  @Option(name: .shortAndLong, help: "Why; goes into the history.", transform: Comment.required)
  var message: String

  @OptionGroup var shared: SharedOptions

  func run(on host: Host) throws -> ExitStatus {
    try ReleaseMoveCommand(ReleaseOrder(isPromotion: false, release: to, comment: message), shared).run(on: host)
  }
}

/// What promote and rollback share.
private struct ReleaseMoveCommand {
  let order: ReleaseOrder
  let shared: SharedOptions

  init(_ order: ReleaseOrder, _ shared: SharedOptions) {
    self.order = order
    self.shared = shared
  }

  func run(on host: Host) throws -> ExitStatus {
    let location = try WorkspaceLocation.find(shared, host)
    switch try WorkspaceSession.openOrAsk(location, .release(order), parameters: [], shared: shared, host: host) {
    case .answered(let status): return status
    case .opened(let session):
      let before = session.history.current
      let entry = try session.move(order, user: host.user)
      if shared.json { host.output.write(Document.releaseMove(entry, before: before)) }
      shared.note(entry.sentence, host)
      try session.close { shared.note($0, host) }
      return .done
    }
  }
}
