// What Python makes of the model: a Booster whose predictions are the scores that eval used.

import Testing

extension Stories {
  @Suite struct Models {
    @Test func pythonLoadsTheModelAndPredictsTheSameScores() throws {
      let workspace = try Flights.finished()
      let told = try workspace.python(
        """
        import hashlib, json, pickle
        import duckdb, numpy
        from sklearn.metrics import brier_score_loss, log_loss, roc_auc_score
        model = pickle.load(open("models/model.pkl", "rb"))
        told = json.load(open("reports/eval_metrics.json"))
        rows = duckdb.sql(
          f\"\"\"SELECT * FROM read_parquet('data/processed/features.parquet', file_row_number = true)
          WHERE CAST(scheduled AS DATE) >= '{told["test"]["from"]}' AND CAST(scheduled AS DATE) < '{told["test"]["until"]}'
          ORDER BY file_row_number\"\"\").df()
        features = rows[model.feature_name()]
        for name in features.select_dtypes(exclude="number").columns:
          features = features.assign(**{name: features[name].astype("category")})
        scores = numpy.asarray(model.predict(features), dtype="<f8")
        print(type(model).__module__, type(model).__name__)
        print(hashlib.sha256(scores.tobytes()).hexdigest() == told["scores_sha256"])
        metrics, late = told["metrics"], rows["late"].astype(int)
        print(len(rows) == metrics["rows"], len(rows) > 1000)
        print(abs(roc_auc_score(late, scores) - metrics["auc"]) < 1e-9)
        print(abs(log_loss(late, scores) - metrics["log_loss"]) < 1e-9)
        print(abs(brier_score_loss(late, scores) - metrics["brier"]) < 1e-9)
        """)
      #expect(told == "lightgbm.basic Booster\nTrue\nTrue True\nTrue\nTrue\nTrue")
    }
  }
}
