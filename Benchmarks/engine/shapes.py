"""The same pipelines for each engine: a fan, a chain, and tasks side by side."""

import hashlib
import json
import os
import subprocess

CP = "cp ${{ in.x }} ${{ out.y }}"


def write(path, text):
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "w") as file:
        file.write(text)


class Shape:
    """Steps `(name, [inputs], output)`; every step copies its first input, one with many joins them."""

    def __init__(self, kind, count):
        self.kind, self.count = kind, count
        self.steps = []
        if kind == "fan":
            self.steps = [(f"t{i}", ["in/source"], f"out/t{i}") for i in range(count)]
            self.steps.append(("sink", [step[2] for step in self.steps], "out/sink"))
        elif kind == "chain":
            self.steps = [(f"t{i}", [f"out/t{i - 1}" if i else "in/source"], f"out/t{i}") for i in range(count)]
        elif kind in ("side", "partitions"):
            self.steps = [(f"t{i}", [f"in/s{i}"], f"out/t{i}") for i in range(count)]
            if kind == "partitions":
                self.days = days(count)
                self.steps = [("copy", [f"in/{day}"], f"out/{day}") for day in self.days]
        else:
            raise ValueError(kind)

    def sources(self, folder):
        made = {step[2] for step in self.steps}
        for path in sorted({path for step in self.steps for path in step[1]} - made):
            write(f"{folder}/{path}", f"{path}\n")
        os.makedirs(f"{folder}/out", exist_ok=True)

    # One file for each engine.

    def martlet(self, folder):
        lines = ["martlet: 1", "pipeline: bench", "resources: {cpu: 2}"]
        if self.kind == "partitions":
            lines += [
                "partitions:", f'  dt: {{every: day, start: "{self.days[0]}", end: "{self.days[-1]}", timezone: UTC}}',
                "tasks:", "  copy:", f"    run: {CP}", "    each: dt", '    in: {x: "in/${{ dt }}"}',
                '    out: {y: "out/${{ dt }}"}',
            ]
        else:
            lines.append("tasks:")
            for name, inputs, output in self.steps:
                if len(inputs) == 1:
                    lines += [f"  {name}:", f"    run: {CP}", f"    in: {{x: {inputs[0]}}}"]
                else:
                    joined = " ".join("${{ in.i%d }}" % i for i in range(len(inputs)))
                    named = ", ".join(f"i{i}: {path}" for i, path in enumerate(inputs))
                    lines += [f"  {name}:", f"    run: cat {joined} > ${{{{ out.y }}}}", f"    in: {{{named}}}"]
                lines.append(f"    out: {{y: {output}}}")
        write(f"{folder}/martlet.yaml", "\n".join(lines) + "\n")

    def ninja(self, folder, command="cp $in $out"):
        lines = ["rule cp", f"  command = {command}", "rule cat", "  command = cat $in > $out"]
        for _, inputs, output in self.steps:
            lines.append(f"build {output}: {'cp' if len(inputs) == 1 else 'cat'} {' '.join(inputs)}")
        write(f"{folder}/build.ninja", "\n".join(lines) + "\n")

    def make(self, folder):
        lines = ["all: " + " ".join(step[2] for step in self.steps)]
        for _, inputs, output in self.steps:
            recipe = "cp $< $@" if len(inputs) == 1 else "cat $^ > $@"
            lines += [f"{output}: {' '.join(inputs)}", f"\t{recipe}"]
        write(f"{folder}/Makefile", "\n".join(lines) + "\n")

    def snakemake(self, folder):
        lines = ["rule all:", f"    input: {[step[2] for step in self.steps]!r}"]
        for place, (_, inputs, output) in enumerate(self.steps):
            shell = "cp {input} {output}" if len(inputs) == 1 else "cat {input} > {output}"
            lines += [f"rule r{place}:", f"    input: {inputs!r}", f"    output: {output!r}", f"    shell: {shell!r}"]
        write(f"{folder}/Snakefile", "\n".join(lines) + "\n")

    def doit(self, folder):
        write(f"{folder}/dodo.py", "\n".join([
            f"STEPS = {self.steps!r}",
            "DOIT_CONFIG = {'verbosity': 0}",
            "def task_step():",
            "    for name, inputs, output in STEPS:",
            "        command = 'cp ' + inputs[0] + ' ' + output if len(inputs) == 1 else 'cat ' + ' '.join(inputs) + ' > ' + output",
            "        yield {'name': name, 'file_dep': inputs, 'targets': [output], 'actions': [command]}",
        ]) + "\n")

    def luigi(self, folder):
        write(f"{folder}/steps.py", "\n".join([
            "import luigi, subprocess",
            f"STEPS = {{output: inputs for _, inputs, output in {self.steps!r}}}",
            "class Source(luigi.ExternalTask):",
            "    path = luigi.Parameter()",
            "    def output(self): return luigi.LocalTarget(self.path)",
            "class Step(luigi.Task):",
            "    path = luigi.Parameter()",
            "    def requires(self): return [Step(p) if p in STEPS else Source(p) for p in STEPS[self.path]]",
            "    def output(self): return luigi.LocalTarget(self.path)",
            "    def run(self):",
            "        inputs = STEPS[self.path]",
            "        command = 'cp' if len(inputs) == 1 else 'cat'",
            "        tail = self.path if command == 'cp' else '> ' + self.path",
            "        subprocess.check_call(' '.join([command] + inputs + [tail]), shell=True)",
            "class All(luigi.WrapperTask):",
            "    def requires(self): return [Step(p) for p in STEPS]",
        ]) + "\n")

    def dvc(self, folder):
        lines = ["stages:"]
        for name, inputs, output in self.steps:
            command = f"cp {inputs[0]} {output}" if len(inputs) == 1 else f"cat {' '.join(inputs)} > {output}"
            lines += [f"  {name}:", f"    cmd: {command}", "    deps:"] + [f"    - {path}" for path in inputs]
            lines += ["    outs:", f"    - {output}"]
        write(f"{folder}/dvc.yaml", "\n".join(lines) + "\n")
        subprocess.run(["dvc", "init", "--no-scm", "-q"], cwd=folder, check=True)

    def redun(self, folder):
        write(f"{folder}/steps.py", "\n".join([
            "import subprocess",
            "from redun import File, task",
            "redun_namespace = 'bench'",
            f"STEPS = {self.steps!r}",
            "@task()",
            "def step(inputs, output):",
            "    command = 'cp' if len(inputs) == 1 else 'cat'",
            "    tail = output if command == 'cp' else '> ' + output",
            "    subprocess.check_call(' '.join([command] + [f.path for f in inputs] + [tail]), shell=True)",
            "    return File(output)",
            "@task()",
            "def main():",
            "    made = {}",
            "    for _, inputs, output in STEPS: made[output] = step([made[p] if p in made else File(p) for p in inputs], output)",
            "    return list(made.values())",
        ]) + "\n")

    # As if everything had run: running 100,000 processes takes longer than what is measured.

    def done_for_martlet(self, folder):
        """Outputs, and checkpoints as Martlet writes them: its next run takes them from there."""
        for name, inputs, output in self.steps:
            with open(f"{folder}/{inputs[0]}", "rb") as file:
                content = file.read()
            write(f"{folder}/{output}", content.decode())
            digest = hashlib.sha256(content).hexdigest()
            day = output.removeprefix("out/") if self.kind == "partitions" else None
            kinds = [("command", "run", CP), ("input", "x", digest)]
            if day:
                kinds += [("partition", "dt", day), ("output", "y", "out/${{ dt }}")]
            else:
                kinds.append(("output", "y", output))
            document = {
                "schema": "martlet.checkpoint/1",
                "checkpoint": {
                    "attempt": "20260101-000000-aaaa.1", "run": "20260101-000000-aaaa", "figures": {},
                    "instance": f"{name}/dt={day}" if day else name, "fingerprint": fingerprint(kinds),
                    "ingredients": {"entries": [{"kind": k, "name": n, "value": v} for k, n, v in kinds]},
                    "outputs": [{"name": "y", "path": output, "digest": digest, "bytes": len(content)}],
                },
            }
            path = f"{name}/dt={day}" if day else name
            write(f"{folder}/checkpoints/{path}.ok", json.dumps(document))

    def done_for_ninja(self, folder):
        """Outputs newer than their inputs; the log is made by a run of a command that does nothing."""
        for _, inputs, output in self.steps:
            with open(f"{folder}/{inputs[0]}") as file:
                write(f"{folder}/{output}", file.read())


def days(count):
    import datetime
    start = datetime.date(1700, 1, 1)
    return [(start + datetime.timedelta(days=i)).isoformat() for i in range(count)]


KINDS = ["builtin", "library", "command", "input", "configuration", "parameter", "environment", "code", "partition", "output"]


def fingerprint(entries):
    """As docs/process-contract.md and MartletModel's CanonicalEncoder have it."""
    def field(tag, text):
        content = text.encode()
        return bytes([tag]) + len(content).to_bytes(8, "big") + content

    encoded = field(0, "martlet.fingerprint/1")
    for kind, name, value in entries:
        tag = KINDS.index(kind) + 1
        encoded += field(tag, name) + field(tag, value)
    return hashlib.sha256(encoded).hexdigest()
