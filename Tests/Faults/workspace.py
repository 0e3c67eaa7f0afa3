"""A small workspace on which faults are tried, and what must hold in it afterwards."""
import json, os, signal, sqlite3, subprocess, time

PIPELINE = """\
martlet: 1
pipeline: faults
tasks:
  sort:
    run: echo "$MARTLET_TASK $MARTLET_ATTEMPT" >> ledger; sort ${{ in.rows }} > ${{ out.sorted }}
    in: {rows: raw/rows.txt}
    out: {sorted: work/sorted.txt}
  folder:
    run: echo "$MARTLET_TASK $MARTLET_ATTEMPT" >> ledger; mkdir ${{ out.pages }}; split -l 1 ${{ in.sorted }} ${{ out.pages }}/page-
    in: {sorted: sort.sorted}
    out: {pages: work/pages/}
  place:
    run: echo "$MARTLET_TASK $MARTLET_ATTEMPT" >> ledger; printf half > work/place.txt; cat ${{ in.sorted }} > work/place.txt
    in: {sorted: sort.sorted}
    out: {text: work/place.txt}
    in_place: true
  agreed:
    gate: approval
    show: [sort.sorted]
    approvers: ["*"]
  last:
    run: echo "$MARTLET_TASK $MARTLET_ATTEMPT" >> ledger; cat ${{ in.text }} > ${{ out.end }}
    after: [agreed, folder]
    in: {text: place.text}
    out: {end: work/end.txt}
"""
# What stands before the edit, and after it.
ROWS = ["b\na\n", "d\nc\nb\n"]
OUTPUTS = {"sort": ["work/sorted.txt"], "folder": ["work/pages"], "place": ["work/place.txt"], "last": ["work/end.txt"]}


def tree(root):
    """Every visible file with its bytes; logs, tickets, the history and the store tell of runs."""
    found = {}
    for folder, folders, names in os.walk(root):
        if folder == root:
            folders[:] = [f for f in folders if f not in (".martlet", "logs", "artifact", "checkpoints", "incidents", "lost+found", "raw")]
            names = []
        for name in names:
            path = os.path.join(folder, name)
            found[os.path.relpath(path, root)] = open(path, "rb").read()
    return found


def output(files, task):
    return {path: text for path, text in files.items() if any(path == o or path.startswith(o + "/") for o in OUTPUTS[task])}


class Broken(Exception):
    pass


