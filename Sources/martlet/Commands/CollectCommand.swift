// `martlet gc`: removes what is old, and on request what can be made again.

import ArgumentParser
import MartletModel
import MartletSyntax

struct CollectCommand: HostedCommand {
  static let configuration = CommandConfiguration(
    commandName: "gc",
    abstract: "Remove old attempts, kept-aside files and unpromoted releases; on request, intermediate outputs.",
    discussion: """
      Never removed: a release that was ever promoted, so neither what is in production or pinned nor the way back; what a gate shows; \
      what a live attempt uses; the newest attempt of each task. --intermediates also removes outputs that only other tasks read: they \
      count as present, and are made again when a task that must run reads them.
      """)

  @Option(help: ArgumentHelp("Remove what was last written longer ago than this: 30d, 12h.", valueName: "duration"))
  var olderThan: String = "30d"

  @Option(
    name: [.customLong("max-size"), .customLong("keep-bytes")],
    help: ArgumentHelp("Also remove the oldest of the rest until it fits into this: 10GB, 512MiB.", valueName: "size"))
  var maximumSize: String?

  @Flag(help: "Also remove outputs that only other tasks read.")
  var intermediates = false

  @Flag(name: .customLong("dry-run"), help: "Say what would be removed, and remove nothing.")
  var isDryRun = false

  @OptionGroup var shared: SharedOptions

  func run(on host: Host) throws -> ExitStatus {
    let location = try WorkspaceLocation.find(shared, host)
    let order = try order()
    if isDryRun {
      let reader = try WorkspaceReader(location, host: host)
      let planner = reader.planner()
      let survey = CollectionSurvey(
        root: location.root, planner: planner, facts: try reader.survey.facts(for: planner), history: reader.survey.history,
        store: reader.store)
      var collection = Collection(try survey.collectables(order), order, now: host.wallSeconds())
      collection.isDryRun = true
      return tell(collection, host)
    }
    switch try WorkspaceSession.openOrAsk(location, .collect(order), parameters: [], shared: shared, host: host) {
    case .answered(let status): return status
    case .opened(let session):
      let collection = try session.collect(order)
      try session.leave()
      return tell(collection, host)
    }
  }

  private func tell(_ collection: Collection, _ host: Host) -> ExitStatus {
    host.output.write(shared.json ? Document.collection(collection) : collection.text)
    return .done
  }

  private func order() throws -> CollectionOrder {
    guard let seconds = CollectCommand.seconds(olderThan) else {
      throw UserError(
        "--older-than takes a duration", facts: [("given", olderThan)], hint: "--older-than 30d, 12h, or 0d for all")
    }
    var order = CollectionOrder(olderThanSeconds: seconds, intermediates: intermediates)
    if let maximumSize {
      guard let bytes = Int(maximumSize) ?? Quantity.bytes(maximumSize), bytes >= 0 else {
        throw UserError("--max-size takes a size", facts: [("given", maximumSize)], hint: "--max-size 10GB, or 512MiB")
      }
      order.maximumBytes = bytes
    }
    return order
  }

  /// A duration of the pipeline file, and zero, which means everything.
  private static func seconds(_ text: String) -> Double? {
    if text.hasPrefix("0"), Quantity.seconds("1" + text.dropFirst()) != nil { return 0 }
    return Quantity.seconds(text)
  }
}

extension Collection {
  /// By kind, then what was gained.
  var text: String {
    var table = Table([.init("WHAT"), .init("COUNT", .right), .init("SIZE", .right), .init("FOR INSTANCE")])
    for kind in Collectable.Kind.allCases {
      let items = removed.filter { $0.kind == kind }
      guard let largest = items.max(by: { $0.bytes < $1.bytes }) else { continue }
      table.append([
        Table.Cell(kind.phrase), Table.Cell(NumberText.grouped(items.count)),
        Table.Cell(SizeText.bytes(items.reduce(0) { $0 + $1.bytes })), Table.Cell(largest.path.string),
      ])
    }
    let verb = isDryRun ? "would remove" : "removed"
    let rest = kept.isEmpty ? "" : "; \(SizeText.bytes(kept.reduce(0) { $0 + $1.bytes })) that could go stay, for now"
    guard !removed.isEmpty else { return "nothing to remove\(rest)\n" }
    return table.rendered(Painter(isOn: false), width: nil)
      + "\(verb) \(SizeText.bytes(bytes)) (\(NumberText.counted(bytes, "byte")))\(rest)\n"
  }
}

extension Collectable.Kind {
  /// In the plural.
  var phrase: String {
    switch self {
    case .attempt: "attempts"
    case .aside: "files kept aside"
    case .release: "releases never promoted"
    case .intermediate: "intermediate outputs"
    }
  }
}

extension Document {
  static func collection(_ collection: Collection) -> String {
    let removed = collection.removed.map { item in
      object(
        (item.instance.map(members) ?? [:]).merging([
          "kind": .text(item.kind.rawValue), "path": .text(item.path.string), "bytes": .integer(item.bytes),
          "written": time(item.writtenAt), "output": text(item.output),
        ]) { $1 })
    }
    return line(
      schema: "martlet.gc/1",
      [
        "removed": .list(removed), "bytes": .integer(collection.bytes),
        "kept": .integer(collection.kept.reduce(0) { $0 + $1.bytes }), "dryRun": .boolean(collection.isDryRun),
      ])
  }
}
