// DuckDB and LightGBM are not there: the commands say how to install them, and nothing half-done is left.

import Testing

extension Stories {
  @Suite struct Libraries {
    /// An environment in which nothing of ours and no Python with packages is found.
    static let bare = ["MARTLET_NATIVE_DIR": "/nonexistent", "PATH": "/usr/bin:/bin", "HOME": "/nonexistent"]
    static let install = "pip install"

    @Test func theDoctorSaysWhatToInstall() throws {
      let workspace = try Flights.fresh()
      let sick = workspace.martlet("doctor", environment: Self.bare)
      #expect(sick.status == 1, "\(sick)")
      #expect(sick.out.contains("DuckDB") || sick.out.contains("duckdb"))
      #expect(sick.out.contains(Self.install), "\(sick)")
      let well = workspace.martlet("doctor")
      #expect(well.status == 0, "\(well)")
    }

    @Test func aRunSaysWhatToInstallAndRunsNothing() throws {
      let workspace = try Flights.fresh()
      let run = try workspace.run(environment: Self.bare)
      #expect(run.status == 1, "\(run)")
      #expect(run.ran == ["report"], "\(run)")
      #expect(run.ending.err.contains("cannot be found"), "\(run)")
      #expect(run.ending.err.contains(Self.install), "\(run)")
      #expect(!workspace.exists("data/ingested/data_ingested.parquet"))
      // With the libraries there it goes on by itself.
      #expect(try workspace.run("-p", "dt=2013-01-01", "ingest").status == 0)
    }
  }
}
