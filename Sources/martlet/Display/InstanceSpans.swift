/// Instances of one task, in few words.

import MartletModel

extension [TaskInstance] {
  /// `train`, `ingest dt=2013-01-01`, `ingest dt=2013-01-01..2013-01-31 (31)`, `ingest dt=2013-01-01, 2013-01-03..2013-01-05 (4)`; of
  /// very many stretches the first ones.
  var rangeName: String {
    guard count > 1 else { return self[0].description }
    guard let name = self[0].partition?.name else { return "\(self[0]) (\(count))" }
    let stretches = compactMap { $0.partition.flatMap { CalendarDay($0.value) } }.stretches
    let shown = stretches.prefix(6).map { $0.count == 1 ? "\($0.lowerBound)" : "\($0.lowerBound)..\($0.upperBound)" }
    let more = stretches.count > shown.count ? ", …" : ""
    return "\(self[0].task) \(name)=\(shown.joined(separator: ", "))\(more) (\(count))"
  }
}
