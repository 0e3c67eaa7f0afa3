#!/usr/bin/env python3
"""Takes one safety step away at a time and shows which test turns red.

    Tests/Mutations/run.py [--only NAME ...] [--list | --check]

Every mutation of mutations.toml is woven into a copy of the sources as a switch that is off, the copy is built once, and the tests that
are named must pass. Then each switch is turned on in turn, for every process that the tests start, and a test that is named for it must
fail: the mutation is killed. One that survives is a promise that nobody watches; then the exit status is 1.
"""
import argparse, os, pathlib, re, shutil, signal, subprocess, sys, time, tomllib

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent
WORK = ROOT / ".build/mutations"
COPY, BUILD, ACTIVE = WORK / "src", WORK / "build", WORK / "active"
# What a mutant has in the place of the switch.
TOKEN = re.compile(r"\bMUTATED\b")
# Tests that take longer hang, in seconds: all of them with everything in place, and those of one mutation.
LONGEST, LONGEST_OF_ONE = 3600, 240

# A switch is read once by each process: a test starts its programs while one mutation is on.
SWIFT_SWITCH = """\
#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

private let activeMutation: String = {
  let descriptor = open("%s", O_RDONLY | O_CLOEXEC)
  guard descriptor >= 0 else { return "" }
  defer { close(descriptor) }
  var bytes = [UInt8](repeating: 0, count: 256)
  let count = read(descriptor, &bytes, bytes.count)
  return String(decoding: bytes[..<max(0, count)], as: UTF8.self)
}()

func mutated(_ name: String) -> Bool { name == activeMutation }
"""
C_SWITCH = """\
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

static int mutated(const char *name) {
  static char active[256];
  static int is_read;
  if (!is_read) {
    int descriptor = open("%s", O_RDONLY | O_CLOEXEC);
    if (descriptor >= 0) {
      if (read(descriptor, active, sizeof active - 1) < 0) active[0] = 0;
      close(descriptor);
    }
    is_read = 1;
  }
  return strcmp(name, active) == 0;
}
"""


def load():
    """The list, and what is wrong with it."""
    with open(HERE / "mutations.toml", "rb") as file:
        mutations = tomllib.load(file)["mutation"]
    problems, names, spans = [], set(), {}
    for mutation in mutations:
        name = mutation.get("name", "a mutation without a name")

        def complain(text):
            problems.append(f"{name}: {text}")

        missing = {"name", "file", "takes_away", "original", "mutant"} - mutation.keys()
        unknown = mutation.keys() - {"name", "file", "takes_away", "original", "mutant", "tests", "faults"}
        if missing or unknown or not (mutation.get("tests") or mutation.get("faults")):
            complain(f"misses {sorted(missing) or 'tests'}" if missing or not unknown else f"unknown: {sorted(unknown)}")
            continue
        if name in names or not re.fullmatch(r"[a-z0-9-]+", name):
            complain("the name is there twice, or is not made of lower-case letters, digits and dashes")
        names.add(name)
        path = ROOT / mutation["file"]
        text = path.read_text() if path.is_file() else ""
        original = mutation["original"].strip("\n")
        if text.count(original) != 1:
            complain(f"its original is there {text.count(original)} times in {mutation['file']}, not once: bring the list up to date")
            continue
        if not TOKEN.search(mutation["mutant"]):
            complain("its mutant has no MUTATED")
        begin = text.index(original)
        span = (begin, begin + len(original), mutation)
        for other in spans.setdefault(mutation["file"], []):
            if span[0] < other[1] and other[0] < span[1]:
                complain(f"it overlaps {other[2]['name']}: put both switches into both mutants' lines, or narrow the originals")
        spans[mutation["file"]].append(span)
    return mutations, spans, problems


