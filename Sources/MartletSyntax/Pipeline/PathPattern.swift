/// A path of the workspace with its parameters put in and its partitions left open, for comparing what paths may name.

import MartletModel

struct PathPattern: Equatable {
  /// Stands for a partition's day.
  static let day: Unicode.Scalar = "\u{F0001}"
  /// Stands for a package task's hash.
  static let hash: Unicode.Scalar = "\u{F0002}"

  /// Between the slashes, without a trailing one.
  let components: [[Unicode.Scalar]]
  /// The partitions in it, in order: `dt`.
  let partitions: [String]

  init(_ template: Template, parameters: [String: ConfigurationValue]) {
    var partitions: [String] = []
    let text = template.expanded { expression in
      switch expression {
      case .parameter(let name): return parameters[name]?.display ?? ""
      case .partition(let name):
        partitions.append(name)
        return String(PathPattern.day)
      case .hash: return String(PathPattern.hash)
      default: return ""
      }
    }
    self.init(text, partitions: partitions)
  }

  init(_ text: String, partitions: [String] = []) {
    components = text.unicodeScalars.split(separator: "/").map(Array.init)
    self.partitions = partitions
  }

  /// How two paths may lie to each other for some partition or hash.
  enum Relation {
    case apart
    case same
    /// This path lies inside the other one.
    case inside
    /// The other path lies inside this one.
    case around
  }

  func relation(to other: PathPattern) -> Relation {
    let common = min(components.count, other.components.count)
    for index in 0..<common where !PathPattern.mayMatch(components[index][...], other.components[index][...]) {
      return .apart
    }
    if components.count == other.components.count { return .same }
    return components.count > other.components.count ? .inside : .around
  }

  /// Whether a component holds a partition or a hash.
  static func isPattern(_ component: [Unicode.Scalar]) -> Bool {
    component.contains { $0 == day || $0 == hash }
  }

  /// Whether two components are the same for some partition or hash.
  static func mayMatch(_ left: ArraySlice<Unicode.Scalar>, _ right: ArraySlice<Unicode.Scalar>) -> Bool {
    var left = left
    var right = right
    while let first = left.first, let second = right.first {
      if first == second {
        left.removeFirst()
        right.removeFirst()
      } else if let length = wildcardLength(first) {
        guard right.count >= length, matches(right.prefix(length), first) else { return false }
        left.removeFirst()
        right.removeFirst(length)
      } else if let length = wildcardLength(second) {
        guard left.count >= length, matches(left.prefix(length), second) else { return false }
        right.removeFirst()
        left.removeFirst(length)
      } else {
        return false
      }
    }
    return left.isEmpty && right.isEmpty
  }

  private static func wildcardLength(_ scalar: Unicode.Scalar) -> Int? {
    switch scalar {
    case day: 10
    case hash: 12
    default: nil
    }
  }

  private static func matches(_ scalars: ArraySlice<Unicode.Scalar>, _ wildcard: Unicode.Scalar) -> Bool {
    if wildcard == day { return CalendarDay(SourceText.string(scalars)) != nil }
    return scalars.allSatisfy { ("0"..."9").contains($0) || ("a"..."f").contains($0) }
  }
}
