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
}
