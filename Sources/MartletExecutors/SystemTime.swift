// The clocks that records and limits are taken from.

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

public enum SystemTime {
  /// The wall clock, seconds since 1970.
  public static func wallSeconds() -> Double { seconds(CLOCK_REALTIME) }

  /// Seconds since the machine started, time asleep included; never set back.
  public static func bootSeconds() -> Double { seconds(CLOCK_BOOTTIME) }

  private static func seconds(_ clock: clockid_t) -> Double {
    var time = timespec()
    clock_gettime(clock, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
  }
}
