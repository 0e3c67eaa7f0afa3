/// What a host gives, or an attempt asks for.
public struct Resources: Hashable, Sendable, Codable {
  /// Processor cores.
  public var cpu: Int
  /// Memory in bytes.
  public var memoryBytes: Int

  public init(cpu: Int, memoryBytes: Int) {
    self.cpu = cpu
    self.memoryBytes = memoryBytes
  }
}

/// What a task asks for; what is absent comes from `defaults` or from the built-in share.
public struct ResourceRequest: Hashable, Sendable, Codable {
  public var cpu: Int?
  public var memoryBytes: Int?

  public init(cpu: Int? = nil, memoryBytes: Int? = nil) {
    self.cpu = cpu
    self.memoryBytes = memoryBytes
  }
}
