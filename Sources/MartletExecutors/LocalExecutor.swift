// Attempts on this machine, through a supervisor that outlives us.

import MartletFiles
import MartletRun
import Synchronization

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// Calls put an order into a mailbox and return; a thread of its own carries the orders out, one after another, and reports events.
public final class LocalExecutor: Executor {
  private let mailbox: OrderMailbox

  /// - Parameters:
  ///   - supervisorProgram: the path of `martlet-supervisor`.
  ///   - supervisorsFolder: `.martlet/supervisors` as an absolute path; made when needed.
  ///   - supervisorEnvironment: what the supervisor itself needs; attempts get none of it.
  ///   - handler: gets the events, always from the same thread. It must not wait for the executor.
  public init(
    supervisorProgram: String, supervisorsFolder: String, supervisorEnvironment: [String: String] = [:],
    handler: @escaping @Sendable (ExecutorEvent) -> Void
  ) throws {
    let mailbox = try OrderMailbox()
    self.mailbox = mailbox
    let launcher = SupervisorLauncher(
      program: supervisorProgram, folder: supervisorsFolder, environment: supervisorEnvironment)
    OwnThread { LocalExecutorLoop(mailbox: mailbox, launcher: launcher, handler: handler).run() }.detach()
  }

  /// Attempts go on, and are taken over by whoever adopts them.
  deinit { mailbox.post(.close) }

  public func start(_ request: AttemptRequest) { mailbox.post(.start(request)) }

  public func adopt(attempt: String, folder: String, identity: ProcessIdentity?) {
    mailbox.post(.adopt(attempt: attempt, folder: AttemptFolder(folder), identity: identity))
  }

  public func end(attempt: String, immediately: Bool) { mailbox.post(.end(attempt: attempt, immediately: immediately)) }
}

/// What the loop is told to do.
enum ExecutorOrder: Sendable {
  case start(AttemptRequest)
  case adopt(attempt: String, folder: AttemptFolder, identity: ProcessIdentity?)
  case end(attempt: String, immediately: Bool)
  case close
}

/// Orders for a loop that sleeps in `poll`: a byte through a pair of sockets wakes it.
final class OrderMailbox: Sendable {
  private let orders = Mutex<[ExecutorOrder]>([])
  private let bell: Int32
  /// Becomes readable when an order arrives.
  let wakeDescriptor: Int32

  init() throws {
    (bell, wakeDescriptor) = try StreamSocket.pair()
    StreamSocket.makeNonBlocking(bell)
    StreamSocket.makeNonBlocking(wakeDescriptor)
  }

  deinit {
    close(bell)
    close(wakeDescriptor)
  }

  func post(_ order: ExecutorOrder) {
    orders.withLock { $0.append(order) }
    // A pair that is full is readable, which is all that matters.
    var byte: UInt8 = 1
    _ = write(bell, &byte, 1)
  }

  func takeAll() -> [ExecutorOrder] {
    var buffer = [UInt8](repeating: 0, count: 1024)
    while buffer.withUnsafeMutableBytes({ read(wakeDescriptor, $0.baseAddress, $0.count) }) > 0 {}
    return orders.withLock { orders in
      defer { orders = [] }
      return orders
    }
  }
}
