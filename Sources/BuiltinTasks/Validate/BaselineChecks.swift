/// Compares the data's profile with the baseline's: null spikes, jumps in volume, columns that came or went.

import MartletModel

struct BaselineChecks {
  let baseline: DataProfile
  let profile: DataProfile
  let limits: BaselineLimits

  var findings: [Finding] {
    [volume] + columns + profile.columns.compactMap(nulls)
  }

  /// Rows, or rows of a partition where both have partitions: more days are no jump.
  private var volume: Finding {
    let perPartition = baseline.partitions != nil && profile.partitions != nil
    let (old, new) = (size(baseline, perPartition), size(profile, perPartition))
    let change = old > 0 ? (new - old) * 100 / old : (new > 0 ? 100 : 0)
    return Finding(
      .baseline, perPartition ? "rows of a partition" : "rows",
      expected: "\(NumberText.short(old)), within \(NumberText.short(limits.maximumRowChange)) %",
      observed: "\(NumberText.short(new)) (\(change >= 0 ? "+" : "")\(NumberText.short(change)) %)",
      limits.severity.verdict(holds: change.magnitude <= limits.maximumRowChange))
  }

  private func size(_ profile: DataProfile, _ perPartition: Bool) -> Double {
    Double(profile.rows) / Double(perPartition ? max(1, profile.partitions?.count ?? 1) : 1)
  }

  private var columns: [Finding] {
    let (old, new) = (baseline.columns.map(\.name), profile.columns.map(\.name))
    let came = new.filter { !old.contains($0) }.map { ("added", $0) }
    let went = old.filter { !new.contains($0) }.map { ("removed", $0) }
    return (came + went).map { change, name in
      Finding(
        .baseline, "column `\(name)`", expected: change == "added" ? "absent" : "present", observed: change,
        limits.severity.verdict(holds: false))
    }
  }

  private func nulls(_ column: DataProfile.Column) -> Finding? {
    guard let old = baseline.column(column.name) else { return nil }
    let (before, after) = (share(old.nulls, baseline.rows), share(column.nulls, profile.rows))
    let holds = after - before <= limits.maximumNullIncrease
    // Every column is compared; only those that changed at all are worth a line.
    guard !holds || NumberText.short(before) != NumberText.short(after) else { return nil }
    return Finding(
      .baseline, "nulls in `\(column.name)`",
      expected: "\(NumberText.short(before)) %, at most \(NumberText.short(limits.maximumNullIncrease)) points more",
      observed: "\(NumberText.short(after)) %", limits.severity.verdict(holds: holds))
  }

  private func share(_ count: Int, _ rows: Int) -> Double { rows > 0 ? Double(count) * 100 / Double(rows) : 0 }
}
