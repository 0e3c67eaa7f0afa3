/// `martlet init --from FILE.csv`: the seven built-in tasks over a table of the user's own.

struct ModelTemplate {
  let pipeline: String
  /// The table's path below the workspace.
  let path: String
  private let sample: CSVSample
  private let guess: ModelGuess

  /// - Parameter source: where the table lies now.
  /// - Throws: `UserError`
  init(pipeline: String, path: String, source: String, label: String?, time: String?) throws {
    self.pipeline = pipeline
    self.path = path
    sample = try CSVSample(path: source)
    guess = try ModelGuess(sample, label: label, time: time)
  }

  var files: [TemplateFile] {
    [
      TemplateFile(path: "martlet.yaml", text: pipelineText), schemaFile,
      TemplateFile(path: "config/schema.yaml", text: schemaText),
      TemplateFile(path: "config/train.yaml", text: trainText),
      TemplateFile(path: "templates/report.md.mustache", text: reportTemplate(title: pipeline)),
      TemplateFile(path: ".gitignore", text: modelGitignore),
    ]
  }

  /// What was guessed, a line each: the person decides whether it is right.
  var notes: [String] {
    var notes: [String] = []
    switch guess.target {
    case .binary(let sql): notes.append("predicts whether \(sql); --label COLUMN predicts another")
    case .number: notes.append("predicts the number \(guess.label.name); --label COLUMN predicts another")
    }
    if let time = guess.time {
      notes.append("splits by the time in \(time.name): learns from the past, is judged by what came after")
    } else {
      notes.append(
        "no column holds a time: rows are split by their content, as good as at random; --time COLUMN splits by a time")
    }
    if !guess.leftOut.isEmpty { notes.append("not learnt from: \(guess.leftOut.joined(separator: ", "))") }
    return notes
  }

  /// The table's name: that of the file, as far as it can be one.
  private var table: String {
    let file = path.split(separator: "/").last.map(String.init) ?? "rows"
    let name = ModelGuess.name(String(file.prefix { $0 != "." })).lowercased()
    return ["schema", "part", "rejects", "all"].contains(name) ? "rows" : name
  }

  private var schemaText: String {
    let nulls = guess.columns.reduce(into: Set<String>()) { $0.formUnion($1.nullTokens) }
    var lines = [
      "# What the data are. Written by `martlet init` from a sample; every guess can be changed. Reference: docs/configuration.md.",
      "columns:", "  \(table):",
    ]
    if !nulls.subtracting([""]).isEmpty { lines.append("    null_tokens: \(YAMLText.list(nulls.union([""]).sorted()))") }
    if sample.delimiter != "," { lines.append("    delimiter: \(YAMLText.scalar(String(sample.delimiter)))") }
    if sample.delimiter != ",", guess.columns.contains(where: \.hasDecimalComma) { lines.append("    decimal: \",\"") }
    lines.append("    fields:")
    lines += guess.columns.map { "      \(YAMLText.scalar($0.name)): \(field($0))" }
    lines += ["", "checks:", "  quality:", "    - {metric: rowCount, mustBeGreaterThan: 0}"]
    lines += ["", "rows:", "  rules: []"]
    lines += ["  max_bad_percent: 1               # more bad rows than this and clean stops", "", "features:"]
    lines += [
      "  time: {\(timeName): \(YAMLText.scalar(timeSQL))}",
      "  label: {\(ModelGuess.name(guess.label.name)): \(YAMLText.scalar(labelSQL))}",
    ]
    lines += features("numeric", guess.numeric) + features("categorical", guess.categorical)
    return lines.joined(separator: "\n") + "\n"
  }

  private func field(_ column: ColumnGuess) -> String {
    // Of a part of the file nobody can say that no value is missing.
    let isRequired = sample.isWhole && !column.hasNulls
    var parts = ["type: \(column.kind.word)"]
    if case .date(let format?) = column.kind { parts.append("format: \(YAMLText.scalar(format))") }
    if isRequired { parts.append("required: true") }
    return parts.count == 1 ? column.kind.word : "{\(parts.joined(separator: ", "))}"
  }

  private func features(_ key: String, _ features: [ModelGuess.Feature]) -> [String] {
    features.isEmpty ? [] : ["  \(key):"] + features.map { "    \(YAMLText.scalar($0.name)): \(YAMLText.scalar($0.sql))" }
  }

  private var timeName: String { guess.time.map { ModelGuess.name($0.name) } ?? "day" }

  /// Without a time, every row gets one of a hundred days by its content: equal rows stay together, and nothing depends on their order.
  private var timeSQL: String {
    if let time = guess.time { return SQLText.identifier(time.name) }
    let columns = guess.columns.map { SQLText.identifier($0.name) }.joined(separator: ", ")
    return "TIMESTAMP '2000-01-01' + to_days(CAST(hash(\(columns)) % 100 AS INTEGER))"
  }

