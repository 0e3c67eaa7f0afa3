// The wrapper: parameters, typed vectors, streaming, errors.

import DuckDB
import MartletFiles
import Testing

struct DuckDBTests {
  @Test("values come back as they went in")
  func parameters() throws {
    let connection = try TaskWorkspace.connect()
    let values: [Value] = [.null, .boolean(true), .integer(-7), .number(0.1), .text("it's a \"text\" of more than twelve bytes")]
    #expect(try connection.rows("SELECT $1, $2, $3, $4, $5", values) == [values])
  }

  @Test("a long result streams in chunks, in order")
  func streaming() throws {
    let connection = try TaskWorkspace.connect(threads: 2)
    let stream = try connection.query(
      "SELECT i::BIGINT AS i, CASE WHEN i % 2 = 0 THEN i / 2.0::DOUBLE END AS half FROM range(100000) AS t(i)")
    #expect(stream.columns.map(\.type) == [.bigInteger, .double])
    var next: Int64 = 0
    var halves = [Double](repeating: 0, count: 2048)
    while let chunk = try stream.next() {
      #expect(chunk.columns[0].int64s.first == next)
      halves.withUnsafeMutableBufferPointer { chunk.columns[1].copyDoubles(to: $0.baseAddress!) }
      #expect(halves[1].isNaN && halves[0] == Double(next) / 2)
      next += Int64(chunk.rowCount)
    }
    #expect(next == 100_000)
  }

  @Test("trouble of the system's is told apart from files that make no sense")
  func system() throws {
    let workspace = try TaskWorkspace()
    let connection = try TaskWorkspace.connect()
    func failure(_ sql: String) -> DuckDBError? {
      do {
        try connection.execute(sql)
        return nil
      } catch { return error as? DuckDBError }
    }
    let full = try #require(failure("COPY (SELECT range FROM range(100000)) TO '/dev/full' (FORMAT csv)"))
    #expect(full.isOfTheSystem, "\(full)")
    let path = try workspace.write("torn.parquet", "PAR1 but no more of it")
    let torn = try #require(failure("SELECT * FROM read_parquet('\(path)')"))
    #expect(!torn.isOfTheSystem, "\(torn)")
    let gone = try #require(failure("SELECT * FROM read_csv('\(workspace.path("gone.csv"))')"))
    #expect(!gone.isOfTheSystem, "\(gone)")
  }

  @Test("what DuckDB refuses is an error with its message")
  func errors() throws {
    let connection = try TaskWorkspace.connect()
    #expect(throws: DuckDBError.self) { try connection.execute("SELEC 1") }
    do {
      _ = try connection.rows("SELECT nothing")
      Issue.record("the query ran")
    } catch let error as DuckDBError {
      #expect(error.summary.hasPrefix("Referenced column \"nothing\""))
    }
  }

  @Test("names and texts are quoted so that they mean themselves")
  func quoting() throws {
    #expect(SQL.identifier("a\"b") == "\"a\"\"b\"")
    #expect(SQL.list(["it's", "b"]) == "['it''s', 'b']")
  }

  @Test("a library that is nowhere: the places looked at and the line that installs it")
  func missing() throws {
    let search = NativeLibrarySearch(
      environment: ["MARTLET_NATIVE_DIR": "/nowhere/a:/nowhere/b"], executableFolder: "/nowhere/bin")
    guard case .missing(let places) = search.find(.duckdb) else { return }
    #expect(places.prefix(3) == ["/nowhere/a", "/nowhere/b", "/nowhere/bin"])
    #expect(throws: DuckDBError.self) { try DuckDBLibrary(search) }
  }

  @Test("a library is found in the given folder and two levels below it")
  func found() throws {
    let workspace = try TaskWorkspace()
    try workspace.write("site/python/libduckdb.so", "")
    try workspace.write("site/lightgbm/lib/lib_lightgbm.so", "")
    let search = NativeLibrarySearch(environment: ["MARTLET_NATIVE_DIR": workspace.folder], executableFolder: nil)
    #expect(search.find(.duckdb) == .found(path: workspace.path("site/python/libduckdb.so")))
    #expect(search.find(.lightgbm) == .found(path: workspace.path("site/lightgbm/lib/lib_lightgbm.so")))
  }
}
