/// The pipeline of the example, as far as planning and running see it, over a few days.

import MartletModel

extension Pipeline {
  /// Tasks with the partition `dt`, by default the first three days of 2013.
  public static func testing(
    _ tasks: [PipelineTask], parameters: [String: ConfigurationValue] = [:], days: ClosedRange<Int> = 1...3,
    failureRules: [FailureRule] = []
  ) -> Pipeline {
    let definition = PartitionDefinition(
      name: "dt", every: .day, start: CalendarDay(year: 2013, month: 1, day: days.lowerBound)!,
      end: CalendarDay(year: 2013, month: 1, day: days.upperBound)!, timezone: "UTC")
    return Pipeline(
      name: "testing", parameters: parameters, partitions: [definition], tasks: tasks, failureRules: failureRules)
  }

  /// By name, as the planner takes them.
  public var partitionsByName: [String: [Partition]] {
    Dictionary(
      uniqueKeysWithValues: partitions.map { ($0.name, $0.partitions(today: CalendarDay(year: 2013, month: 12, day: 31)!)) })
  }

  /// The seven tasks and the gate of design.md.
  public static func flights(days: ClosedRange<Int> = 1...3, batch: Int = 1) -> Pipeline {
    testing(
      [
        .builtin(
          "ingest", uses: "ingest",
          in: [
            "flights=data/raw/dt=${{ dt }}/flights.csv", "planes=data/reference/planes.csv",
            "schema=config/schema.yaml#columns,join",
          ],
          out: ["part=data/ingested/parts/dt=${{ dt }}/part.parquet", "rejects=data/rejects/dt=${{ dt }}.parquet"],
          gather: ["all=data/ingested/data_ingested.parquet"], each: "dt", batch: batch),
        .builtin(
          "validate", uses: "validate",
          in: ["data=ingest.all", "schema=config/schema.yaml#columns,checks", "baseline=release:current/data_profile.json?"],
          out: ["profile=reports/data_profile.json", "summary=reports/validation_summary.md"],
          with: ["min_rows=${{ params.min_rows }}"]),
        .builtin(
          "clean", uses: "clean", in: ["data=ingest.all", "schema=config/schema.yaml#columns,rows,features"],
          out: ["features=data/processed/features.parquet", "quarantine=data/quarantine/clean.parquet"], after: ["validate"]),
        .builtin(
          "train", uses: "train",
          in: ["features=clean.features", "config=config/train.yaml#learner,parameters,seeds,split,stability"],
          out: ["model=models/model.pkl", "native=models/model.txt", "metrics=reports/train_metrics.json"],
          resources: ResourceRequest(cpu: 2)),
        .builtin(
          "eval", uses: "evaluate",
          in: [
            "model=train.native", "features=clean.features", "config=config/train.yaml#split,thresholds,drift",
            "champion=release:current?",
          ],
          out: ["metrics=reports/eval_metrics.json", "drift=reports/drift_report.md"]),
        .builtin(
          "package", uses: "package",
          in: [
            "model=train.model", "native=train.native", "train_metrics=train.metrics", "profile=validate.profile",
            "schema=config/schema.yaml#columns,rows,features",
          ],
          out: ["release=artifact/model_v${{ hash }}/"], after: ["eval"]),
        .gate(
          "promote", subject: "package.release", show: ["eval.metrics", "eval.drift", "validate.summary"], after: ["package"]),
        .builtin(
          "report", uses: "report",
          in: [
            "profile=validate.profile", "summary=validate.summary", "train=train.metrics", "eval=eval.metrics",
            "drift=eval.drift",
            "template=templates/report.md.mustache", "notes=deliverables/notes.md?",
          ],
          out: ["report=deliverables/report.md", "images=deliverables/images/"], after: ["package"], when: .settled),
      ],
      parameters: ["min_rows": .integer(1000)], days: days)
  }

  /// The sources that the flights pipeline reads: path and content. Configuration is written as JSON.
  public static func flightsSources(days: ClosedRange<Int> = 1...3) -> [String: String] {
    var sources = [
      "data/reference/planes.csv": "planes",
      "config/schema.yaml": #"{"checks":{"dep_delay":"< 2000"},"columns":["a","b"],"features":["c"],"join":"tail","rows":["r"]}"#,
      "config/train.yaml":
        #"{"drift":{"psi":0.2},"learner":"gbdt","parameters":{"learning_rate":0.1,"rounds":50},"seeds":[1,2,3],"#
        + #""split":"time","stability":{"spread":0.1},"thresholds":{"auc":0.6}}"#,
      "templates/report.md.mustache": "# {{title}}",
    ]
    for day in days { sources["data/raw/dt=2013-01-0\(day)/flights.csv"] = "flights of \(day)" }
    return sources
  }
}
