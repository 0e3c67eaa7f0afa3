// What planning reads of a release's manifest, in the form that `package@1` writes.

import MartletFiles
import MartletModel
import Testing

@Suite struct ReleaseManifestTests {
  @Test func theOutputsBehindAReleaseAreKnownByNameAndPartition() throws {
    let digests = ["a", "b", "c", "d"].map { Digest(of: Array($0.utf8)) }
    let manifest = try ReleaseManifest(
      json: Array(
        """
        {"data": {"ingest.all": {"digest": "\(digests[0])"},
          "ingest.part": {"partitions": {"2013-01-01": "\(digests[1])", "2013-01-02": "\(digests[2])"}}},
         "files": [{"bytes": 4, "path": "model.txt", "sha256": "\(digests[3])"}], "model_version": "0123456789ab",
         "schema": "martlet.manifest/1"}
        """.utf8))
    #expect(
      manifest.lineage == [
        "ingest.all": digests[0], "ingest.part[2013-01-01]": digests[1], "ingest.part[2013-01-02]": digests[2],
      ])
    #expect(manifest.files.map(\.path) == ["model.txt"])
    #expect(manifest.version == "0123456789ab")
  }

  @Test func aManifestOfAnotherFormIsRefusedAndNotReadAsEmpty() {
    let json = #"{"data": {"ingest.all": ["x"]}, "files": [], "model_version": "v"}"#
    #expect(throws: DecodingError.self) { try ReleaseManifest(json: Array(json.utf8)) }
  }

  @Test(arguments: ["", "{", #"{"data": {}}"#])
  func aManifestThatDoesNotReadIsNamedWithItsRelease(_ text: String) throws {
    let scratch = try ScratchFolder()
    try FileTree.makeFolder("\(scratch.path)/artifact/model_v1")
    try DurableFile.replace("\(scratch.path)/artifact/model_v1/manifest.json", with: Array(text.utf8))
    let release = ReleaseFolder(root: scratch.path, path: "artifact/model_v1/")
    for read in [{ _ = try release.manifest() }, { try release.verify() }] as [() throws -> Void] {
      let error = #expect(throws: ReleaseError.self) { try read() }
      #expect(
        error?.description == """
          the release artifact/model_v1/ is damaged
            manifest.json does not read as a manifest
            hint: remove the folder, and the next run makes it again
          """)
    }
  }
}
