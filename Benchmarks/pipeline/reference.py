#!/usr/bin/env python3
"""The work of examples/flights as one plain Python script: the yardstick that Martlet is measured against.

    reference.py WORKSPACE OUTPUT_FOLDER

Reads the same CSV files, makes the same features, trains with the same parameters on the same windows and judges by the same
measures, in one process, with pandas, pyarrow, scikit-learn, SciPy and LightGBM. It keeps no checkpoints, resumes nothing and
draws no pictures, so it does rather less than Martlet. Prints one JSON object: seconds of each phase, LightGBM's own training
loop apart (`training_loop`, which is contained in no other phase), peak memory, and the AUC, so that one sees that both sides did the same.
"""

import concurrent.futures
import contextlib
import glob
import hashlib
import json
import os
import pickle
import resource
import sys
import time

PROCESS_STARTED = time.perf_counter()

import lightgbm as lgb
import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import yaml
from scipy.spatial.distance import jensenshannon
from scipy.stats import wasserstein_distance
from sklearn.calibration import calibration_curve
from sklearn.metrics import accuracy_score, brier_score_loss, f1_score, log_loss, roc_auc_score, roc_curve

FLIGHT_TYPES = {
    "year": "int64", "month": "int64", "day": "int64", "dep_time": "Int64", "sched_dep_time": "int64", "dep_delay": "float64",
    "arr_time": "Int64", "sched_arr_time": "int64", "arr_delay": "float64", "carrier": "str", "flight": "int64",
    "tailnum": "str", "origin": "str", "dest": "str", "air_time": "float64", "distance": "float64", "hour": "int64",
    "minute": "int64",
}
WEATHER = ["humid", "wind_dir", "wind_speed", "precip", "pressure", "visib"]
NUMERIC = ["sched_dep_minutes", "sched_arr_minutes", "distance", "plane_age", "seats", *WEATHER]
CATEGORICAL = ["weekday", "carrier", "origin", "dest", "engine"]

seconds: dict[str, float] = {"imports": time.perf_counter() - PROCESS_STARTED}


@contextlib.contextmanager
def phase(name: str):
    """Adds the time spent inside to the phase, less what was spent in the training loop meanwhile."""
    started, loop = time.perf_counter(), seconds.get("training_loop", 0.0)
    yield
    spent = time.perf_counter() - started - (seconds.get("training_loop", 0.0) - loop if name != "training_loop" else 0.0)
    seconds[name] = seconds.get(name, 0.0) + spent


def ingest(workspace: str, output: str) -> pd.DataFrame:
    """Every day's flights, joined with the weather of the hour before and with the planes."""
    days = sorted(glob.glob(f"{workspace}/data/raw/dt=*"))
    days = [day for day in days if os.path.exists(f"{day}/weather.csv")]

    def read_day(day: str) -> tuple[pd.DataFrame, pd.DataFrame]:
        flights = pd.read_csv(f"{day}/flights.csv", na_values=["", "NA"], keep_default_na=False, dtype=FLIGHT_TYPES)
        flights.insert(0, "dt", day.rpartition("=")[2])
        weather = pd.read_csv(f"{day}/weather.csv", na_values=["", "NA"], keep_default_na=False,
                              usecols=["origin", "time_hour", *WEATHER])
        return flights, weather

    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        frames = list(pool.map(read_day, days))
    flights = pd.concat([frame[0] for frame in frames], ignore_index=True)
    weather = pd.concat([frame[1] for frame in frames], ignore_index=True).drop_duplicates(["origin", "time_hour"])
    planes = pd.read_csv(f"{workspace}/data/reference/planes.csv", na_values=["", "NA"], keep_default_na=False,
                         usecols=["tailnum", "year", "seats", "engine"]).rename(columns={"year": "plane_year"})
    flights["time_hour"] = pd.to_datetime(flights["time_hour"], format="%Y-%m-%dT%H:%M:%SZ")
    weather["time_hour"] = pd.to_datetime(weather["time_hour"], format="%Y-%m-%dT%H:%M:%SZ") + pd.Timedelta(hours=1)
    joined = flights.merge(weather, on=["origin", "time_hour"], how="left").merge(planes, on="tailnum", how="left")
    write_parquet(joined, f"{output}/data_ingested.parquet")
    return joined


def write_parquet(frame: pd.DataFrame, path: str) -> None:
    pq.write_table(pa.Table.from_pandas(frame, preserve_index=False), path, compression="zstd")


