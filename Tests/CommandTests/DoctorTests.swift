// `martlet doctor` names what is missing and how to install it.

import Testing

@Suite struct DoctorTests {
  private let install = "hint: install it with `python3 -m pip install duckdb==2.0.0 lightgbm==4.7.0`"

  @Test func aMissingLibraryIsNamedWithItsInstallLineWhereThePipelineNeedsIt() {
    let workspace = CommandWorkspace(
      pipeline: """
        martlet: 1
        pipeline: rows
        tasks:
          ingest:
            uses: ingest@1
            in: {rows: data/rows.csv, schema: config/schema.yaml}
            out: {part: data/part.parquet, rejects: data/rejects.parquet}

        """)
    let ending = workspace.martlet("doctor", environment: ["MARTLET_NATIVE_DIR": workspace.root, "PATH": "/nowhere"])
    #expect(ending.status == 1)
    #expect(ending.out.contains("✗ duckdb              DuckDB was not found\n"))
    #expect(ending.out.contains("looked in ROOT\n"))
    #expect(ending.out.contains(install))
    #expect(ending.out.ranges(of: "pip install").count == 2, "once for each library: \(ending)")
    #expect(ending.out.contains("! lightgbm            LightGBM was not found\n"), "this pipeline does not train")
    #expect(ending.out.contains("! git                 not on the PATH\n"))
    #expect(ending.out.contains("✓ workspace           ROOT: rows, 1 task\n"))
    #expect(ending.err == "")
  }

  @Test func whatThePipelineDoesNotNeedIsNoFault() {
    let workspace = CommandWorkspace(
      pipeline: "martlet: 1\npipeline: rows\ntasks: {one: {run: \"touch ${{ out.a }}\", out: {a: data/a}}}\n")
    let ending = workspace.martlet("doctor", environment: ["MARTLET_NATIVE_DIR": workspace.root, "PATH": "/nowhere"])
    #expect(ending.status == 0, "\(ending)")
    #expect(ending.out.contains("✓ store               none yet; the first run makes it\n"))
  }

  @Test func aBrokenStoreAndABrokenFileAreBothTold() {
    let workspace = CommandWorkspace(pipeline: "martlet: 1\n")
    workspace.write(".martlet/store.sqlite", String(repeating: "no database ", count: 1000))
    let ending = workspace.martlet("doctor", "-q")
    #expect(ending.status == 1)
    #expect(ending.out.contains("✗ workspace           ROOT/martlet.yaml has "))
    #expect(ending.out.contains("✗ store               the store is damaged\n"))
  }
}
