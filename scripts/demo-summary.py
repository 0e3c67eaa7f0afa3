#!/usr/bin/env python3
"""Says in a few lines what a run of examples/flights did: demo-summary.py LINES STATUS STARTED ENDED, in the workspace.

LINES is a file with what `martlet run --json` printed; its last line sums the run up.
"""

import json
import os
import sys


def held_out_auc(path: str) -> str | None:
    """The AUC on the held-out days, from evaluate's metrics."""
    if not os.path.exists(path):
        return None
    with open(path, encoding="utf-8") as file:
        auc = json.load(file)["metrics"]["auc"]
    return f"{auc:.4f}"


def task_lines(tasks: list[dict]) -> list[str]:
    """A line for each task of which something ran: how often or how long, and what it had to say."""
    names = list(dict.fromkeys(task["task"] for task in tasks if task.get("attempt")))
    lines = []
    for name in names:
        own = [task for task in tasks if task["task"] == name and task.get("attempt")]
        partitions = sum("partition" in task for task in own)
        # Partitions share a process, hence its seconds: counting them says more.
        extent = f"{partitions} partitions" if partitions else f"{own[-1].get('seconds', 0):.1f} s"
        words = [own[-1][key] for key in ("verdict", "message") if own[-1].get(key) and not partitions]
        lines.append(f"  {name:<10} {extent:<15} {': '.join(words)}".rstrip())
    return lines


def main(lines: str, status: int, seconds: float) -> None:
    with open(lines, encoding="utf-8") as file:
        text = [line for line in file if line.strip()]
    if not text:
        print(f"demo: martlet run ended with exit status {status} before it could sum the run up")
        return
    run = json.loads(text[-1])
    counts = run["counts"]
    print()
    if counts["ran"] == 0:
        print(f"No task had to run: {counts['reused']} are up to date ({seconds:.2f} s).")
    else:
        others = ", ".join(f"{counts[key]} {key}" for key in ("reused", "failed", "blocked") if counts[key])
        print(f"{counts['ran']} tasks ran in {seconds:.1f} s" + (f" ({others}):" if others else ":"))
        print("\n".join(task_lines(run["tasks"])))
    auc = held_out_auc("reports/eval_metrics.json")
    if auc:
        print(f"AUC on the held-out days: {auc}")
    if os.path.exists("deliverables/report.md"):
        print("The report:               examples/flights/deliverables/report.md")
    if counts["waiting"]:
        print("'promote' waits for a person. To put this model into production:")
        print("    .build/release/martlet -C examples/flights approve promote")


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), float(sys.argv[4]) - float(sys.argv[3]))
