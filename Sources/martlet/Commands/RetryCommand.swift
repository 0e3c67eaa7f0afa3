// `martlet retry [RUN]`: what failed in a run, and what that blocked, once more.

import ArgumentParser
import MartletModel
import MartletRun

struct RetryCommand: HostedCommand {
  static let configuration = CommandConfiguration(
    commandName: "retry", abstract: "Run what failed in a run, and what it blocked, once more.",
    discussion: """
      With the parameters and the selection of that run. Failures that wait for a change (classes data and unstable) are tried again \
      too. First every output that these tasks read is verified byte by byte, and what no longer stands is made again. What the failed \
      attempts had written is cleared. Exit statuses are those of `martlet run`.
      """)

  @Argument(help: "The run's id or the beginning of it; the newest if left out.")
  var run: String?

  @OptionGroup var running: RunningOptions
  @OptionGroup var shared: SharedOptions

  func run(on host: Host) throws -> ExitStatus {
    let location = try WorkspaceLocation.find(shared, host)
    let order = RetryOrder(
      run: run, jobs: running.jobs, failFast: running.failFast, wantsEvents: running.progress == .json,
      allowsWaiting: running.allowWaiting)
    let shared = running.shared(shared)
    switch try WorkspaceSession.openOrAsk(location, .retry(order), parameters: [], shared: shared, host: host) {
    case .answered(let status): return running.status(status)
    case .opened(let session):
      let holder = try WorkspaceHolder(session)
      let result = try holder.finishing { try holder.retry(order, running.output(shared, host, root: location.root)) }
      return ExitStatus(result, allowWaiting: running.allowWaiting, signal: host.lastInterrupt())
    }
  }
}
