// The same inputs give the same bytes, whatever the number of threads and the size of the batches.

import Testing

extension Stories {
  @Suite struct Reproduction {
    @Test func threadsAndBatchesDoNotShowInTheBytes() throws {
      let finished = try Flights.finished()
      let other = try Flights.fresh()
      try other.edit("martlet.yaml", "cpu: 2", "cpu: 1")
      try other.edit("martlet.yaml", "batch: 64", "batch: 5")
      let run = try other.run("-j", "1")
      #expect(run.status == 3, "\(run)")
      let release = try finished.paths("artifact/model_v*")
      #expect(try other.paths("artifact/model_v*") == release)
      let outputs = [
        "data/ingested/data_ingested.parquet", "data/processed/features.parquet", "models/model.pkl", "models/model.txt",
        "reports/eval_metrics.json", "\(release.first ?? "artifact")/manifest.json",
      ]
      #expect(try other.digests(outputs) == finished.digests(outputs))
    }
  }
}