def woven(file, spans):
    """A file's text with all of its switches."""
    text, parts, end = (ROOT / file).read_text(), [], 0
    call = "mutated"
    for begin, stop, mutation in sorted(spans, key=lambda span: span[0]):
        parts += [text[end:begin], TOKEN.sub(f'{call}("{mutation["name"]}")', mutation["mutant"].strip("\n"))]
        end = stop
    text = "".join([*parts, text[end:]])
    if file.endswith(".c"):
        # Behind the macros that must stand before the first include.
        place = text.index("#include")
        text = text[:place] + C_SWITCH % ACTIVE + text[place:]
    return text


def put(path, text):
    """Only what changed, so that only that is compiled again."""
    if path.is_file() and path.read_text() == text:
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)


def weave(spans):
    """Lays the copy out. What is not compiled is linked."""
    wanted = set()
    for folder in ("Sources", "Tests"):
        for path in (ROOT / folder).rglob("*"):
            if not path.is_file() or "__pycache__" in path.parts:
                continue
            file = str(path.relative_to(ROOT))
            wanted.add(file)
            if file in spans:
                put(COPY / file, woven(file, spans[file]))
            elif not (COPY / file).is_file() or (COPY / file).read_bytes() != path.read_bytes():
                (COPY / file).parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(path, COPY / file)
                shutil.copymode(path, COPY / file)
    for module in {pathlib.Path(file).parts[1] for file in spans if file.endswith(".swift")}:
        file = f"Sources/{module}/MutationSwitch.swift"
        wanted.add(file)
        put(COPY / file, SWIFT_SWITCH % ACTIVE)
    for folder in ("Sources", "Tests"):
        for path in (COPY / folder).rglob("*"):
            if path.is_file() and str(path.relative_to(COPY)) not in wanted:
                path.unlink()
    for path in ROOT.iterdir():
        if path.name in ("Sources", "Tests", ".build", ".git"):
            continue
        link = COPY / path.name
        if path.name.startswith("Package."):
            put(link, path.read_text())
        elif not link.is_symlink():
            link.symlink_to(path)
    # Where the tests look for the programs.
    if not (COPY / ".build").is_symlink():
        (COPY / ".build").symlink_to(BUILD)
    # Packages that are here already need not be fetched again.
    if not BUILD.exists():
        BUILD.mkdir(parents=True)
        for name in ("checkouts", "repositories", "artifacts", "workspace-state.json"):
            if (source := ROOT / ".build" / name).is_dir():
                shutil.copytree(source, BUILD / name, symlinks=True)
            elif source.is_file():
                shutil.copyfile(source, BUILD / name)


def swift(*words):
    return ["swift", *words, "--package-path", str(COPY), "--scratch-path", str(BUILD)]


def end(pid):
    """Kills a process and everything below it, whatever groups they are in."""
    children = []
    try:
        for thread in os.listdir(f"/proc/{pid}/task"):
            with open(f"/proc/{pid}/task/{thread}/children") as file:
                children += file.read().split()
        os.kill(int(pid), signal.SIGKILL)
    except (FileNotFoundError, ProcessLookupError):
        pass
    for child in children:
        end(child)


def run(command, seconds):
    """(status, output); the status is None for what was still running at the limit."""
    # The libraries and the example's data are where the checkout has them.
    scratch = WORK / "scratch"
    scratch.mkdir(exist_ok=True)
    environment = {"MARTLET_NATIVE_DIR": str(ROOT / ".native")} | os.environ | {"TMPDIR": str(scratch)}
    # A file, not a pipe: what a test leaves behind may hold its end for long.
    with open(WORK / "output", "w+", errors="replace") as output:
        process = subprocess.Popen(
            command, cwd=COPY, env=environment, stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT)
        try:
            status = process.wait(seconds)
        except subprocess.TimeoutExpired:
            status = None
        finally:
            if process.poll() is None:
                end(process.pid)
                process.wait()
        # What did not survive is kept there.
        shutil.rmtree(scratch, ignore_errors=True)
        output.seek(0)
        return status, output.read()


