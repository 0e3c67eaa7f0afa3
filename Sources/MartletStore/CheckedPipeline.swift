/// The compact bytes of a pipeline that was read and checked: reading them takes a tenth of the time of reading its file.
///
/// Whoever keeps them sees to it that they are what was written, and that the file and the program are the same: every field stands here
/// without a name.

import MartletModel

public enum CheckedPipeline {
  public static func encode(_ pipeline: Pipeline) -> [UInt8] { Pipeline.encode([pipeline]) }

  /// - Returns: `nil` for bytes that are none of `encode`'s.
  public static func decode(_ bytes: ArraySlice<UInt8>) -> Pipeline? {
    do {
      return try bytes.withUnsafeBytes { try Pipeline.decode($0).first }
    } catch {
      return nil
    }
  }
}

// MARK: The pipeline

extension Pipeline: ByteCodable {
  func write(to writer: inout ByteWriter) {
    writer.append(name)
    writer.append(optional: description)
    writer.append(map: parameters)
    writer.append(list: partitions)
    resources.write(to: &writer)
    writer.append(list: tasks)
    writer.append(list: failureRules)
    writer.append(optional: storeFolder)
    writer.append(list: notifications)
  }

  init(from reader: inout ByteReader) throws {
    self.init(
      name: try reader.text(), description: try reader.optional(), parameters: try reader.map(), partitions: try reader.list(),
      resources: try ResourceRequest(from: &reader), tasks: try reader.list(), failureRules: try reader.list(),
      storeFolder: try reader.optional(), notifications: try reader.list())
  }
}

extension PartitionDefinition: ByteCodable {
  func write(to writer: inout ByteWriter) {
    writer.append(name)
    writer.append(word: every)
    writer.append(start.ordinal)
    writer.append(optional: end?.ordinal)
    writer.append(timezone)
  }

  init(from reader: inout ByteReader) throws {
    self.init(
      name: try reader.text(), every: try reader.word(), start: CalendarDay(ordinal: try reader.integer()),
      end: try reader.optional().map(CalendarDay.init(ordinal:)), timezone: try reader.text())
  }
}

extension ResourceRequest: ByteCodable {
  func write(to writer: inout ByteWriter) {
    writer.append(optional: cpu)
    writer.append(optional: memoryBytes)
  }

  init(from reader: inout ByteReader) throws {
    self.init(cpu: try reader.optional(), memoryBytes: try reader.optional())
  }
}

extension FailureRule: ByteCodable {
  func write(to writer: inout ByteWriter) {
    writer.append(word: failureClass)
    writer.append(list: exitStatuses.map(Int.init))
    writer.append(list: signals.map(Int.init))
    writer.append(optional: logPattern)
  }

  init(from reader: inout ByteReader) throws {
    self.init(
      failureClass: try reader.word(), exitStatuses: try reader.numbers(), signals: try reader.numbers(),
      logPattern: try reader.optional())
  }
}

extension NotificationTarget: ByteCodable {
  func write(to writer: inout ByteWriter) {
    switch address {
    case .url(let url): writer.append(tag: 0, url)
    case .environment(let name): writer.append(tag: 1, name)
    }
    writer.append(list: events.map(\.rawValue).sorted())
  }

  init(from reader: inout ByteReader) throws {
    let address: Address =
      switch try reader.byte() {
      case 0: .url(try reader.text())
      case 1: .environment(try reader.text())
      case let tag: throw ByteReaderError(detail: "an address with tag \(tag)")
      }
    let words: [String] = try reader.list()
    self.init(address: address, events: Set(try words.map(ByteReader.word)))
  }
}

// MARK: Tasks

extension PipelineTask: ByteCodable {
  func write(to writer: inout ByteWriter) {
    writer.append(name)
    action.write(to: &writer)
    writer.append(optional: each)
    writer.append(batch)
    writer.append(list: inputs)
    writer.append(list: outputs)
    writer.append(list: gathered)
    writer.append(list: after)
    writer.append(word: condition)
    writer.append(map: parameters)
    writer.append(map: environment)
    writer.append(list: code.map(\.string))
    resources.write(to: &writer)
    writer.append(optional: timeoutSeconds)
    writer.append(map: Dictionary(uniqueKeysWithValues: retries.map { ($0.key.rawValue, $0.value) }))
    writer.append(byte: inPlace ? 1 : 0)
    writer.append(optional: description)
    writer.append(optional: location)
  }

