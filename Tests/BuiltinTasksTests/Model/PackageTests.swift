// package@1: a release with its manifest, whose bytes depend on what it holds and nothing else.

import Crypto
import Foundation
import MartletModel
import Testing

@testable import BuiltinTasks

/// package@1: the manifest vouches for the files, and nothing else gets in.
@Suite struct PackageTests {
  @Test func theManifestNamesEveryFileWithItsDigest() throws {
    let workspace = try ModelWorkspace()
    #expect(try workspace.train().status == 0)
    try workspace.files.write("reports/data_profile.json", "{}\n")
    try workspace.files.write(
      "config/schema.yaml", "# why\nfeatures: {time: {at: \"a: b\"}, on: [1, 2.5, {x: null}]}\ncolumns: {}\nrows: 1\n")
    let ending = try workspace.package()
    try #require(ending.status == 0, Comment(rawValue: ending.complaint))
    #expect(ending.message == "release 0123456789ab")

    let bytes = try workspace.files.bytes("artifact/model_vkey/manifest.json")
    let manifest = try JSONDecoder().decode(ConfigurationValue.self, from: Data(bytes))
    #expect(manifest["schema"] == .text("martlet.manifest/1") && manifest["model_version"] == .text("0123456789ab"))
    #expect(manifest["data"]?["ingest.part"]?["partitions"]?["2013-01-01"] == .text("aa"))
    #expect(
      manifest["signature"]?["inputs"]?.list.last?["categories"]?.list == [.text("a"), .text("a longer name"), .text("b\"é")])
    let names = ["data_profile.json", "model.pkl", "model.txt", "schema.yaml", "train_metrics.json"]
    #expect(manifest["files"]?.list.compactMap { $0["path"]?.text } == names)
    for file in manifest["files"]?.list ?? [] {
      let content = try workspace.files.bytes("artifact/model_vkey/\(file["path"]?.text ?? "")")
      let digest = SHA256.hash(data: content).map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }.joined()
      #expect(file["sha256"] == .text(digest) && file["bytes"] == .integer(content.count))
    }
    #expect(
      String(decoding: try workspace.files.bytes("artifact/model_vkey/schema.yaml"), as: UTF8.self) == """
        columns: {}
        features:
          on:
            - 1
            - 2.5
            -
              x: null
          time:
            at: "a: b"

        """)

    // A comment and a key that does not count change no fingerprint, so they may change no byte either.
    try workspace.files.write(
      "config/schema.yaml", "columns: {}\nrows: 2\nfeatures: {on: [1, 2.5, {x: null}], time: {at: 'a: b'}}\n")
    #expect(try workspace.package(into: "artifact/again").status == 0)
    for name in names + ["manifest.json"] {
      #expect(try workspace.files.bytes("artifact/again/\(name)") == workspace.files.bytes("artifact/model_vkey/\(name)"))
    }
  }
}
