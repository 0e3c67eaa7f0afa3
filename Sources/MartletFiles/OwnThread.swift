// Threads of our own: hashing, syncing and waiting would starve Swift's cooperative pool, which is as wide as the machine.

import Synchronization

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// How many processors were online when this was first asked: the system reads a file for each answer.
public func processorCount() -> Int { onlineProcessors }

private let onlineProcessors = max(1, Int(sysconf(Int32(_SC_NPROCESSORS_ONLN))))

/// A thread that runs one body and can be waited for.
public struct OwnThread: @unchecked Sendable {
  private let handle: pthread_t

  private final class Body {
    let run: @Sendable () -> Void
    init(_ run: @escaping @Sendable () -> Void) { self.run = run }
  }

  /// How long a system that has no thread left just now is asked again.
  private static let patienceSeconds = 30

  /// Starts a thread. A system that has none left for long is not survivable here: the caller's work would never happen.
  public init(_ body: @escaping @Sendable () -> Void) {
    let deadline = time(nil) + OwnThread.patienceSeconds
    while true {
      if let thread = OwnThread(ifPossible: body) {
        self = thread
        return
      }
      precondition(time(nil) < deadline, "could not start a thread: \(String(cString: strerror(EAGAIN)))")
      poll(nil, 0, 20)
    }
  }

  /// Starts a thread, unless the system has none left.
  init?(ifPossible body: @escaping @Sendable () -> Void) {
    let context = Unmanaged.passRetained(Body(body))
    var handle = pthread_t()
    let code = pthread_create(&handle, nil, OwnThread.main, context.toOpaque())
    guard code == 0 else {
      context.release()
      precondition(code == EAGAIN, "could not start a thread: \(String(cString: strerror(code)))")
      return nil
    }
    self.handle = handle
  }

  /// Waits until the body has returned. To be called exactly once, unless `detach` is.
  public func join() { pthread_join(handle, nil) }

  /// Nobody will wait for it.
  public func detach() { pthread_detach(handle) }

  private static let main: @convention(c) (UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? = { context in
    Unmanaged<Body>.fromOpaque(context!).takeRetainedValue().run()
    return nil
  }
}

/// Applies `body` to every input on up to `threads` threads, this one among them, and waits for all; one result for each input, in order.
public func parallelMap<Input: Sendable, Output: Sendable>(
  _ inputs: [Input], threads: Int = processorCount(), _ body: @escaping @Sendable (Input) throws -> Output
) -> [Result<Output, any Error>] {
  if inputs.count <= 1 || threads <= 1 { return inputs.map { input in Result { try body(input) } } }
  let results = Slots<Result<Output, any Error>>(count: inputs.count)
  let work: @Sendable () -> Void = {
    while let index = results.takeIndex() { results.set(index, Result { try body(inputs[index]) }) }
  }
  let workers = (1..<min(threads, inputs.count)).compactMap { _ in OwnThread(ifPossible: work) }
  work()
  for worker in workers { worker.join() }
  return results.all
}

/// Applies `body`, which takes no longer than a call of the system, to every input: a few inputs are not worth a thread.
/// - Throws: the first error in the inputs' order.
public func mapInParts<Input: Sendable, Output: Sendable>(
  _ inputs: [Input], _ body: @escaping @Sendable (Input) throws -> Output
) throws -> [Output] {
  let partCount = 2048
  guard inputs.count > partCount else { return try inputs.map(body) }
  let starts = Array(stride(from: 0, to: inputs.count, by: partCount))
  let parts = parallelMap(starts) { start in try inputs[start..<min(start + partCount, inputs.count)].map(body) }
  var results: [Output] = []
  results.reserveCapacity(inputs.count)
  for part in parts { results += try part.get() }
  return results
}

/// As many places as there are inputs; each index is handed out once, so no two threads write the same place.
private final class Slots<Value: Sendable>: @unchecked Sendable {
  private let next = Atomic<Int>(0)
  private let storage: UnsafeMutableBufferPointer<Value?>

  init(count: Int) {
    storage = .allocate(capacity: count)
    storage.initialize(repeating: nil)
  }

  deinit {
    storage.deinitialize()
    storage.deallocate()
  }

  func takeIndex() -> Int? {
    let index = next.wrappingAdd(1, ordering: .relaxed).oldValue
    return index < storage.count ? index : nil
  }

  func set(_ index: Int, _ value: Value) { storage[index] = value }

  /// Only after every thread was joined.
  var all: [Value] { storage.map { $0! } }
}
