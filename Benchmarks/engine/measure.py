#!/usr/bin/env python3
"""Runs the same shapes with each engine, in turn, and prints a Markdown table of medians.

measure.py [--martlet PROGRAM] [--repeat N] [--only W1,W3] [--largest N] [--scratch FOLDER]
"""

import argparse
import os
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
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
        "luigi": ["luigi", "--module", "steps", "All", "--local-scheduler", "--workers", "2", "--no-lock"],
        "dvc": ["dvc", "repro", "-q"],
        "redun": ["redun", "run", "steps.py", "main"],
    }
    return {name: command for name, command in known.items() if shutil.which(command[0])}


def lay(engine, shape, scratch, command="cp $in $out"):
    """Lays the shape out in a folder of its own, and returns its path.

    Nothing is removed before the end: where thousands of files were removed a minute ago, ext4 is slow to make new ones.
    """
    os.makedirs(scratch, exist_ok=True)
    folder = tempfile.mkdtemp(prefix=f"{engine}-", dir=scratch)
    shape.sources(folder)
    if engine == "ninja":
        shape.ninja(folder, command)
    else:
        getattr(shape, engine)(folder)
    return folder


def turns(name, options):
    """Those that take from seconds to minutes for 500 steps are measured once."""
    return 1 if name in ("snakemake", "dvc", "luigi", "redun") else max(2, options.repeat)


def run(command, folder):
    """Seconds, the peak memory of the largest process in bytes, and seconds of processor of all."""
    before = time.perf_counter()
    process = subprocess.Popen(
        command, cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env={**os.environ, "PYTHONPATH": "."})
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0:
        sys.exit(f"{command} in {folder} ended with {process.returncode}")
    return time.perf_counter() - before, usage.ru_maxrss * 1024, usage.ru_utime + usage.ru_stime


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
    for turn in range(options.repeat):
        for name, command in commands.items():
            if turn < turns(name, options): samples[name].append(run(command, lay(name, shape, options.scratch))[0])
    table.row(title, samples)


def nothing_to_do(table, title, shape, commands, options):
    """After a run that did everything, and one that looked at everything."""
    samples = {name: [] for name in commands}
    folders = settled(shape, commands, options)
    for turn in range(max(9, options.repeat)):
        for name, command in commands.items():
            if turn == 0 or turns(name, options) > 1: samples[name].append(run(command, folders[name])[0])
    table.row(title, samples)


def settled(shape, commands, options):
    """A folder for each engine in which everything is done, and was looked at."""
    folders = {name: lay(name, shape, options.scratch) for name in commands}
    for name, command in commands.items():
        for _ in range(2):
            run(command, folders[name])
            time.sleep(0.1)
    return folders


def one_changed(table, shape, commands, options):
    samples = {name: [] for name in commands}
    folders = settled(shape, commands, options)
    for turn in range(max(9, options.repeat)):
        for name, command in commands.items():
            if turn > 0 and turns(name, options) == 1: continue
            with open(f"{folders[name]}/in/s250", "w") as file: file.write(f"changed {turn}\n")
            time.sleep(0.05)
            samples[name].append(run(command, folders[name])[0])
    table.row("W5: one of 500 inputs changed", samples)


def many_up_to_date(table, title, kind, count, commands, options):
    """Laid out as if it had run: see `Shape.done_for_martlet`."""
    samples = {name: [] for name in ("martlet", "ninja") if name in commands}
    shape = Shape(kind, count)
    folders = {}
    for name in samples:
        # The command does nothing: ninja's log only has to know it.
        folder = folders[name] = lay(name, shape, options.scratch, command=": $in $out")
        getattr(shape, f"done_for_{name}")(folder)
        run(commands[name], folder)
        time.sleep(0.1)
        run(commands[name], folder)
    peak = 0
    for _ in range(max(9, options.repeat)):
        for name in samples:
            seconds, bytes, _ = run(commands[name], folders[name])
            samples[name].append(seconds)
            if name == "martlet": peak = max(peak, bytes)
    table.row(f"{title} (martlet's peak {peak / 1e6:.0f} MB)", samples)