  init(from reader: inout ByteReader) throws {
    self.init(
      name: try reader.text(), action: try Action(from: &reader), each: try reader.optional(), batch: try reader.integer(),
      inputs: try reader.list(), outputs: try reader.list(), gathered: try reader.list(), after: try reader.list(),
      condition: try reader.word(), parameters: try reader.map(), environment: try reader.map(),
      code: try reader.list().map { ArtifactPath($0) }, resources: try ResourceRequest(from: &reader),
      timeoutSeconds: try reader.optional(),
      retries: Dictionary(
        try reader.map().map { (try ByteReader.word($0.key), $0.value) }, uniquingKeysWith: { first, _ in first }),
      inPlace: try reader.byte() == 1, description: try reader.optional(), location: try reader.optional())
  }
}

extension PipelineTask.Action: ByteCodable {
  func write(to writer: inout ByteWriter) {
    switch self {
    case .builtin(let reference):
      writer.append(tag: 0, reference.name)
      writer.append(reference.version)
    case .command(let template):
      writer.append(byte: 1)
      template.write(to: &writer)
    case .gate(let gate):
      writer.append(byte: 2)
      gate.write(to: &writer)
    }
  }

  init(from reader: inout ByteReader) throws {
    switch try reader.byte() {
    case 0: self = .builtin(BuiltinReference(name: try reader.text(), version: try reader.integer()))
    case 1: self = .command(try Template(from: &reader))
    case 2: self = .gate(try Gate(from: &reader))
    case let tag: throw ByteReaderError(detail: "an action with tag \(tag)")
    }
  }
}

extension Gate: ByteCodable {
  func write(to writer: inout ByteWriter) {
    writer.append(optional: subject)
    writer.append(list: show)
    writer.append(list: approvers)
    writer.append(map: approverLocations)
    writer.append(byte: excludesRequester ? 1 : 0)
    writer.append(optional: expiry)
  }

  init(from reader: inout ByteReader) throws {
    self.init(
      subject: try reader.optional(), show: try reader.list(), approvers: try reader.list(),
      approverLocations: try reader.map(), excludesRequester: try reader.byte() == 1, expiry: try reader.optional())
  }
}

extension GateExpiry: ByteCodable {
  func write(to writer: inout ByteWriter) {
    afterSeconds.write(to: &writer)
    writer.append(word: result)
  }

  init(from reader: inout ByteReader) throws {
    self.init(afterSeconds: try Double(from: &reader), result: try reader.word())
  }
}

extension OutputReference: ByteCodable {
  func write(to writer: inout ByteWriter) {
    writer.append(task)
    writer.append(output)
  }

  init(from reader: inout ByteReader) throws {
    self.init(task: try reader.text(), output: try reader.text())
  }
}

extension Input: ByteCodable {
  func write(to writer: inout ByteWriter) {
    writer.append(name)
    switch origin {
    case .source(let path):
      writer.append(byte: 0)
      path.write(to: &writer)
    case .output(let reference):
      writer.append(byte: 1)
      reference.write(to: &writer)
    case .release(let file):
      writer.append(byte: 2)
      writer.append(optional: file)
    }
    writer.append(byte: keys == nil ? 0 : 1)
    if let keys { writer.append(list: keys) }
    writer.append(byte: isOptional ? 1 : 0)
    writer.append(optional: location)
  }

  init(from reader: inout ByteReader) throws {
    let name = try reader.text()
    let origin: Origin =
      switch try reader.byte() {
      case 0: .source(try Template(from: &reader))
      case 1: .output(try OutputReference(from: &reader))
      case 2: .release(file: try reader.optional())
      case let tag: throw ByteReaderError(detail: "an origin with tag \(tag)")
      }
    self.init(
      name: name, origin: origin, keys: try reader.byte() == 1 ? try reader.list() : nil, isOptional: try reader.byte() == 1,
      location: try reader.optional())
  }
}

extension Output: ByteCodable {
  func write(to writer: inout ByteWriter) {
    writer.append(name)
    path.write(to: &writer)
    writer.append(optional: location)
  }

  init(from reader: inout ByteReader) throws {
    self.init(name: try reader.text(), path: try Template(from: &reader), location: try reader.optional())
  }
}

// MARK: Texts and places

extension Template: ByteCodable {
  func write(to writer: inout ByteWriter) { writer.append(list: segments) }

  init(from reader: inout ByteReader) throws { self.init(try reader.list()) }
}

extension Template.Segment: ByteCodable {
  func write(to writer: inout ByteWriter) {
    switch self {
    case .text(let text): writer.append(tag: 0, text)
    case .expression(.parameter(let name)): writer.append(tag: 1, name)
    case .expression(.partition(let name)): writer.append(tag: 2, name)
    case .expression(.input(let name)): writer.append(tag: 3, name)
    case .expression(.output(let name)): writer.append(tag: 4, name)
    case .expression(.environment(let name)): writer.append(tag: 5, name)
    case .expression(.secret(let name)): writer.append(tag: 6, name)
    case .expression(.hash): writer.append(tag: 7, "")
    }
  }

