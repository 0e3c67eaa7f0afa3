/// LightGBM's parameters as the one string that its functions take: `name=value`, sorted by name and parted by spaces.
public struct Parameters: Equatable, Sendable {
  public private(set) var values: [String: String]

  public init(_ values: [String: String] = [:]) { self.values = values }

  public subscript(name: String) -> String? {
    get { values[name] }
    set { values[name] = newValue }
  }

  /// These parameters with those of `other`, whose values win.
  public func merging(_ other: [String: String]) -> Parameters {
    Parameters(values.merging(other) { _, new in new })
  }

  var text: String {
    values.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }.joined(separator: " ")
  }
}