class Trial:
    """The tests that one or many mutations name, run once."""

    def __init__(self, filters, faults, seconds):
        self.red, self.skipped, self.output, self.seconds = None, None, "", seconds
        if filters:
            self.units(filters)
        for part in faults if self.red is None else []:
            self.fault(part)

    def units(self, filters):
        words = [word for filter in filters for word in ("--filter", filter)]
        status, self.output = run(swift("test", "--skip-build", "--disable-xctest", "--no-parallel", *words), self.seconds)
        ran = re.search(r"Test run with (\d+) tests?", self.output)
        if status is None:
            self.red = "it hangs"
        elif status != 0:
            failed = re.findall(r'✘ Test (?!run)(?:case [^\n]* to )?("[^"\n]*"|[^\s"]+)', self.output)
            self.red = failed[0].strip('"').replace("()", "") if failed else f"the tests end with {status}"
        elif not ran or ran[1] == "0":
            sys.exit(f"no test is called {' '.join(filters)}\n{self.output[-2000:]}")

    def fault(self, part):
        status, self.output = run([str(COPY / "Tests/Faults/faults.py"), str(BUILD / "debug"), "--only", part], self.seconds)
        if "skipped" in self.output:
            self.skipped = f"faults {part} cannot be tried here"
        elif status is None:
            self.red = f"faults {part}: it hangs"
        elif status != 0:
            failed = re.findall(r"^✗ (.*)", self.output, re.MULTILINE)
            self.red = f"faults {part}: {failed[0] if failed else f'it ends with {status}'}"


def switch(name):
    ACTIVE.parent.mkdir(parents=True, exist_ok=True)
    ACTIVE.write_text(name)


def main():
    parser = argparse.ArgumentParser(description="takes one safety step away at a time and shows which test turns red")
    parser.add_argument("--only", nargs="+", metavar="NAME", help="these mutations")
    parser.add_argument("--list", action="store_true", help="only say what each takes away")
    parser.add_argument("--check", action="store_true", help="only look whether the list fits the sources")
    options = parser.parse_args()
    mutations, spans, problems = load()
    for problem in problems:
        print(f"Tests/Mutations/mutations.toml: {problem}", file=sys.stderr)
    if problems or options.check:
        return 1 if problems else 0
    if options.list:
        for mutation in mutations:
            print(f"{mutation['name']}\n    {mutation['takes_away']}")
        return 0
    if unknown := set(options.only or []) - {mutation["name"] for mutation in mutations}:
        sys.exit(f"no mutation is called {', '.join(sorted(unknown))}; --list names them")
    wanted = [m for m in mutations if not options.only or m["name"] in options.only]
    weave(spans)
    switch("")
    print(f"building {len(mutations)} switches …", flush=True)
    if subprocess.run(swift("build", "--build-tests", "-q")).returncode:
        return 1
    filters = sorted({test for m in wanted for test in m.get("tests", [])})
    parts = sorted({part for m in wanted for part in m.get("faults", [])})
    begin = time.monotonic()
    sound = Trial(filters, parts, LONGEST)
    if sound.red:
        print("\n".join(re.findall(r"^[✘✗].*", sound.output, re.MULTILINE)[:20]) or sound.output[-4000:], file=sys.stderr)
        sys.exit(f"nothing was taken away, and yet: {sound.red}")
    print(f"with everything in place the tests pass: {time.monotonic() - begin:.0f} s", flush=True)
    survivors = []
    width = max(len(m["name"]) for m in wanted)
    try:
        for mutation in wanted:
            switch(mutation["name"])
            start = time.monotonic()
            trial = Trial(mutation.get("tests", []), mutation.get("faults", []), LONGEST_OF_ONE)
            word = "killed" if trial.red else "not tried" if trial.skipped else "SURVIVED"
            if word == "SURVIVED":
                survivors.append(mutation)
            text = trial.red or trial.skipped or mutation["takes_away"]
            print(f"{word:9} {mutation['name']:{width}} {time.monotonic() - start:4.0f} s  {text[:110]}", flush=True)
    finally:
        switch("")
    print(f"{len(wanted)} mutations, {len(survivors)} survived, {time.monotonic() - begin:.0f} s")
    return 1 if survivors else 0


if __name__ == "__main__":
    sys.exit(main())