  init(from reader: inout ByteReader) throws {
    let tag = try reader.byte()
    let text = try reader.text()
    switch tag {
    case 0: self = .text(text)
    case 1: self = .expression(.parameter(text))
    case 2: self = .expression(.partition(text))
    case 3: self = .expression(.input(text))
    case 4: self = .expression(.output(text))
    case 5: self = .expression(.environment(text))
    case 6: self = .expression(.secret(text))
    case 7: self = .expression(.hash)
    default: throw ByteReaderError(detail: "a piece of a template with tag \(tag)")
    }
  }
}

extension TemplatedValue: ByteCodable {
  func write(to writer: inout ByteWriter) {
    switch self {
    case .constant(let value):
      writer.append(byte: 0)
      value.write(to: &writer)
    case .template(let template):
      writer.append(byte: 1)
      template.write(to: &writer)
    case .list(let values):
      writer.append(byte: 2)
      writer.append(list: values)
    case .map(let entries):
      writer.append(byte: 3)
      writer.append(map: entries)
    }
  }

  init(from reader: inout ByteReader) throws {
    switch try reader.byte() {
    case 0: self = .constant(try ConfigurationValue(from: &reader))
    case 1: self = .template(try Template(from: &reader))
    case 2: self = .list(try reader.list())
    case 3: self = .map(try reader.map())
    case let tag: throw ByteReaderError(detail: "a parameter with tag \(tag)")
    }
  }
}

extension SourceLocation: ByteCodable {
  func write(to writer: inout ByteWriter) {
    writer.append(file)
    writer.append(line)
    writer.append(column)
  }

  init(from reader: inout ByteReader) throws {
    self.init(file: try reader.text(), line: try reader.integer(), column: try reader.integer())
  }
}

// MARK: Parts

extension String: ByteCodable {
  func write(to writer: inout ByteWriter) { writer.append(self) }

  init(from reader: inout ByteReader) throws { self = try reader.text() }
}

extension Int: ByteCodable {
  func write(to writer: inout ByteWriter) { writer.append(self) }

  init(from reader: inout ByteReader) throws { self = try reader.integer() }
}

extension Double: ByteCodable {
  func write(to writer: inout ByteWriter) { writer.append(Int(bitPattern: UInt(bitPattern))) }

  init(from reader: inout ByteReader) throws {
    self.init(bitPattern: UInt64(UInt(bitPattern: try reader.integer())))
  }
}

extension ByteWriter {
  fileprivate mutating func append(tag: UInt8, _ text: String) {
    append(byte: tag)
    append(text)
  }

  fileprivate mutating func append(word: some RawRepresentable<String>) { append(word.rawValue) }

  fileprivate mutating func append<Value: ByteCodable>(list: [Value]) {
    append(list.count)
    for value in list { value.write(to: &self) }
  }

  fileprivate mutating func append<Value: ByteCodable>(map: [String: Value]) {
    append(map.count)
    for (key, value) in map.sorted(by: { $0.key < $1.key }) {
      append(key)
      value.write(to: &self)
    }
  }

  fileprivate mutating func append<Value: ByteCodable>(optional: Value?) {
    append(byte: optional == nil ? 0 : 1)
    optional?.write(to: &self)
  }
}

extension ByteReader {
  fileprivate static func word<Word: RawRepresentable<String>>(_ text: String) throws -> Word {
    guard let word = Word(rawValue: text) else { throw ByteReaderError(detail: "the word \(text)") }
    return word
  }

  fileprivate mutating func word<Word: RawRepresentable<String>>() throws -> Word { try ByteReader.word(try text()) }

  fileprivate mutating func list<Value: ByteCodable>() throws -> [Value] {
    let count = try count()
    var values: [Value] = []
    values.reserveCapacity(count)
    for _ in 0..<count { values.append(try Value(from: &self)) }
    return values
  }

  fileprivate mutating func numbers() throws -> [Int32] {
    try list().map { (number: Int) in
      guard let small = Int32(exactly: number) else { throw ByteReaderError(detail: "the number \(number)") }
      return small
    }
  }

  fileprivate mutating func map<Value: ByteCodable>() throws -> [String: Value] {
    let count = try count()
    var entries: [String: Value] = [:]
    for _ in 0..<count {
      let key = try text()
      entries[key] = try Value(from: &self)
    }
    return entries
  }

  fileprivate mutating func optional<Value: ByteCodable>() throws -> Value? {
    try byte() == 0 ? nil : try Value(from: &self)
  }
}