def validate(data: pd.DataFrame, output: str) -> None:
    """A profile of every column and the checks of config/schema.yaml."""
    profile = {"rows": len(data), "columns": {}}
    for name, column in data.items():
        entry = {"type": str(column.dtype), "nulls": int(column.isna().sum()), "distinct": int(column.nunique())}
        entry["top"] = {str(value): int(count) for value, count in column.value_counts().head(10).items()}
        if pd.api.types.is_numeric_dtype(column):
            values = column.dropna().to_numpy(dtype="float64")
            quantiles = np.quantile(values, [0.01, 0.05, 0.25, 0.5, 0.75, 0.95, 0.99])
            counts, edges = np.histogram(values, bins=20)
            entry |= {"min": values.min(), "max": values.max(), "mean": values.mean(), "sd": values.std(ddof=1),
                      "quantiles": quantiles.tolist(), "histogram": {"counts": counts.tolist(), "edges": edges.tolist()}}
        elif len(column):
            entry |= {"min": str(column.dropna().min()), "max": str(column.dropna().max())}
        profile["columns"][name] = entry
    failed = [name for name, holds in {
        "origin": data["origin"].isin(["EWR", "JFK", "LGA"]).all(),
        "carrier": data["carrier"].str.fullmatch("[A-Z0-9]{2}").all(),
        "tailnum": data["tailnum"].isna().mean() < 0.02,
        "arr_delay": data["arr_delay"].isna().mean() < 0.06,
        "pressure": data["pressure"].isna().mean() < 0.25,
        "duplicates": not data.duplicated(["carrier", "flight", "time_hour", "origin"]).any(),
        "hours": data["hour"].between(0, 23).all(),
        "rows": len(data) >= 1000,
    }.items() if not holds]
    if failed:
        raise SystemExit(f"checks failed: {failed}")
    with open(f"{output}/data_profile.json", "w", encoding="utf-8") as file:
        json.dump(profile, file, indent=1, default=float)


