"""The order of durable calls, as strace records it: what a power cut at any moment could take is never what was told, or what others rest on.

Power cuts at random show what one file system loses at one time. Here every sync that is missing shows, each time.
"""
import glob, hashlib, json, os, re, signal, sqlite3, subprocess, time

from disk_model import CALLS, Disk
from workspace import OUTPUTS, Broken

CHAIN = """\
martlet: 1
pipeline: chain
partitions:
  dt: {every: day, start: "2013-01-01", end: "2013-01-02", timezone: UTC}
tasks:
  part:
    each: dt
    run: cp ${{ in.x }} ${{ out.o }}
    in: {x: "raw/${{ dt }}"}
    out: {o: "parts/${{ dt }}"}
  join:
    run: cat ${{ in.parts }} > ${{ out.all }}
    in: {parts: part.o}
    out: {all: joined/all.txt}
"""
SLOW = """\
martlet: 1
pipeline: slow
tasks:
  slow:
    run: touch started; while ! test -e go; do sleep 0.05; done; touch ${{ out.o }}
    out: {o: ./end.txt}
"""
PAIR = """\
martlet: 1
pipeline: pair
tasks:
  pair:
    run: cp ${{ in.x }} ${{ out.a }}; cp ${{ in.x }} ${{ out.b }}
    in: {x: ./source}
    out: {a: work/a, b: work/b}
"""
STORE, LOG = ".martlet/store.sqlite", ".martlet/store.sqlite-wal"
HISTORY, CURRENT = "artifact/history.jsonl", "artifact/current"


