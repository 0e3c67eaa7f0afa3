/// The small pipeline that `martlet selftest --chaos` runs: one task of each kind that a kill could hurt in its own way.

enum ChaosPipeline {
  /// How often the sources change: an undisturbed run comes before each change and after the last.
  static let generations = 2

  private static let days = (1...4).map { "2013-01-0\($0)" }

  /// Every task notes its start in `ledger`, which is no output: what was done twice shows there.
  static let text = """
    martlet: 1
    pipeline: chaos
    partitions:
      dt: {every: day, start: "\(days.first!)", end: "\(days.last!)", timezone: UTC}
    resources: {cpu: 2}
    tasks:
      sort:
        run: |
          echo "$MARTLET_TASK $MARTLET_PARTITION $MARTLET_ATTEMPT" >> ledger
          sort ${{ in.rows }} > ${{ out.sorted }}
        each: dt
        in: {rows: "raw/dt=${{ dt }}/rows.txt"}
        out: {sorted: "work/dt=${{ dt }}/sorted.txt"}
      join:
        run: |
          echo "$MARTLET_TASK - $MARTLET_ATTEMPT" >> ledger
          cat ${{ in.sorted }} > ${{ out.all }}
          sleep 0.05
        in: {sorted: sort.sorted}
        out: {all: work/all.txt}
      flaky:
        run: |
          echo "$MARTLET_TASK - $MARTLET_ATTEMPT" >> ledger
          test $(grep -c '^flaky ' ledger) -ge 3 || exit 75
          wc -l < ${{ in.all }} > ${{ out.count }}
        in: {all: join.all}
        out: {count: work/count.txt}
      place:
        run: |
          echo "$MARTLET_TASK - $MARTLET_ATTEMPT" >> ledger
          printf half > work/place.txt
          sleep 0.05
          cat ${{ in.all }} > work/place.txt
        in: {all: join.all}
        out: {text: work/place.txt}
        in_place: true
      folder:
        run: |
          echo "$MARTLET_TASK - $MARTLET_ATTEMPT" >> ledger
          mkdir ${{ out.pages }}
          split -l 2 ${{ in.all }} ${{ out.pages }}/page-
        in: {all: join.all}
        out: {pages: work/pages/}
      release:
        gate: approval
        show: [join.all, flaky.count]
        approvers: ["*"]
      last:
        run: |
          echo "$MARTLET_TASK - $MARTLET_ATTEMPT" >> ledger
          cat ${{ in.count }} ${{ in.text }} ${{ in.pages }}/* > ${{ out.end }}
        after: [release]
        in: {count: flaky.count, text: place.text, pages: folder.pages}
        out: {end: work/end.txt}

    """

  static let gate = "release"

  /// What the sources hold that are new or changed in a generation, by path.
  static func sources(generation: Int) -> [String: String] {
    let changed = generation == 0 ? days : [days[1]]
    return Dictionary(
      uniqueKeysWithValues: changed.map { day in
        ("raw/dt=\(day)/rows.txt", (0..<6).map { "\(9 - $0) \(day) \(generation)\n" }.joined())
      })
  }
}
