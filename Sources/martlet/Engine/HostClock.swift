/// The host's wall clock as the run loop takes it.

import MartletRun

struct HostClock: Clock {
  let host: Host

  func wallSeconds() -> Double { host.wallSeconds() }
}
