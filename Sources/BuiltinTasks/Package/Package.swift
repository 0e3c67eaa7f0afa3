/// package@1: one folder with everything that is needed to use, check and explain a model.

import Foundation
import MartletFiles
import MartletModel
import MartletSyntax

/// Input `model`, `native`, `train_metrics`, `profile`, `schema`; output `release`, a folder.
struct Package: BuiltinTask {
  static let configuration = "schema"

  static func check(_ item: TaskSpecification.Item, _ libraries: NativeLibrarySearch) throws { _ = try schema(item) }

  static func run(_ context: TaskContext) throws {
    let item = context.item
    let specification = context.specification
    let metrics = try TaskFile.read(try item.input("train_metrics"))
    let version = String(specification.key.prefix(12))
    let contents: [(name: String, bytes: [UInt8])] = [
      ("model.pkl", try TaskFile.read(try item.input("model"))),
      ("model.txt", try TaskFile.read(try item.input("native"))),
      ("train_metrics.json", metrics),
      ("data_profile.json", try TaskFile.read(try item.input("profile"))),
      ("schema.yaml", Array(try schema(item).utf8)),
    ]
    let manifest = Manifest(
      version: version, training: try training(metrics), lineage: specification.lineage ?? [:],
      files: contents.map { Manifest.File(name: $0.name, content: $0.bytes) })

    let output = try item.output("release")
    let folder = output.hasSuffix("/") ? String(output.dropLast()) : output
    try TaskFile.makeFolder(folder)
    for (name, bytes) in contents { try TaskFile.write(bytes, to: "\(folder)/\(name)") }
    try TaskFile.write(JSONText.pretty(manifest.json), to: "\(folder)/manifest.json")
    let size = contents.reduce(0) { $0 + $1.bytes.count }
    try context.succeeded(
      item, ItemResult(message: "release \(version)", figures: ["files": .integer(contents.count + 1), "bytes": .integer(size)]))
  }

  private static func training(_ bytes: [UInt8]) throws -> ConfigurationValue {
    do {
      return try JSONDecoder().decode(ConfigurationValue.self, from: Data(bytes))
    } catch {
      throw TaskFailure(.config, "the input train_metrics is no JSON: \(error)")
    }
  }

  /// The keys of the schema that count, without its comments: a release must not differ where its fingerprint does not.
  private static func schema(_ item: TaskSpecification.Item) throws -> String {
    let path = try item.input("schema")
    let values = try ConfigurationReader.read(text: try TaskFile.text(path), file: path).get()
    guard let keys = item.inputs["schema"]?.keys else { return YAMLText.document(values) }
    return YAMLText.document(values.filter { keys.contains($0.key) })
  }
}
