#!/usr/bin/env python3
"""Runs the same shapes with each engine, in turn, and prints a Markdown table of medians.

measure.py [--martlet PROGRAM] [--repeat N] [--only W1,W3] [--largest N] [--scratch FOLDER]
"""

import argparse
import os
import shutil
import statistics
import subprocess
import sys
import time

from shapes import Shape

HERE = os.path.dirname(os.path.abspath(__file__))


def engines(martlet):
    """The command of each engine that is installed, by name."""
    known = {
        "martlet": [martlet, "run", "-q", "-j", "2"],
        "ninja": ["ninja", "--quiet", "-j2"],
        "make": ["make", "-s", "-j2"],
        "snakemake": ["snakemake", "-q", "all", "-j2"],
        "doit": ["doit", "-n", "2"],
    }
    return {name: command for name, command in known.items() if shutil.which(command[0])}


def lay(engine, shape, folder, command="cp $in $out"):
    shutil.rmtree(folder, ignore_errors=True)
    os.makedirs(folder)
    shape.sources(folder)
    if engine == "ninja":
        shape.ninja(folder, command)
    else:
        getattr(shape, engine)(folder)


def run(command, folder):
    """Seconds, and the peak memory of the largest process in bytes."""
    before = time.perf_counter()
    process = subprocess.Popen(command, cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0:
        sys.exit(f"{command} in {folder} ended with {process.returncode}")
    return time.perf_counter() - before, usage.ru_maxrss * 1024


class Table:
    def __init__(self, names):
        self.names = names
        print("| | " + " | ".join(names) + " | martlet / ninja |")
        print("|---|" + "---|" * (len(names) + 1))

    def row(self, title, samples):
        medians = {name: statistics.median(values) for name, values in samples.items() if values}
        cells = [text(medians[name]) if name in medians else "–" for name in self.names]
        both = "martlet" in medians and "ninja" in medians
        ratio = f"{medians['martlet'] / medians['ninja']:.2f}" if both else "–"
        print(f"| {title} | " + " | ".join(cells) + f" | {ratio} |", flush=True)


def text(seconds):
    return f"{seconds * 1000:.0f} ms" if seconds < 1 else f"{seconds:.2f} s"


def from_nothing(table, title, shape, commands, options):
    samples = {name: [] for name in commands}
    for _ in range(options.repeat):
        for name, command in commands.items():
            folder = f"{options.scratch}/{name}"
            lay(name, shape, folder)
            samples[name].append(run(command, folder)[0])
    table.row(title, samples)


def nothing_to_do(table, title, shape, commands, options):
    """After a run that did everything, and one that looked at everything."""
    samples = {name: [] for name in commands}
    for name, command in commands.items():
        folder = f"{options.scratch}/{name}"
        lay(name, shape, folder)
        for _ in range(2):
            run(command, folder)
            time.sleep(0.1)
    for _ in range(max(9, options.repeat)):
        for name, command in commands.items(): samples[name].append(run(command, f"{options.scratch}/{name}")[0])
    table.row(title, samples)


def one_changed(table, shape, commands, options):
    samples = {name: [] for name in commands}
    for name, command in commands.items():
        folder = f"{options.scratch}/{name}"
        lay(name, shape, folder)
        for _ in range(2):
            run(command, folder)
            time.sleep(0.1)
    for turn in range(max(9, options.repeat)):
        for name, command in commands.items():
            folder = f"{options.scratch}/{name}"
            with open(f"{folder}/in/s250", "w") as file: file.write(f"changed {turn}\n")
            time.sleep(0.05)
            samples[name].append(run(command, folder)[0])
    table.row("W5: one of 500 inputs changed", samples)


def many_up_to_date(table, title, kind, count, commands, options):
    """Laid out as if it had run: see `Shape.done_for_martlet`."""
    samples = {name: [] for name in ("martlet", "ninja") if name in commands}
    shape = Shape(kind, count)
    for name in samples:
        folder = f"{options.scratch}/{name}"
        # The command does nothing: ninja's log only has to know it.
        lay(name, shape, folder, command=": $in $out")
        getattr(shape, f"done_for_{name}")(folder)
        run(commands[name], folder)
        time.sleep(0.1)
        run(commands[name], folder)
    peak = 0
    for _ in range(max(9, options.repeat)):
        for name in samples:
            seconds, bytes = run(commands[name], f"{options.scratch}/{name}")
            samples[name].append(seconds)
            if name == "martlet": peak = max(peak, bytes)
    table.row(f"{title} (martlet's peak {peak / 1e6:.0f} MB)", samples)


def planning(commands, options):
    print("\n| partitions planned | seconds | microseconds each | peak |\n|---|---|---|---|")
    count = 1000
    while count <= options.largest:
        folder = f"{options.scratch}/martlet"
        shape = Shape("partitions", count)
        lay("martlet", shape, folder)
        shape.done_for_martlet(folder)
        run(commands["martlet"], folder)
        command = [commands["martlet"][0], "plan", "-q"]
        results = [run(command, folder) for _ in range(3)]
        seconds = statistics.median(result[0] for result in results)
        print(f"| {count:,} | {seconds:.3f} | {seconds / count * 1e6:.0f} | {results[0][1] / 1e6:.0f} MB |", flush=True)
        count *= 10


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--martlet", default=os.path.join(HERE, "../../.build/release/martlet"))
    parser.add_argument("--repeat", type=int, default=5)
    parser.add_argument("--only", default="W1,W2,W3,W4,W5,planning")
    parser.add_argument("--largest", type=int, default=100_000)
    parser.add_argument("--scratch", default="/tmp/martlet-bench-engine")
    options = parser.parse_args()
    commands = engines(os.path.abspath(options.martlet))
    wanted = options.only.split(",")
    table = Table(list(commands))
    if "W1" in wanted: from_nothing(table, "W1: 500 side by side, one sink", Shape("fan", 500), commands, options)
    if "W2" in wanted: from_nothing(table, "W2: a chain of 200", Shape("chain", 200), commands, options)
    if "W3" in wanted:
        nothing_to_do(table, "W3: nothing to do, 500 tasks", Shape("side", 500), commands, options)
        for kind, title in (("side", "tasks"), ("partitions", "partitions of one task")):
            for count in (10_000, 100_000):
                # A pipeline file may have 1 MiB.
                if count <= options.largest and (kind, count) != ("side", 100_000):
                    many_up_to_date(table, f"W3: nothing to do, {count:,} {title}", kind, count, commands, options)
    if "W4" in wanted:
        samples = {
            name: [run([commands[name][0], "--version"], "/")[0] for _ in range(20)] for name in commands}
        table.row("W4: start (`--version`)", samples)
    if "W5" in wanted: one_changed(table, Shape("side", 500), commands, options)
    if "planning" in wanted: planning(commands, options)
    shutil.rmtree(options.scratch, ignore_errors=True)


if __name__ == "__main__":
    main()
