/// Many things that stand alike are told as one.

import MartletModel

extension Sequence {
  /// Those with equal keys together, in the order of the first of each; up to five stay by themselves.
  func gathered<Key: Hashable>(by key: (Element) -> Key) -> [[Element]] {
    let groups = Dictionary(grouping: self, by: key)
    var told: Set<Key> = []
    return compactMap { element in
      let alike = groups[key(element)]!
      guard alike.count > 5 else { return [element] }
      return told.insert(key(element)).inserted ? alike : nil
    }
  }
}

extension Incident {
  struct Likeness: Hashable {
    let task: String
    let cause: FailureClass
    let state: State
  }

  /// What incidents have in common that are told as one.
  var likeness: Likeness { Likeness(task: instance.task, cause: cause, state: state) }
}