  private var labelSQL: String {
    switch guess.target {
    case .binary(let sql), .number(let sql): sql
    }
  }

  private var isBinary: Bool {
    if case .binary = guess.target { return true }
    return false
  }

  /// Leaves of a hundredth of the rows, but neither tiny nor huge ones.
  private var leafRows: Int { min(200, max(5, sample.rows.count / 100)) }

  private var trainText: String {
    """
    # How the model is trained and judged. Reference: docs/configuration.md.
    learner:
      kind: lightgbm
      objective: \(isBinary ? "binary" : "regression")
      metric: \(isBinary ? "auc" : "rmse")
      rounds: 500
      early_stopping: 40

    parameters:                        # LightGBM's own
      learning_rate: 0.05
      num_leaves: 31
      min_data_in_leaf: \(leafRows)

    seeds: [1, 2, 3]

    split:
      validation: {share: 0.15}
      test: {share: 0.15}

    stability:
      folds: 3
      rounds: 80

    thresholds:                        # choose these once you know what the model can do: see reports/eval_metrics.json
      limits:
        \(isBinary ? "auc: {warn: 0.6, fail: 0.5}" : "r2: {warn: 0.1, fail: 0.0}")
      champion: {metric: \(isBinary ? "auc" : "rmse"), tolerance: 0.01, verdict: fail}

    drift:
      share: 0.5
      verdict: warn
      score: warn

    """
  }

  private var pipelineText: String {
    """
    # yaml-language-server: $schema=martlet.schema.json
    # `martlet plan` says what would happen and why, `martlet run` does it, `martlet graph` draws it.
    martlet: 1
    pipeline: \(pipeline)

    # What a task may use of the machine, as far as the machine has it.
    defaults: {resources: {cpu: 4}}

    params:
      min_rows: \(min(100, sample.rows.count))

    tasks:
      # Reads the file as config/schema.yaml says, writes Parquet. Broken rows go to data/rejects.
      ingest:
        uses: ingest@1
        in:
          \(table): \(YAMLText.scalar(path.contains("/") ? path : "./" + path))
          schema: {path: config/schema.yaml, keys: [columns, join]}
        out: {part: data/ingested/data_ingested.parquet, rejects: data/rejects/rejects.parquet}

      # Looks at every column and holds the checks of config/schema.yaml against it.
      validate:
        uses: validate@1
        in:
          data: ingest.part
          schema: {path: config/schema.yaml, keys: [columns, checks]}
          baseline: {release: current, file: data_profile.json, optional: true}
        out: {profile: reports/data_profile.json, summary: reports/validation_summary.md}
        with: {min_rows: "${{ params.min_rows }}"}

      # Sets rows aside that break a rule, turns the rest into features.
      clean:
        uses: clean@1
        after: [validate]
        in:
          data: ingest.part
          schema: {path: config/schema.yaml, keys: [columns, rows, features]}
        out: {features: data/processed/features.parquet, quarantine: data/quarantine/clean.parquet}

      train:
        uses: train@1
        in:
          features: clean.features
          config: {path: config/train.yaml, keys: [learner, parameters, seeds, split, stability]}
        out: {model: models/model.pkl, native: models/model.txt, metrics: reports/train_metrics.json}

      # Judges the model on rows that training never saw, beside the model in production.
      eval:
        uses: evaluate@1
        in:
          model: train.native
          features: clean.features
          config: {path: config/train.yaml, keys: [split, thresholds, drift]}
          champion: {release: current, optional: true}
        out: {metrics: reports/eval_metrics.json, drift: reports/drift_report.md}

      package:
        uses: package@1
        after: [eval]
        in:
          model: train.model
          native: train.native
          train_metrics: train.metrics
          profile: validate.profile
          schema: {path: config/schema.yaml, keys: [columns, rows, features]}
        out: {release: "artifact/model_v${{ hash }}/"}

      # A person looks at what is shown and says yes or no: `martlet approve promote`, `martlet reject promote`.
      promote:
        gate: approval
        after: [package]
        subject: package.release
        show: [eval.metrics, eval.drift, validate.summary]
        approvers: ["*"]

      report:
        uses: report@1
        after: [package]
        when: settled                      # also when something above failed: that is when one wants to read it
        in:
          profile: validate.profile
          summary: validate.summary
          train: train.metrics
          eval: eval.metrics
          drift: eval.drift
          template: templates/report.md.mustache
          notes: {path: deliverables/notes.md, optional: true}
        out: {report: deliverables/report.md, images: deliverables/images/}

    """
  }
}

/// What runs make; the raw data stay visible to git, which the person may not want for large ones.
private let modelGitignore = """
  # What runs make. Commit the pipeline, config/, templates/ and deliverables/notes.md.
  /.martlet/
  /artifact/
  /checkpoints/
  /data/ingested/
  /data/processed/
  /data/quarantine/
  /data/rejects/
  /deliverables/images/
  /deliverables/report.md
  /incidents/
  /logs/
  /models/
  /reports/

  """
