// A workspace whose built-in `validate` judges a small table.

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

struct JudgedTable {
  let workspace: CommandWorkspace

  /// DuckDB is found where set-up installs it.
  static let environment: [String: String] = {
    let given = getenv("MARTLET_NATIVE_DIR").map { String(cString: $0) }
    let root = Program.folder(of: Program.folder(of: Program.folder(of: #filePath)))
    return ["MARTLET_NATIVE_DIR": given ?? root + "/.native"]
  }()

  /// - Parameters:
  ///   - top: lines of the pipeline file above its tasks.
  ///   - checks: lines below `quality:` of the schema.
  init(top: String = "", checks: String) {
    workspace = CommandWorkspace(
      pipeline: """
        martlet: 1
        pipeline: judged
        \(top)
        tasks:
          ingest:
            uses: ingest@1
            in: {orders: data/orders.csv, schema: {path: config/schema.yaml, keys: [columns]}}
            out: {part: data/all.parquet, rejects: data/rejects.parquet}
          validate:
            uses: validate@1
            in: {data: ingest.part, schema: {path: config/schema.yaml, keys: [columns, checks]}}
            out: {profile: reports/data_profile.json, summary: reports/validation_summary.md}

        """)
    workspace.write(
      "config/schema.yaml",
      """
      columns:
        orders: {fields: {id: {type: integer, required: true}, price: number}}
      checks:
        quality:
      \(checks)

      """)
  }

  /// Writes a table of so many rows, whose ids are all 1.
  func write(rows: Int) {
    workspace.write("data/orders.csv", "id,price\n" + (0..<rows).map { "1,\($0)\n" }.joined())
  }

  func run() -> Ending { workspace.martlet("run", environment: JudgedTable.environment) }
}
