#!/usr/bin/env python3
"""Runs the measurements of README.md and prints them as a Markdown table: measure.py [--runs N] [--only NAME ...].

Names: pipeline, script, nothing, start. Works in a fresh copy of examples/flights in a temporary folder.
"""

import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import threading
import time

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
MARTLET = os.path.join(ROOT, ".build", "release", "martlet")
EXAMPLE = os.path.join(ROOT, "examples", "flights")


def copy_example(target: str) -> None:
    """What git holds of the example, and its data; nothing that runs have made."""
    os.makedirs(target)
    for name in ("martlet.yaml", "config", "templates", "deliverables/notes.md", "data/raw", "data/reference"):
        source = os.path.join(EXAMPLE, name)
        if os.path.isdir(source):
            shutil.copytree(source, os.path.join(target, name))
        elif os.path.exists(source):
            os.makedirs(os.path.dirname(os.path.join(target, name)), exist_ok=True)
            shutil.copy2(source, os.path.join(target, name))


def resident_bytes(pid: int) -> int:
    """The process's share of memory (Pss: shared pages divided by their users)."""
    with open(f"/proc/{pid}/smaps_rollup", encoding="ascii") as file:
        return next((int(line.split()[1]) * 1024 for line in file if line.startswith("Pss:")), 0)


def working_in(folder: str) -> list[int]:
    """The processes whose working directory is the folder: a command and all that it started there."""
    found = []
    for name in os.listdir("/proc"):
        if name.isdigit():
            try:
                if os.readlink(f"/proc/{name}/cwd") == folder:
                    found.append(int(name))
            except (FileNotFoundError, ProcessLookupError, PermissionError):
                continue
    return found


class MemoryWatch(threading.Thread):
    """Samples the memory of all processes that work in a folder; `peak` is the largest sum seen."""

    def __init__(self, folder: str):
        super().__init__(daemon=True)
        self.folder, self.peak, self.ended = os.path.realpath(folder), 0, threading.Event()

    def run(self) -> None:
        while not self.ended.wait(0.02):
            total = 0
            for pid in working_in(self.folder):
                try:
                    total += resident_bytes(pid)
                except (FileNotFoundError, ProcessLookupError, PermissionError):
                    continue
            self.peak = max(self.peak, total)


def run(command: list[str], folder: str, status: tuple[int, ...] = (0,), watch: MemoryWatch | None = None) -> tuple[float, str]:
    """Seconds and stdout of a command."""
    started = time.perf_counter()
    process = subprocess.Popen(command, cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    if watch:
        watch.start()
    output, _ = process.communicate()
    seconds = time.perf_counter() - started
    if watch:
        watch.ended.set()
        watch.join()
    if process.returncode not in status:
        sys.exit(f"{' '.join(command)} ended with exit status {process.returncode}")
    return seconds, output


def timed(command: list[str], folder: str, status: tuple[int, ...], runs: int) -> float:
    """The median of the seconds of several starts."""
    seconds = []
    for _ in range(runs):
        started = time.perf_counter()
        ended = subprocess.run(command, cwd=folder, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        seconds.append(time.perf_counter() - started)
        if ended.returncode not in status:
            sys.exit(f"{' '.join(command)} ended with exit status {ended.returncode}")
    return statistics.median(seconds)


def training_loop_seconds(output: str) -> float:
    """What train recorded of the time inside LightGBM's loop, folds included; from the last line of `run --json`."""
    tasks = json.loads(output.strip().splitlines()[-1])["tasks"]
    return next(task["figures"]["training_seconds"] for task in tasks if task["task"] == "train")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--runs", type=int, default=3, help="of the whole pipeline and of the script; the median counts")
    parser.add_argument("--only", nargs="*", default=["pipeline", "script", "nothing", "start"])
    options = parser.parse_args()
    os.environ.setdefault("MARTLET_NATIVE_DIR", os.path.join(ROOT, ".native"))
    rows: list[tuple[str, str, str]] = []
    with tempfile.TemporaryDirectory(prefix="martlet-bench-", dir=os.path.join(ROOT, ".build")) as scratch:
        first = os.path.join(scratch, "first")
        copy_example(first)
        workspace = first

        def pipeline(name: str, watch: MemoryWatch | None = None) -> tuple[float, float]:
            nonlocal workspace
            workspace = os.path.join(scratch, name)
            copy_example(workspace)
            if watch:
                watch.folder = os.path.realpath(workspace)
            seconds, output = run([MARTLET, "run", "--json"], workspace, (0, 3), watch)
            return seconds, training_loop_seconds(output)

        def script(name: str, watch: MemoryWatch | None = None) -> tuple[float, float]:
            program = os.path.join(ROOT, "Benchmarks", "pipeline", "reference.py")
            if watch:
                watch.folder = os.path.realpath(first)
            seconds, output = run([sys.executable, program, first, os.path.join(scratch, name)], first, watch=watch)
            return seconds, json.loads(output)["seconds"]["training_loop"]

        sides = [side for side in (pipeline, script) if side.__name__ in options.only]
        measured: dict[str, list[tuple[float, float]]] = {side.__name__: [] for side in sides}
        peaks: dict[str, int] = {}
        for side in sides:
            # The first run is for the memory, whose watching takes time of its own; it also sees to it that neither side pays for cold files.
            watch = MemoryWatch(scratch)
            side(f"{side.__name__}-watched", watch)
            peaks[side.__name__] = watch.peak
        for number in range(options.runs):
            for side in sides:
                measured[side.__name__].append(side(f"{side.__name__}-{number}"))

        def cells(text) -> tuple[str, str]:
            return tuple(text(name) if name in measured else "" for name in ("pipeline", "script"))

        def seconds(pick):
            return cells(lambda name: f"{statistics.median(pick(entry) for entry in measured[name]):.1f} s")

        if sides:
            rows.append(("whole year from nothing", *seconds(lambda entry: entry[0])))
            rows.append(("… of that, LightGBM's training loop", *seconds(lambda entry: entry[1])))
            rows.append(("… everything else", *seconds(lambda entry: entry[0] - entry[1])))
            rows.append(("… peak memory", *cells(lambda name: f"{peaks[name] / 1e6:.0f} MB")))
        if "nothing" in options.only and "pipeline" not in options.only:
            pipeline("pipeline")
        if "nothing" in options.only:
            rows.append(("nothing to do", f"{timed([MARTLET, 'run'], workspace, (0, 3), 20) * 1000:.0f} ms", ""))
        if "start" in options.only:
            rows.append(("`martlet --version`", f"{timed([MARTLET, '--version'], ROOT, (0,), 50) * 1000:.1f} ms", ""))
    print("| what | Martlet | Python script |\n|---|---|---|")
    for row in rows:
        print("| " + " | ".join(row) + " |")


if __name__ == "__main__":
    main()
