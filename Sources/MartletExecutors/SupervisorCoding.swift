// The lines in which engine and supervisor talk, and those of an attempt's folder. Every attempt takes half a dozen of them, and a general
// encoder and decoder took a tenth of all time that small tasks took.

import MartletModel
import MartletRun

/// A line that neither an engine nor a supervisor of this version writes.
struct SupervisorLineError: Error, CustomStringConvertible {
  let missing: String

  var description: String { "a line without \(missing)" }
}

extension SupervisorRequest {
  /// With its line break.
  public var line: [UInt8] {
    switch self {
    case .start(let request): encode("start", request.value)
    case .end(let attempt, let immediately):
      encode("end", .map(["attempt": .text(attempt), "immediately": .boolean(immediately)]))
    }
  }

  /// - Throws: for a line that this version does not write.
  public init(line: [UInt8]) throws {
    let fields = try Fields(line)
    if let request = fields.object("start") {
      self = .start(try AttemptRequest(request))
    } else if let end = fields.object("end") {
      self = .end(attempt: try end.text("attempt"), immediately: try end.flag("immediately"))
    } else {
      throw SupervisorLineError(missing: "start or end")
    }
  }
}

extension SupervisorMessage {
  /// With its line break.
  public var line: [UInt8] {
    switch self {
    case .hello(let version, let running):
      encode("hello", .map(["version": .integer(version), "running": .list(running.map(\.value))]))
    case .started(let running): encode("started", running.value)
    case .exited(let record): encode("exited", record.value)
    }
  }

  /// - Throws: for a line that this version does not write.
  public init(line: [UInt8]) throws {
    let fields = try Fields(line)
    if let hello = fields.object("hello") {
      self = .hello(version: try hello.integer("version"), running: try hello.list("running").map(RunningAttempt.init))
    } else if let started = fields.object("started") {
      self = .started(try RunningAttempt(started))
    } else if let exited = fields.object("exited") {
      self = .exited(try ExitRecord(exited))
    } else {
      throw SupervisorLineError(missing: "hello, started or exited")
    }
  }
}

extension AttemptOrigin {
  /// With its line break.
  var line: [UInt8] {
    encode(
      "toldTo",
      .map([
        "supervisor": .text(supervisor), "device": .text("\(device)"), "inode": .text("\(inode)"), "bootID": .text(bootID),
      ]))
  }

  init(line: [UInt8]) throws {
    guard let fields = try Fields(line).object("toldTo"), let device = UInt64(try fields.text("device")),
      let inode = UInt64(try fields.text("inode"))
    else { throw SupervisorLineError(missing: "toldTo") }
    self.init(supervisor: try fields.text("supervisor"), device: device, inode: inode, bootID: try fields.text("bootID"))
  }
}

private func encode(_ kind: String, _ value: ConfigurationValue) -> [UInt8] {
  Array(ConfigurationValue.map([kind: value]).canonicalJSON.utf8) + [UInt8(ascii: "\n")]
}

/// What stands under the names of an object.
private struct Fields {
  private let values: [String: ConfigurationValue]

  init(_ line: [UInt8]) throws {
    guard case .map(let values)? = ConfigurationValue(canonicalJSON: String(decoding: line, as: UTF8.self)) else {
      throw SupervisorLineError(missing: "an object")
    }
    self.values = values
  }

  private init(values: [String: ConfigurationValue]) {
    self.values = values
  }

  private func value<Value>(_ name: String, _ read: (ConfigurationValue) -> Value?) throws -> Value {
    guard let value = values[name].flatMap(read) else { throw SupervisorLineError(missing: name) }
    return value
  }

  func has(_ name: String) -> Bool { values[name] != nil }

  func object(_ name: String) -> Fields? {
    if case .map(let values)? = values[name] { Fields(values: values) } else { nil }
  }

  func text(_ name: String) throws -> String { try value(name) { if case .text(let text) = $0 { text } else { nil } } }

  func integer(_ name: String) throws -> Int { try value(name) { if case .integer(let number) = $0 { number } else { nil } } }

  func flag(_ name: String) throws -> Bool { try value(name) { if case .boolean(let flag) = $0 { flag } else { nil } } }

  func number(_ name: String) throws -> Double {
    try value(name) { value in
      switch value {
      case .number(let number): number
      case .integer(let number): Double(number)
      default: nil
      }
    }
  }