class Watched:
    """A workspace whose commands are traced, and the disk below it as a power cut would find it."""

    def __init__(self, workspace):
        self.workspace, self.root = workspace, os.path.realpath(workspace.root)
        self.disk = Disk(self.root)
        # What the store's log holds, and what the trace has shown so far.
        self.recorded, self.exits, self.origins, self.asides, self.settled = [], set(), set(), set(), set()
        # When a checkpoint's file was last synced, and the store's log.
        self.checkpoint_synced, self.log_synced = {}, -1

    def tracer(self, *more):
        # Strings long enough for a page of the store and the paths in it.
        return ["strace", "-f", "-y", "-qq", "-s", "8192", "-o", self.trace, "-e", f"trace={CALLS}", *more]

    @property
    def trace(self):
        return f"{self.workspace.scratch}/trace"

    def run(self, *more):
        return self.execute("run", "--progress", "json", "--no-input", "-j", "1", *more)

    def execute(self, *words):
        self.disk.look()
        status = self.workspace.execute(*words, tracer=self.tracer())
        self.replay()
        return status

    def killed(self, delay, path, look=None, words=("run", "--progress", "json", "--no-input", "-j", "1")):
        """A run that is killed soon after something has come to a path; the calls that make it durable are held up meanwhile."""
        self.disk.look()
        process = self.workspace.start(*words, tracer=self.tracer("-e", f"inject={delay}"))
        self.wait_for(path, look or (lambda: os.path.exists(f"{self.root}/{path}")), process)
        # What the loop does with the answer takes no longer.
        time.sleep(0.4)
        with open(f"/proc/{process.pid}/task/{process.pid}/children") as children:
            os.kill(int(children.read().split()[0]), signal.SIGKILL)
        self.workspace.wait(process, words)
        self.replay()

    def wait_for(self, what, look, process):
        deadline = time.monotonic() + 50
        while not look():
            if process.poll() is not None or time.monotonic() > deadline:
                raise Broken(f"{what} never came: {self.workspace.said()}")
            time.sleep(0.005)

    def replay(self):
        for call in self.disk.follow(self.trace):
            self.check(call)

    # Rules

    def check(self, call):
        paths = [os.path.relpath(path, self.root) if self.disk.inside(path) else path for path in call.paths]
        if call.name.startswith("rename"):
            self.check_rename(call, *paths)
        elif call.name in ("unlink", "unlinkat"):
            self.check_removal(paths[0])
        elif call.name == "pwrite64" and paths[0] == LOG:
            self.recorded.append(call.text)
        elif call.name in ("fsync", "fdatasync"):
            if paths[0] == LOG:
                self.log_synced = call.begin
            elif paths[0].startswith("checkpoints/"):
                self.checkpoint_synced[paths[0]] = call.end
        elif call.name == "openat" and paths == [STORE] and call.creates and "O_EXCL" in call.flags:
            if os.path.basename(STORE) in self.disk.names.get(f"{self.root}/.martlet", {}):
                raise Broken("a new store is made before it is synced that the damaged one was set aside")
        elif call.name == "sendto":
            self.check_message(call.text)
        elif call.name == "write" and paths and paths[0].endswith("/process.jsonl"):
            self.check_line(paths[0].split("/")[-2], call.text)
        elif call.name == "write" and paths and paths[0] == f"{self.workspace.scratch}/out":
            for line in call.text.split("\n"):
                self.check_told(line)

    def check_rename(self, call, old, new):
        attempt = old.split("/")[2] if old.startswith(".martlet/attempts/") else None
        if attempt and "/out/" in old and not new.startswith(".martlet/"):
            self.demand_content(old, f"{new} comes into view")
            if not self.is_recorded(old):
                raise Broken(f"{new} comes into view before the store has the intent to publish it")
            replaces = f"{self.root}/{new}" in self.disk.existing
            if ("RENAME_EXCHANGE" if replaces else "RENAME_NOREPLACE") not in call.flags:
                raise Broken(f"{new} comes into view by a rename that may take away what is there: {call.flags}")
            if new in self.edited:
                self.demand_note(f".martlet/attempts/{attempt}/edits.json", f"what a person wrote in {new} comes into staging")
        elif "/before/" in new and not old.startswith(".martlet/"):
            self.demand_note("/".join(new.split("/")[:3]) + "/in-place.json", f"{old} is moved aside")
        elif new.startswith(".martlet/aside/"):
            self.asides.add(new)
        elif new == CURRENT:
            self.demand(HISTORY, f"{CURRENT} moves")
            if call.begin < self.history_written:
                raise Broken(f"{CURRENT} moves before the history says so")
            self.moved = True

    def demand_note(self, path, when):
        if f"{self.root}/{path}" not in self.disk.existing:
            raise Broken(f"{when} before {path} is written")
        self.demand(path, when)

    history_written, moved, decided = -1, False, False
    # Outputs in which a person wrote.
    edited = ()

    def check_removal(self, path):
        if path == CURRENT:
            raise Broken(f"{CURRENT} is gone for a moment")
        if path in self.collected:
            self.demand(self.collected[path], f"{path} is removed")
            self.demand_content(LOG, f"{path} is removed")
        if path.endswith("/edits.json") and self.edits_are_forgotten:
            for aside in self.asides:
                self.demand(aside, f"{path} is removed")

    # The checkpoint's file of each output that gc may remove.
    collected = {}
    # Whether nothing but an attempt's own note tells of what a person wrote.
    edits_are_forgotten = False

    def check_line(self, attempt, text):
        """What is written down of an attempt's process."""
        kind = next(iter(json.loads(text)))
        if kind == "toldTo":
            self.origins.add(attempt)
            if not self.is_recorded(attempt):
                raise Broken(f"attempt {attempt} is to start before the store has it")
        elif kind == "exited":
            self.exits.add(attempt)

    def check_message(self, text):
        for kind, known in (("exited", self.exits), ("start", self.origins)):
            if text.startswith(f'{{"{kind}":'):
                attempt = json.loads(text.split("\n")[0])[kind]["attempt"]
                if attempt not in known:
                    raise Broken(f"{kind} of {attempt} is told before it is written down")

    def check_told(self, line):
        if re.match("approved: |rolled back by ", line):
            self.decided = True
            self.demand(HISTORY, f"it is told: {line}")
            if self.moved:
                self.demand(CURRENT, f"it is told: {line}")
        try:
            event = json.loads(line)
        except ValueError:
            return
        if event.get("event") != "settled" or event.get("state") not in ("succeeded", "reused") or event["task"] not in OUTPUTS:
            return
        task = event["task"]
        self.settled.add(task)
        checkpoint = f"checkpoints/{task}.ok"
        for path in [*OUTPUTS[task], checkpoint, *(a for a in self.asides if event.get("attempt") == a.split("/")[2])]:
            self.demand(path, f"{task} is told to be {event['state']}")
        if self.log_synced < self.checkpoint_synced.get(checkpoint, -1):
            raise Broken(f"{task} is told to be {event['state']} before the store is synced")

    def is_recorded(self, text):
        return any(text in page for page in self.recorded)

    def demand_content(self, path, when):
        if unsynced := self.disk.unsynced_content(f"{self.root}/{path}"):
            raise Broken(f"{when} before it is synced: {', '.join(unsynced)}")

    def demand(self, path, when):
        if unsynced := self.disk.unsynced(f"{self.root}/{path}"):
            raise Broken(f"{when} before it is synced: {', '.join(unsynced)}")

    def expect(self, status, *wanted):
        if status not in wanted:
            raise Broken(f"ended with {status}: {self.workspace.said()[-1500:]}")


