// A day in a configuration file.

import MartletModel
import MartletSyntax

extension CalendarDay {
  /// Reads a day of a configuration file; anything else is reported.
  init?(_ value: LocatedValue, _ diagnostics: DiagnosticCollector) {
    guard let text = value.text(diagnostics) else { return nil }
    guard let day = CalendarDay(text) else {
      diagnostics.report(.invalidValue, "\"\(value.name)\" must be a day such as 2013-11-01", at: value)
      return nil
    }
    self = day
  }
}