  func texts(_ name: String) throws -> [String] {
    try value(name) { value in
      guard case .list(let items) = value else { return nil }
      return items.compactMap { if case .text(let text) = $0 { text } else { nil } }
    }
  }

  func list(_ name: String) throws -> [Fields] {
    try value(name) { value in
      guard case .list(let items) = value else { return nil }
      return items.compactMap { if case .map(let values) = $0 { Fields(values: values) } else { nil } }
    }
  }

  func textsByName(_ name: String) throws -> [String: String] {
    try value(name) { value in
      guard case .map(let entries) = value else { return nil }
      return entries.compactMapValues { if case .text(let text) = $0 { text } else { nil } }
    }
  }
}

// MARK: What is said

extension AttemptRequest {
  fileprivate var value: ConfigurationValue {
    var fields: [String: ConfigurationValue] = [
      "attempt": .text(attempt), "arguments": .list(arguments.map { .text($0) }),
      "environment": .map(environment.mapValues { .text($0) }), "workingDirectory": .text(workingDirectory),
      "folder": .text(folder),
      "logPath": .text(logPath), "graceSeconds": .number(graceSeconds), "cpu": .integer(resources.cpu),
      "memoryBytes": .integer(resources.memoryBytes),
    ]
    if let timeoutSeconds { fields["timeoutSeconds"] = .number(timeoutSeconds) }
    return .map(fields)
  }

  fileprivate init(_ fields: Fields) throws {
    self.init(
      attempt: try fields.text("attempt"), arguments: try fields.texts("arguments"),
      environment: try fields.textsByName("environment"), workingDirectory: try fields.text("workingDirectory"),
      folder: try fields.text("folder"), logPath: try fields.text("logPath"),
      timeoutSeconds: fields.has("timeoutSeconds") ? try fields.number("timeoutSeconds") : nil,
      graceSeconds: try fields.number("graceSeconds"),
      resources: Resources(cpu: try fields.integer("cpu"), memoryBytes: try fields.integer("memoryBytes")))
  }
}

extension RunningAttempt {
  fileprivate var value: ConfigurationValue {
    .map([
      "attempt": .text(attempt), "pid": .integer(Int(identity.pid)), "startTicks": .integer(Int(identity.startTicks)),
      "bootID": .text(identity.bootID),
    ])
  }

  fileprivate init(_ fields: Fields) throws {
    guard let pid = Int32(exactly: try fields.integer("pid")), let ticks = UInt64(exactly: try fields.integer("startTicks"))
    else {
      throw SupervisorLineError(missing: "a process")
    }
    self.init(
      attempt: try fields.text("attempt"),
      identity: ProcessIdentity(pid: pid, startTicks: ticks, bootID: try fields.text("bootID")))
  }
}

extension ExitRecord {
  fileprivate var value: ConfigurationValue {
    var fields: [String: ConfigurationValue] = [
      "attempt": .text(attempt), "timedOut": .boolean(timedOut), "cancelled": .boolean(cancelled),
      "outOfMemory": .boolean(outOfMemory), "startedAt": .number(startedAt), "endedAt": .number(endedAt),
      "userSeconds": .number(userSeconds), "systemSeconds": .number(systemSeconds), "peakMemoryBytes": .integer(peakMemoryBytes),
    ]
    switch status {
    case .exited(let code): fields["exited"] = .integer(Int(code))
    case .signalled(let signal): fields["signalled"] = .integer(Int(signal))
    case .notStarted(let code): fields["notStarted"] = .integer(Int(code))
    }
    return .map(fields)
  }

  fileprivate init(_ fields: Fields) throws {
    let status: Status =
      if fields.has("exited") {
        .exited(Int32(truncatingIfNeeded: try fields.integer("exited")))
      } else if fields.has("signalled") {
        .signalled(Int32(truncatingIfNeeded: try fields.integer("signalled")))
      } else {
        .notStarted(errno: Int32(truncatingIfNeeded: try fields.integer("notStarted")))
      }
    self.init(
      attempt: try fields.text("attempt"), status: status, timedOut: try fields.flag("timedOut"),
      cancelled: try fields.flag("cancelled"), outOfMemory: try fields.flag("outOfMemory"),
      startedAt: try fields.number("startedAt"), endedAt: try fields.number("endedAt"),
      userSeconds: try fields.number("userSeconds"), systemSeconds: try fields.number("systemSeconds"),
      peakMemoryBytes: try fields.integer("peakMemoryBytes"))
  }
}