class Order:
    def __init__(self, suite):
        self.suite = suite

    def stories(self):
        stories = [self.two_generations, self.killed_before_the_sync, self.killed_while_publishing, self.lost_intent, self.undone,
                   self.damaged_store, self.rollback, self.killed_rollback, self.collection, self.backfill, self.lock_removed, self.network]
        return [lambda story=story: self.suite.trial("order", f"order {story.__name__}", lambda scratch: self.tell(story, scratch))
                for story in stories]

    def tell(self, story, scratch):
        watched = Watched(self.suite.prepare(scratch, 0))
        story(watched)
        watched.workspace.reap()
        return True

    def to_the_end(self, watched):
        watched.expect(watched.run(), 3)
        watched.expect(watched.execute("approve", "agreed"), 0)
        watched.expect(watched.run(), 0)
        if watched.settled != set(OUTPUTS) or not watched.exits or not watched.decided:
            raise Broken(f"not everything was seen: {watched.settled} {watched.exits}")

    def two_generations(self, watched):
        self.to_the_end(watched)
        watched.workspace.next_generation()
        # A person's edit, and the very bytes that will be made, neither synced by anybody.
        for path, text in (("work/sorted.txt", "edited\n"), ("work/end.txt", "b\nc\nd\n")):
            with open(f"{watched.root}/{path}", "w") as file:
                file.write(text)
            watched.disk.dirty(f"{watched.root}/{path}")
        watched.settled, watched.decided, watched.edited = set(), False, ("work/sorted.txt",)
        self.to_the_end(watched)
        if not any(path.endswith("/sorted.txt") for path in watched.asides):
            raise Broken(f"the edit was not kept: {watched.asides}")

    def recovered(self, watched, generation=0):
        watched.expect(watched.run(), 3)
        if "sort" not in watched.settled:
            raise Broken(f"nothing was told of sort: {watched.workspace.said()}")
        watched.workspace.converge(generation, "afterwards")

    def killed_before_the_sync(self, watched):
        watched.killed("fsync:delay_enter=2000000", "checkpoints/sort.ok")
        self.recovered(watched)

    def killed_while_publishing(self, watched):
        watched.killed("renameat2:delay_exit=2000000", "work/sorted.txt")
        if os.path.exists(f"{watched.root}/checkpoints/sort.ok"):
            raise Broken("it was not killed in time")
        self.recovered(watched)

    def lost_intent(self, watched):
        """What a person wrote was exchanged, and the power cut took the intent."""
        self.to_the_end(watched)
        watched.workspace.next_generation()
        watched.workspace.put("work/sorted.txt", "edited\n")
        watched.edited = ("work/sorted.txt",)
        watched.killed("renameat2:delay_exit=2000000", "work/sorted.txt", lambda: "edited" not in read(f"{watched.root}/work/sorted.txt"))
        store = sqlite3.connect(f"{watched.root}/{STORE}")
        with store:
            if store.execute("DELETE FROM publish_intents").rowcount != 1:
                raise Broken("it was not killed in time")
        store.close()
        watched.edits_are_forgotten = True
        self.recovered(watched, 1)
        if [read(f"{watched.root}/{path}") for path in watched.asides] != ["edited\n"]:
            raise Broken(f"the edit was not kept: {watched.asides}")

    def undone(self, watched):
        """Of two outputs one is in place, and the bytes of the other are torn."""
        workspace, place = watched.workspace, f"{watched.root}/work/a"
        workspace.put("martlet.yaml", PAIR)
        workspace.put("source", "old\n")
        watched.expect(watched.run(), 0)
        workspace.put("source", "new\n")
        workspace.told = {}
        watched.killed("renameat2:delay_exit=2000000", "work/a", lambda: read(place) == "new\n")
        [staged] = glob.glob(f"{watched.root}/.martlet/attempts/*/out/*/b/b")
        workspace.put(os.path.relpath(staged, watched.root), "torn\n")
        came_back = []

        def check(call):
            if call.name == "renameat2" and call.paths[1] == place:
                came_back.append(call.begin)
            if came_back and call.name in ("fsync", "fdatasync") and call.paths[0] == f"{watched.root}/{LOG}":
                watched.demand("work/a", "the store keeps that it was undone")
                watched.check = lambda call: Watched.check(watched, call)
            Watched.check(watched, call)

        watched.check = check
        watched.expect(watched.run(), 0)
        if not came_back or [read(f"{watched.root}/work/{name}") for name in "ab"] != ["new\n"] * 2:
            raise Broken("nothing was undone, or not made again")

    def damaged_store(self, watched):
        self.to_the_end(watched)
        for name in (STORE, LOG):
            if os.path.exists(f"{watched.root}/{name}"):
                with open(f"{watched.root}/{name}", "r+b") as file:
                    file.write(b"no database" * 100)
        watched.expect(watched.run(), 0)
        if "was damaged" not in watched.workspace.said():
            raise Broken(f"the damage was not seen: {watched.workspace.said()}")

    def two_releases(self, watched):
        lines, previous = [], hashlib.sha256(b"").hexdigest()
        for number in (1, 2):
            release = f"artifact/model_v{number}"
            os.makedirs(f"{watched.root}/{release}")
            watched.workspace.put(f"{release}/model.txt", f"tree {number}\n")
            digest = hashlib.sha256(f"tree {number}\n".encode()).hexdigest()
            manifest = {"schema": "martlet.manifest/1", "model_version": str(number), "data": {},
                        "files": [{"bytes": 7, "path": "model.txt", "sha256": digest}]}
            watched.workspace.put(f"{release}/manifest.json", json.dumps(manifest))
            entry = {"schema": "martlet.history/1", "sequence": number, "kind": "promoted", "release": release + "/",
                     "at": f"2013-01-0{number}T00:00:00.000+00:00", "by": "ann", "previous": previous}
            previous = hashlib.sha256(canonical(entry)).hexdigest()
            lines.append(canonical(entry | {"digest": previous}).decode())
        watched.workspace.put(HISTORY, "".join(line + "\n" for line in lines))
        os.symlink("model_v2", f"{watched.root}/{CURRENT}")
        watched.history_written = float("inf")
        write = watched.check

        def check(call):
            if call.name == "write" and call.paths and call.paths[0].endswith(HISTORY):
                watched.history_written = call.end
            write(call)

        watched.check = check

    def rollback(self, watched):
        self.two_releases(watched)
        watched.expect(watched.execute("rollback", "-m", "worse"), 0)
        if not watched.moved or not watched.decided or os.readlink(f"{watched.root}/{CURRENT}") != "model_v1":
            raise Broken("nothing moved")

    def killed_rollback(self, watched):
        """Before the history was synced; the next command finds what it says."""
        self.two_releases(watched)
        before = read(f"{watched.root}/{HISTORY}")
        watched.killed(
            "fsync:delay_enter=2000000", HISTORY, lambda: read(f"{watched.root}/{HISTORY}") != before, ("rollback", "-m", "worse"))
        if watched.moved:
            raise Broken("it was not killed in time")
        watched.expect(watched.run(), 3)
        if not watched.moved or os.readlink(f"{watched.root}/{CURRENT}") != "model_v1":
            raise Broken("nothing moved")

    def chain(self, watched):
        watched.workspace.put("martlet.yaml", CHAIN)
        for day in (1, 2):
            watched.workspace.put(f"raw/2013-01-0{day}", f"day {day}\n")

    def collection(self, watched):
        self.chain(watched)
        watched.expect(watched.execute("run"), 0)
        watched.collected = {f"parts/2013-01-0{day}": f"checkpoints/part/dt=2013-01-0{day}.ok" for day in (1, 2)}
        watched.expect(watched.execute("gc", "--intermediates", "--older-than", "0d"), 0)
        if os.path.exists(f"{watched.root}/parts/2013-01-01"):
            raise Broken(f"nothing was removed: {watched.workspace.said()}")

    def backfill(self, watched):
        self.chain(watched)
        seen = []

        def check(call, comment="because of the order"):
            if not seen and call.name == "pwrite64" and comment in call.text:
                seen.append(call.end)
            if call.name == "write" and '{"toldTo":' in call.text and not (seen and watched.log_synced > seen[0]):
                raise Broken("an attempt of a backfill is to start before its plan is synced")
            Watched.check(watched, call)

        watched.check = check
        watched.expect(watched.execute("backfill", "dt=2013-01-01..2013-01-02", "-m", "because of the order"), 0)
        if not seen or not watched.origins:
            raise Broken(f"the backfill was not seen: {watched.workspace.said()}")

    # What the system seldom answers

    def lock_removed(self, watched):
        """Somebody removes the lock's file between its opening and its locking, and another run makes a new one."""
        workspace = watched.workspace
        workspace.put("martlet.yaml", SLOW)
        hold = "inject=flock:delay_enter=6000000:when=1"
        first = workspace.start("run", tracer=["strace", "-f", "-qq", "-o", watched.trace, "-e", "trace=flock", "-e", hold])
        lock = f"{watched.root}/.martlet/lock"
        watched.wait_for("the lock", lambda: os.path.exists(lock), first)
        os.remove(lock)
        second = subprocess.Popen(
            workspace.command("run"), cwd=watched.root, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL, env={"PATH": "/usr/bin:/bin"}, start_new_session=True)
        watched.wait_for("the second run", lambda: os.path.exists(f"{watched.root}/started"), second)
        watched.wait_for("the word that it is queued", lambda: "queued behind" in workspace.said(), first)
        workspace.put("go", "")
        watched.expect(second.wait(60), 0)
        watched.expect(workspace.wait(first, ["run"]), 0)

    def network(self, watched):
        """The folder lies on NFS, as far as the system says."""
        lie = "inject=statfs:poke_exit=@arg2=6969000000000000"
        watched.expect(
            watched.workspace.execute("run", tracer=["strace", "-f", "-qq", "-o", watched.trace, "-e", "trace=statfs", "-e", lie]), 2)
        if "cannot lie on a network file system" not in watched.workspace.said() or os.path.exists(f"{watched.root}/{STORE}"):
            raise Broken(f"NFS is not refused: {watched.workspace.said()}")


def read(path):
    with open(path) as file:
        return file.read()


def canonical(entry):
    return json.dumps(entry, sort_keys=True, separators=(",", ":")).encode()
