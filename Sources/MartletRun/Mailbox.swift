/// Where everything that happens outside reaches the loop, one message at a time.

import Dispatch
import Synchronization

/// Where the loop takes its messages from: the mailbox, or a simulation in which the world goes on while the loop waits.
public protocol Inbox: AnyObject, Sendable {
  func post(_ message: Mailbox.Message)
  /// The next message; `nil` if there is none within `timeoutSeconds`. Without a timeout it waits for ever.
  func next(timeoutSeconds: Double?) -> Mailbox.Message?
}

extension Inbox {
  public func post(_ event: Event) { post(.event(event)) }
}

public final class Mailbox: Inbox {
  /// What the loop takes from the mailbox.
  public enum Message: Sendable {
    case event(Event)
    /// The folders are synced; the journal's turn comes next, on the loop's own thread.
    case foldersSynced(failure: String?)
    /// A publication is half in place: the run must end with its intents open.
    case publicationStuck(failure: String)
    /// Work without an answer is done.
    case workDone
    /// A call to make on the loop's thread: how commands beside a run reach it.
    case call(@Sendable () -> Void)
  }

  private let messages = Mutex<[Message]>([])
  private let available = DispatchSemaphore(value: 0)

  public init() {}

  public func post(_ message: Message) {
    messages.withLock { $0.append(message) }
    available.signal()
  }

  public func next(timeoutSeconds: Double?) -> Message? {
    if let timeoutSeconds {
      // A clock that was set back must not make a wait longer than a minute.
      let bounded = min(max(0, timeoutSeconds), 60)
      guard available.wait(timeout: .now() + bounded) == .success else { return nil }
    } else {
      available.wait()
    }
    return messages.withLock { $0.isEmpty ? nil : $0.removeFirst() }
  }
}

/// Threads for work that blocks: hashing, renaming, syncing.
public protocol Workers: Sendable {
  func submit(_ work: @escaping @Sendable () -> Void)
}