def planning(commands, options):
    """What `martlet plan` takes where everything is done; a task or partition has one edge to its source."""
    print("\n| planned | elapsed | of processor | microseconds of processor each | peak |\n|---|---|---|---|---|")
    for kind, title in (("partitions", "partitions"), ("side", "tasks")):
        for count in (1_000, 3_000, 10_000, 30_000, 100_000):
            if count > options.largest: continue
            folder = lay("martlet", Shape(kind, count), options.scratch)
            Shape(kind, count).done_for_martlet(folder)
            run(commands["martlet"], folder)
            results = [run([commands["martlet"][0], "plan", "-q"], folder) for _ in range(3)]
            seconds, processor = (statistics.median(result[place] for result in results) for place in (0, 2))
            print(
                f"| {count:,} {title} | {text(seconds)} | {text(processor)} | {processor / count * 1e6:.0f} "
                f"| {results[0][1] / 1e6:.0f} MB |", flush=True)


def digests(commands, options):
    """Four files of 256 MiB, in memory already: what reading and digesting them takes, and beside it one call of OpenSSL on one core."""
    folder = tempfile.mkdtemp(prefix="digests-", dir=options.scratch)
    os.makedirs(f"{folder}/in")
    for number in range(4):
        with open(f"{folder}/in/f{number}", "wb") as file: file.write(os.urandom(1 << 28))
    named = ", ".join(f"f{number}: in/f{number}" for number in range(4))
    with open(f"{folder}/martlet.yaml", "w") as file:
        file.write(
            "martlet: 1\npipeline: digests\ntasks:\n  all:\n    run: 'true > ${{ out.y }}'\n"
            f"    in: {{{named}}}\n    out: {{y: out}}\n")
    files = [f"in/f{number}" for number in range(4)]
    print("\n| 1 GiB in four files | seconds | processor seconds | GB/s and core |\n|---|---|---|---|")
    for title, command in (
        ("martlet plan", [commands["martlet"][0], "plan", "-q"]), ("sha256sum", ["sha256sum"] + files),
        ("openssl sha256", ["openssl", "dgst", "-sha256"] + files),
    ):
        if not shutil.which(command[0]): continue
        samples = []
        for _ in range(options.repeat):
            before, busy = time.perf_counter(), resource.getrusage(resource.RUSAGE_CHILDREN)
            subprocess.run(command, cwd=folder, stdout=subprocess.DEVNULL, check=True)
            after = resource.getrusage(resource.RUSAGE_CHILDREN)
            samples.append((time.perf_counter() - before, after.ru_utime + after.ru_stime - busy.ru_utime - busy.ru_stime))
        seconds, processor = (statistics.median(sample[place] for sample in samples) for place in (0, 1))
        print(f"| {title} | {seconds:.2f} | {processor:.2f} | {(1 << 30) / 1e9 / processor:.2f} |", flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--martlet", default=os.path.join(HERE, "../../.build/release/martlet"))
    parser.add_argument("--repeat", type=int, default=5)
    parser.add_argument("--only", default="W1,W2,W3,W4,W5,planning,digests")
    parser.add_argument("--largest", type=int, default=100_000)
    parser.add_argument("--scratch", default="/tmp/martlet-bench-engine")
    options = parser.parse_args()
    commands = engines(os.path.abspath(options.martlet))
    os.makedirs(options.scratch, exist_ok=True)
    wanted = options.only.split(",")
    table = Table(list(commands))
    if "W1" in wanted: from_nothing(table, "W1: 500 side by side, one sink", Shape("fan", 500), commands, options)
    if "W2" in wanted: from_nothing(table, "W2: a chain of 200", Shape("chain", 200), commands, options)
    if "W3" in wanted:
        nothing_to_do(table, "W3: nothing to do, 500 tasks", Shape("side", 500), commands, options)
        for kind, title in (("side", "tasks"), ("partitions", "partitions of one task")):
            for count in (10_000, 100_000):
                if count <= options.largest:
                    many_up_to_date(table, f"W3: nothing to do, {count:,} {title}", kind, count, commands, options)
    if "W4" in wanted:
        samples = {
            name: [run([commands[name][0], "--version"], "/")[0] for _ in range(20)] for name in commands}
        table.row("W4: start (`--version`)", samples)
    if "W5" in wanted: one_changed(table, Shape("side", 500), commands, options)
    if "planning" in wanted: planning(commands, options)
    if "digests" in wanted: digests(commands, options)
    shutil.rmtree(options.scratch, ignore_errors=True)


if __name__ == "__main__":
    main()