class Workspace:
    """A fresh workspace, its edit already behind it in the second generation: then outputs are replaced, not made."""

    def __init__(self, suite, root, scratch):
        self.suite, self.root, self.scratch = suite, root, scratch
        self.told, self.approved = {}, False
        os.makedirs(f"{root}/raw", exist_ok=True)
        self.put("martlet.yaml", PIPELINE)
        self.put("raw/rows.txt", ROWS[0])

    def put(self, path, text):
        with open(f"{self.root}/{path}", "w") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())

    def command(self, *words):
        return [f"{self.suite.programs}/martlet", *words]

    def execute(self, *words, tracer=()):
        """Runs martlet to its end, as a rule to a bitter one."""
        return self.wait(self.start(*words, tracer=tracer), words)

    def start(self, *words, tracer=()):
        self.out = open(f"{self.scratch}/out", "w+")
        return subprocess.Popen(
            [*tracer, *self.command(*words)], cwd=self.root, stdin=subprocess.DEVNULL, stdout=self.out, stderr=subprocess.STDOUT,
            env={"PATH": "/usr/bin:/bin", "TZ": "UTC"}, start_new_session=True)

    def wait(self, process, words):
        try:
            status = process.wait(60)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
            raise Broken(f"martlet {words[0]} hangs: {self.said()}")
        self.hear()
        if words[0] == "approve" and status == 0:
            self.approved = True
        return status

    def said(self):
        self.out.flush()
        return open(f"{self.scratch}/out").read()

    def hear(self):
        """Notes whose success was told in a whole line."""
        for line in self.said().split("\n")[:-1]:
            if not line.startswith("{"):
                continue
            try:
                event = json.loads(line)
            except ValueError:
                continue
            if event.get("event") == "settled" and event.get("state") == "succeeded":
                earlier = self.told.setdefault(event["task"], event["attempt"])
                if earlier != event["attempt"]:
                    raise Broken(f"{event['task']} was told twice: {earlier}, {event['attempt']}")

    def run(self, *more, tracer=()):
        return self.execute("run", "--progress", "json", "--no-input", *more, tracer=tracer)

    def next_generation(self):
        """Changes the source; from here on everything that was told holds for the new one only."""
        self.put("raw/rows.txt", ROWS[1])
        self.told, self.approved = {}, False

    def ledger(self):
        try:
            return open(f"{self.root}/ledger").read().replace("\0", "").split("\n")[:-1]
        except FileNotFoundError:
            return []

    # What must hold

    def look(self, generation, after):
        """Right after the fault: what was told is there, and nothing half."""
        files = tree(self.root)
        allowed = [self.suite.expected[g] for g in range(generation + 1)]
        for task in OUTPUTS:
            now = output(files, task)
            if task in self.told:
                if now != output(allowed[-1], task):
                    raise Broken(f"{after}: {task} was told to be done, and holds {now}")
            elif task != "place" and now and all(now != output(e, task) for e in allowed):
                raise Broken(f"{after}: {task} shows something half: {now}")

    def converge(self, generation, after):
        """One plain run after another, as a person would; no other step."""
        # The ledger is nobody's output: a power cut takes lines of it.
        before, told = set(self.ledger()), dict(self.told)
        for _ in range(3):
            status = self.run()
            if status == 0:
                break
            if status != 3:
                raise Broken(f"{after}: the next run ended with {status}: {self.said()[-1500:]}")
            if self.approved:
                raise Broken(f"{after}: the approval that was told is gone")
            if self.execute("approve", "agreed") not in (0, 2):
                raise Broken(f"{after}: the approval failed: {self.said()[-1500:]}")
        else:
            raise Broken(f"{after}: it does not come to an end: {self.said()[-1500:]}")
        self.look(generation, after)
        if tree(self.root) != self.suite.expected[generation]:
            raise Broken(f"{after}: the end differs: {tree(self.root)}")
        for line in set(self.ledger()) - before:
            task, _, attempt = line.partition(" ")
            if told.get(task, attempt) != attempt:
                raise Broken(f"{after}: {task} ran again as {attempt} although {told[task]} was told")
        if self.run() != 0 or '"ran":0' not in self.said():
            raise Broken(f"{after}: a second run runs something: {self.said()[-1500:]}")
        store = sqlite3.connect(f"file:{self.root}/.martlet/store.sqlite?mode=ro", uri=True)
        try:
            for question, wanted in (("PRAGMA integrity_check", [("ok",)]), ("SELECT * FROM publish_intents", []),
                                     ("SELECT id FROM attempts WHERE outcome IS NULL", [])):
                if store.execute(question).fetchall() != wanted:
                    raise Broken(f"{after}: {question} gives {store.execute(question).fetchall()}")
        finally:
            store.close()
        for folder, _, _ in os.walk(f"{self.root}/.martlet/attempts"):
            if os.path.basename(folder) in ("scratch", "before"):
                raise Broken(f"{after}: {folder} was left behind")

    def reap(self):
        """Kills what this workspace's processes are, as a loss of power does."""
        deadline = time.monotonic() + 20
        while pids := self.processes():
            for pid in pids:
                try:
                    os.kill(pid, signal.SIGKILL)
                except ProcessLookupError:
                    continue
            if time.monotonic() > deadline:
                raise Broken(f"processes that do not end: {pids}")
            time.sleep(0.005)

    def processes(self):
        marks = (f"={self.root}/.martlet/".encode(), f"{self.root}/.martlet/supervisors/".encode())
        found = []
        for name in filter(str.isdigit, os.listdir("/proc")):
            try:
                text = open(f"/proc/{name}/environ", "rb").read() + open(f"/proc/{name}/cmdline", "rb").read()
                if any(m in text for m in marks) or os.readlink(f"/proc/{name}/cwd") == self.root:
                    found.append(int(name))
            except OSError:
                continue
        return found
