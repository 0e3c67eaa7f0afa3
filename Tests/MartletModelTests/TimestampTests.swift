/// Instants read from RFC 3339.

import MartletModel
import Testing

struct TimestampTests {
  @Test(arguments: [
    ("1970-01-01T00:00:00Z", 0.0), ("1970-01-01T01:00:00+01:00", 0.0), ("1969-12-31T19:30:00.5-04:30", 0.5),
    ("2026-03-12T23:59:59.250+01:00", 1_773_356_399.25), ("2000-02-29 12:00:00z", 951_825_600.0),
  ])
  func anInstantIsTheSameWhateverItsOffset(text: String, seconds: Double) {
    #expect(Timestamp(text)?.seconds == seconds)
  }

  @Test(arguments: [
    "", "2026-03-12", "2026-03-12T10:00:00", "2026-02-30T10:00:00Z", "2026-03-12T24:00:00Z", "2026-03-12T10:00Z x",
  ])
  func whatIsNoneIsRefused(text: String) {
    #expect(Timestamp(text) == nil)
  }
}