def clean(data: pd.DataFrame, output: str) -> pd.DataFrame:
    """Sets rows aside and makes the features of the others, ordered by time."""
    reasons = np.select(
        [data["origin"] == data["dest"], data["distance"] / data["air_time"] > 10.5,
         (data["arr_delay"] < -180) | (data["arr_delay"] > 2880), data["arr_delay"].isna()],
        ["route_to_itself", "speed_implausible", "delay_impossible", "no_label"], default="")
    write_parquet(data.assign(reason=reasons)[reasons != ""], f"{output}/quarantine.parquet")
    kept = data[reasons == ""]
    features = pd.DataFrame({
        "dt": kept["dt"], "scheduled": pd.to_datetime(kept[["year", "month", "day", "hour", "minute"]]), "late": (kept["arr_delay"] >= 15).astype("int32"), "dep_hour": kept["hour"],
        "sched_dep_minutes": (kept["hour"] * 60 + kept["minute"]).astype("float64"),
        "sched_arr_minutes": ((kept["sched_arr_time"] // 100) * 60 + kept["sched_arr_time"] % 100).astype("float64"),
        "distance": kept["distance"], "plane_age": kept["year"] - kept["plane_year"], "seats": kept["seats"],
        **{name: kept[name] for name in WEATHER},
        "weekday": pd.to_datetime(kept[["year", "month", "day"]]).dt.strftime("%a"),
        "carrier": kept["carrier"], "origin": kept["origin"], "dest": kept["dest"], "engine": kept["engine"],
    }).sort_values("scheduled", kind="stable", ignore_index=True)
    write_parquet(features, f"{output}/features.parquet")
    return features


def fit(parameters: dict, rows: pd.DataFrame, rounds: int, watched: pd.DataFrame | None = None, patience: int = 0) -> lgb.Booster:
    """A booster on these rows; the binning of the data is not part of the training loop's time."""
    columns = NUMERIC + CATEGORICAL
    training = lgb.Dataset(rows[columns], rows["late"], params=parameters).construct()
    valid_sets, callbacks = [], []
    if watched is not None:
        valid_sets = [lgb.Dataset(watched[columns], watched["late"], reference=training, params=parameters).construct()]
        callbacks = [lgb.early_stopping(patience, verbose=False)]
    with phase("training_loop"):
        return lgb.train(parameters, training, rounds, valid_sets=valid_sets, callbacks=callbacks)


def train(features: pd.DataFrame, config: dict, output: str) -> tuple[lgb.Booster, pd.DataFrame, pd.DataFrame]:
    """The model, the training window and the held-out window."""
    learner, stability = config["learner"], config["stability"]
    days = np.sort(features["dt"].unique())
    held_out = max(1, round(len(days) * config["split"]["test"]["share"]))
    watched = max(1, round(len(days) * config["split"]["validation"]["share"]))
    train_days, validation_days, test_days = np.split(days, [len(days) - held_out - watched, len(days) - held_out])
    training = features[features["dt"].isin(train_days)]
    validation = features[features["dt"].isin(validation_days)]
    test = features[features["dt"].isin(test_days)]
    parameters = config["parameters"] | {
        "objective": "binary", "metric": learner["metric"], "seed": config["seeds"][0], "deterministic": True, "force_row_wise": True,
        "num_threads": os.cpu_count(), "verbosity": -1}

    spread = []
    blocks = np.array_split(train_days, stability["folds"] + 1)
    for fold in range(1, len(blocks)):
        known = training[training["dt"].isin(np.concatenate(blocks[:fold]))]
        judged = training[training["dt"].isin(blocks[fold])]
        booster = fit(parameters, known, stability["rounds"])
        spread.append(roc_auc_score(judged["late"], booster.predict(judged[NUMERIC + CATEGORICAL])))
    if max(spread) - min(spread) > stability["max_spread"]:
        raise SystemExit(f"unstable: {spread}")

    model = fit(parameters, training, learner["rounds"], validation, learner["early_stopping"])
    with open(f"{output}/model.pkl", "wb") as file:
        pickle.dump(model, file)
    model.save_model(f"{output}/model.txt")
    importance = dict(zip(model.feature_name(), model.feature_importance("gain").tolist()))
    with open(f"{output}/train_metrics.json", "w", encoding="utf-8") as file:
        json.dump({"folds": spread, "best_iteration": model.best_iteration, "importance": importance}, file, indent=1)
    return model, training, test


def drift(reference: pd.Series, current: pd.Series) -> dict:
    """Evidently's default for this many rows (Wasserstein, normed, or Jensen-Shannon; limit 0.1), and PSI."""
    if reference.dtype == "category" or reference.dtype == object:
        shares = pd.concat([reference.value_counts(normalize=True), current.value_counts(normalize=True)], axis=1).fillna(0)
        expected, actual = shares.iloc[:, 0].to_numpy(), shares.iloc[:, 1].to_numpy()
        score = jensenshannon(expected, actual)
    else:
        reference, current = reference.dropna().to_numpy(), current.dropna().to_numpy()
        score = wasserstein_distance(reference, current) / max(np.std(reference), 0.001)
        edges = np.histogram_bin_edges(np.concatenate([reference, current]), bins=30)
        expected = np.histogram(reference, edges)[0] / len(reference)
        actual = np.histogram(current, edges)[0] / len(current)
    expected, actual = np.maximum(expected, 1e-4), np.maximum(actual, 1e-4)
    return {"score": float(score), "drifted": bool(score >= 0.1), "psi": float(np.sum((actual - expected) * np.log(actual / expected)))}


def evaluate(model: lgb.Booster, training: pd.DataFrame, test: pd.DataFrame, config: dict, output: str) -> float:
    """Metrics on the held-out window, by slice, and the drift of every feature and of the score."""
    columns = NUMERIC + CATEGORICAL
    score, label = model.predict(test[columns]), test["late"].to_numpy()

    def metrics(label: np.ndarray, score: np.ndarray) -> dict:
        predicted = score >= 0.5
        return {"rows": len(label), "auc": roc_auc_score(label, score), "log_loss": log_loss(label, score),
                "brier": brier_score_loss(label, score), "accuracy": accuracy_score(label, predicted), "f1": f1_score(label, predicted)}

    result = {"metrics": metrics(label, score), "slices": {}}
    for column in config["thresholds"]["slices"]:
        groups = test.groupby(column, observed=True).indices
        result["slices"][column] = {str(value): metrics(label[rows], score[rows]) for value, rows in groups.items()
                                    if len(rows) >= config["thresholds"]["slice_rows"]}
    observed, mean = calibration_curve(label, score, n_bins=10)
    false_positive, true_positive, _ = roc_curve(label, score)
    result["calibration"] = {"observed": observed.tolist(), "mean": mean.tolist()}
    result["roc"] = {"points": len(false_positive), "area": float(np.trapezoid(true_positive, false_positive))}
    result["drift"] = {name: drift(training[name], test[name]) for name in columns}
    result["drift"]["score"] = drift(pd.Series(model.predict(training[columns])), pd.Series(score))
    with open(f"{output}/eval_metrics.json", "w", encoding="utf-8") as file:
        json.dump(result, file, indent=1)
    return result["metrics"]["auc"]


def package_and_report(output: str) -> None:
    """A manifest of what was made, and a short report."""
    digests = {}
    for name in ("model.pkl", "model.txt", "train_metrics.json", "eval_metrics.json", "data_profile.json"):
        with open(f"{output}/{name}", "rb") as file:
            digests[name] = hashlib.sha256(file.read()).hexdigest()
    with open(f"{output}/manifest.json", "w", encoding="utf-8") as file:
        json.dump({"files": digests}, file, indent=1)
    with open(f"{output}/eval_metrics.json", encoding="utf-8") as file:
        metrics = json.load(file)["metrics"]
    with open(f"{output}/report.md", "w", encoding="utf-8") as file:
        file.write("# Late flights\n\n" + "".join(f"- {name}: {value:.4f}\n" for name, value in metrics.items()))


def main(workspace: str, output: str) -> None:
    os.makedirs(output, exist_ok=True)
    with open(f"{workspace}/config/train.yaml", encoding="utf-8") as file:
        config = yaml.safe_load(file)
    with phase("ingest"):
        data = ingest(workspace, output)
    with phase("validate"):
        validate(data, output)
    with phase("clean"):
        features = clean(data, output)
        del data
        features[CATEGORICAL] = features[CATEGORICAL].astype("category")
    with phase("train"):
        model, training, test = train(features, config, output)
    with phase("evaluate"):
        auc = evaluate(model, training, test, config, output)
    with phase("package_and_report"):
        package_and_report(output)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    print(json.dumps({"seconds": {name: round(value, 3) for name, value in seconds.items()}, "peak_memory_bytes": peak,
                      "rows": len(features), "trees": model.best_iteration, "auc": auc}))


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2])
