/// What a replay brought back: rows that were set aside before and are not after, found again by where they stand in their source.

import MartletModel

struct Replay {
  /// A row of a source, with each reason for which it is or was set aside.
  struct Row {
    let rows: [SetAsideRow]

    var first: SetAsideRow { rows[0] }

    /// `data/raw/dt=2013-01-03/flights.csv:916`
    var place: String {
      let file = first.file ?? first.partition ?? first.path
      if let line = first.line { return "\(file):\(line)" }
      return first.number.map { "\(file), row \($0)" } ?? file
    }

    /// `not an integer (month), too few columns`
    var reasons: String { rows.map { row in row.code + (row.column.map { " (\($0))" } ?? "") }.joined(separator: ", ") }
  }

  let cameBack: [Row]
  /// Each as it was and as it is.
  let stillSetAside: [(before: Row, now: Row)]
  let newlySetAside: [Row]

  init(before: [SetAsideRow], after: [SetAsideRow]) {
    let (old, new) = (Replay.rows(before), Replay.rows(after))
    let places = Dictionary(new.map { ($0.place, $0) }, uniquingKeysWith: { first, _ in first })
    // Where a line was added or removed, the content tells what the place does not.
    let known = Set(old.map(\.place))
    var contents: [ConfigurationValue: [Row]] = [:]
    for row in new.reversed() where !known.contains(row.place) {
      if let content = row.first.row { contents[content, default: []].append(row) }
    }
    var cameBack: [Row] = []
    var still: [(before: Row, now: Row)] = []
    var found: Set<String> = []
    for row in old {
      if let now = places[row.place] ?? row.first.row.flatMap({ contents[$0]?.popLast() }) {
        still.append((row, now))
        found.insert(now.place)
      } else {
        cameBack.append(row)
      }
    }
    self.cameBack = cameBack
    stillSetAside = still
    newlySetAside = new.filter { !found.contains($0.place) }
  }

  private static func rows(_ entries: [SetAsideRow]) -> [Row] {
    var order: [String] = []
    var groups: [String: [SetAsideRow]] = [:]
    for entry in entries {
      let place = Row(rows: [entry]).place
      if groups[place] == nil { order.append(place) }
      groups[place, default: []].append(entry)
    }
    return order.map { Row(rows: groups[$0]!) }
  }
}
