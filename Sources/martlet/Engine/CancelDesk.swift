/// Takes requests to stop: of the run that goes on, or of one that has not begun. Used on the loop's thread only.

import MartletModel
import MartletRun
import MartletStore

final class CancelDesk {
  private let reader: StoreReader
  private let mailbox: Mailbox
  /// The run that goes on.
  var run: String?
  /// Who is told when it has ended.
  private var waiting: [ControlOrder] = []

  init(reader: StoreReader, mailbox: Mailbox) {
    self.reader = reader
    self.mailbox = mailbox
  }

  /// - Parameter withdraw: takes a queued run out of the queue, by its id or the beginning of it.
  func answer(_ order: ControlOrder, _ cancel: CancelOrder, withdraw: (String) -> ControlOrder?) {
    func end(_ text: String, _ status: ExitStatus = .done) {
      order.reply(ControlReply(line: text, status: status.rawValue))
    }
    if let run, order.current == run, cancel.run.map(run.hasPrefix) ?? true {
      mailbox.post(.stopRequested(run: run, cancel.now ? .kill : .cancel))
      order.reply(ControlReply(line: cancel.now ? "killing run \(run)" : "stopping run \(run)"))
      waiting.append(order)
    } else if let name = cancel.run, let queued = withdraw(name) {
      queued.reply(
        ControlReply(line: "run \(queued.run) was cancelled before it began", status: ExitStatus.interrupted.rawValue))
      end("run \(queued.run) is cancelled; it had not begun")
    } else {
      do {
        let record = try cancel.run.map { try reader.run(named: $0) } ?? order.current.flatMap { try reader.run($0) }
        end(record.map { "run \($0.id) has ended: \($0.result?.rawValue ?? "interrupted")" } ?? "nothing is running")
      } catch {
        end(ErrorText.of(error).text, ErrorText.of(error).status)
      }
    }
  }

  /// The run has ended: whoever asked for that is told.
  func ended(_ run: String, _ result: RunResult) {
    for order in waiting {
      let text = result == .cancelled ? "run \(run) is cancelled" : "run \(run) had ended before: \(result.rawValue)"
      order.reply(ControlReply(line: text, status: ExitStatus.done.rawValue))
    }
    waiting = []
    self.run = nil
  }
}
