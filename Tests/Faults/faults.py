#!/usr/bin/env python3
"""The order of durable system calls; faults at every one: kill -9, EIO, ENOSPC; power cuts; a full and a read-only file system.

    Tests/Faults/faults.py FOLDER [--full] [--only PART] [--jobs N]

FOLDER holds martlet and martlet-supervisor. Each trial lays a fresh workspace, runs a small pipeline under one fault and then looks:
what was told as done is there byte by byte, no half output is visible, the next plain `martlet run` comes to the end without any
manual step, nothing that was told runs again, and the store is sound. Without --full the long series are sampled.
"""
import argparse, concurrent.futures, fcntl, os, random, shutil, sqlite3, subprocess, sys, tempfile, threading, time

from order import Order
from workspace import Broken, Workspace, tree

# The calls on whose order and success the promise rests; each is gone through by itself, as strace counts by thread.
DURABLE = ["fsync", "fdatasync", "rename", "renameat2", "unlink", "unlinkat", "mkdir", "ftruncate", "pwrite64", "write"]
# Errors of `write` are those of a full disk: strace would also give them to sockets, which no disk can.
LOSS = ["fsync", "fdatasync", "rename", "renameat2", "mkdir", "ftruncate", "pwrite64"]
SHUTDOWN, WITHOUT_LOG = 0x8004587D, 2


class Suite:
    def __init__(self, options):
        self.options, self.programs = options, os.path.abspath(options.programs)
        self.base = tempfile.mkdtemp(prefix="martlet-faults-")
        self.lock, self.counts, self.failures = threading.Lock(), {}, []
        self.local = threading.local()
        self.expected = []
        scratch = self.folder("undisturbed")
        workspace = Workspace(self, f"{scratch}/w", scratch)
        for generation in range(2):
            if generation:
                workspace.next_generation()
            statuses = [workspace.run(), workspace.execute("approve", "agreed"), workspace.run()]
            if statuses != [3, 0, 0]:
                sys.exit(f"the undisturbed run ended with {statuses}: {workspace.said()}")
            self.expected.append(tree(workspace.root))

    def folder(self, name):
        path = f"{self.base}/{name}"
        shutil.rmtree(path, ignore_errors=True)
        os.makedirs(path)
        return path

    def count(self, part, number=1):
        with self.lock:
            self.counts[part] = self.counts.get(part, 0) + number

    def trial(self, part, name, body):
        """One trial in a folder of its own; a failure keeps the folder."""
        scratch = self.folder(name.replace(" ", "-"))
        try:
            fired = body(scratch)
        except (Broken, OSError, sqlite3.Error) as problem:
            with self.lock:
                self.failures.append(f"{name}: {problem}\n    kept: {scratch}")
                print(f"✗ {name}: {problem}", file=sys.stderr, flush=True)
            self.count(part)
            return True
        shutil.rmtree(scratch, ignore_errors=True)
        if fired:
            self.count(part)
        return fired

    def each(self, items):
        """Runs callables side by side, in the order given."""
        with concurrent.futures.ThreadPoolExecutor(self.options.jobs) as pool:
            for future in [pool.submit(item) for item in items]:
                future.result()

    # Kills and errors at the Nth call

    def series(self, part, name, one, stride):
        """N = 1, 2, … (or every so many) until none fires."""
        number = 1
        while self.trial(part, f"{name} {number}", lambda scratch: one(scratch, number)):
            # The first ones are all different; later ones repeat themselves.
            number += 1 if number < 8 or self.options.full else stride

    def tracer(self, scratch, call, what, number):
        return ["strace", "-f", "-qq", "-o", f"{scratch}/trace", "-e", f"trace={call}", "-e", f"inject={call}:{what}:when={number}"]

    @staticmethod
    def fired(scratch):
        text = open(f"{scratch}/trace", errors="replace").read()
        return "(INJECTED)" in text or "+++ killed by SIGKILL" in text

    def prepare(self, scratch, generation):
        workspace = Workspace(self, f"{scratch}/w", scratch)
        if generation:
            for step in (workspace.run, lambda: workspace.execute("approve", "agreed"), workspace.run):
                if step() not in (0, 3):
                    raise Broken(f"the first generation failed: {workspace.said()}")
            workspace.next_generation()
        return workspace

    def check_status(self, workspace, status, after):
        if status not in (0, 1, 2, 3, 75) or "mistake in martlet" in workspace.said():
            raise Broken(f"{after}: ended with {status}: {workspace.said()[-1500:]}")

    def at_call(self, part, call, what, generation, stride, approving=False, nested=None):
        name = " ".join(filter(None, [part, call, f"generation-{generation}", "nested" if nested else ""]))

        def one(scratch, number):
            workspace = self.prepare(scratch, generation)
            if approving and workspace.run() != 3:
                raise Broken(f"no gate: {workspace.said()}")
            words = ["approve", "agreed"] if approving else ["run", "--progress", "json", "--no-input", "-j", "1"]
            if nested:
                # A crash in the midst of publishing, and then faults while it is put right.
                workspace.execute(*words, tracer=self.tracer(scratch, nested[0], "signal=KILL", nested[1]))
                workspace.look(generation, f"{name} {number}, before")
            status = workspace.execute(*words, tracer=self.tracer(scratch, call, what, number))
            fired = self.fired(scratch)
            if "KILL" not in what:
                self.check_status(workspace, status, f"{name} {number}")
            workspace.look(generation, f"{name} {number}")
            if fired:
                workspace.converge(generation, f"{name} {number}")
            workspace.reap()
            return fired

        return lambda: self.series(part, name, one, stride)

    def kills(self):
        jobs = [self.at_call("kill", c, "signal=KILL", g, 12 if c in ("pwrite64", "write") else 2)
                for g in (1, 0) for c in DURABLE]
        jobs += [self.at_call("kill-approve", c, "signal=KILL", 0, 2, approving=True)
                 for c in ("fsync", "fdatasync", "rename", "unlink", "write", "pwrite64")]
        self.each(jobs)

    def recovery(self):
        """Kills while a kill is recovered from: in the midst of an exchange, before its checkpoint, before its sync."""
        crashes = [("renameat2", 1), ("renameat2", 2), ("rename", 4), ("rename", 8), ("fsync", 6)]
        stride = 3
        calls = ["fsync", "fdatasync", "rename", "renameat2", "unlinkat", "mkdir", "pwrite64"]
        if not self.options.full:
            crashes = crashes[:4]
        self.each([self.at_call("kill-in-recovery", c, "signal=KILL", 1, 25 if c == "pwrite64" else stride, nested=n)
                   for n in crashes for c in calls])

    def errors(self):
        self.each([self.at_call(e.lower(), c, f"error={e}", 1, 16 if c in ("pwrite64", "write") else 3)
                   for e in ("EIO", "ENOSPC") for c in LOSS])

    # File systems of their own

    def mounted(self, scratch, name, megabytes, *options):
        # Blocks of 4 kB, as any disk of today has: in smaller ones SQLite leaves holes in the file that it maps, and on a full disk
        # the kernel ends a process that writes into a hole (SIGBUS). The next run goes on all the same.
        image, root = f"{scratch}/image", f"{scratch}/mount"
        os.makedirs(root, exist_ok=True)
        with open(image, "wb") as file:
            file.truncate(megabytes << 20)
        subprocess.run(["mkfs.ext4", "-q", "-F", "-b", "4096", *options, image], check=True, capture_output=True)
        subprocess.run(["mount", "-o", "loop", image, root], check=True, capture_output=True)
        return image, root

    @staticmethod
    def unmount(root):
        for _ in range(100):
            if subprocess.run(["umount", root], capture_output=True).returncode == 0:
                return
            time.sleep(0.05)
        raise Broken(f"{root} cannot be unmounted")

    def on_disk(self, part, name, body, megabytes=16, options=()):
        def one(scratch):
            image, root = self.mounted(scratch, name, megabytes, *options)
            workspace = Workspace(self, root, scratch)
            try:
                body(workspace, image)
            finally:
                subprocess.run(["mount", "-o", "remount,rw", root], capture_output=True)
                workspace.reap()
                self.unmount(root)
            return True
        return lambda: self.trial(part, name, one)

    def cut(self, workspace, image):
        """The power goes: what was not synced is lost, and every process with it."""
        folder = os.open(workspace.root, os.O_RDONLY)
        fcntl.ioctl(folder, SHUTDOWN, (WITHOUT_LOG).to_bytes(4, "little"))
        os.close(folder)
        workspace.reap()
        self.unmount(workspace.root)
        subprocess.run(["mount", "-o", "loop", image, workspace.root], check=True, capture_output=True)

    def power(self):
        chance = random.Random(2013)

        def cut_after(seconds, generation, twice):
            def body(workspace, image):
                if generation:
                    for step in (workspace.run, lambda: workspace.execute("approve", "agreed"), workspace.run):
                        step()
                    workspace.next_generation()
                os.sync()
                for at in [seconds, seconds / 2][: 1 + twice]:
                    process = workspace.start("run", "--progress", "json", "--no-input")
                    try:
                        process.wait(at)
                    except subprocess.TimeoutExpired:
                        pass
                    self.cut(workspace, image)
                    workspace.wait(process, ["run"])
                    workspace.look(generation, f"power cut after {at:.3f} s")
                workspace.converge(generation, f"power cut after {seconds:.3f} s")
            return body

        def approved(workspace, image):
            workspace.run()
            workspace.execute("approve", "agreed")
            self.cut(workspace, image)
            workspace.look(0, "power cut after an approval")
            workspace.converge(0, "power cut after an approval")

        def ended(workspace, image):
            status = workspace.run()
            self.cut(workspace, image)
            if status != 3 or set(workspace.told) != {"sort", "folder", "place"}:
                raise Broken(f"not everything was told: {status} {workspace.told}")
            workspace.look(0, "power cut after a run")
            workspace.converge(0, "power cut after a run")

        count = 400 if self.options.full else 60
        jobs = [self.on_disk("power-cut", f"power cut {n}", cut_after(chance.uniform(0.02, 0.6), n % 2, n % 4 > 1))
                for n in range(count)]
        jobs += [self.on_disk("power-cut", f"power cut after an approval {n}", approved) for n in range(3)]
        jobs += [self.on_disk("power-cut", f"power cut after a run {n}", ended) for n in range(3)]
        self.each(jobs)

    def full(self):
        def filled(left):
            def body(workspace, image):
                fill(workspace.root, left)
                self.check_status(workspace, workspace.run(), f"{left} kB left")
                workspace.look(0, f"{left} kB left")
                os.remove(f"{workspace.root}/filler")
                workspace.converge(0, f"{left} kB left")
            return body

        def fill(root, left):
            space = os.statvfs(root)
            with open(f"{root}/filler", "wb") as file:
                count = space.f_bfree * space.f_frsize - (left << 10)
                try:
                    while count > 0:
                        file.write(bytes(min(count, 1 << 16)))
                        file.flush()
                        count -= 1 << 16
                except OSError:
                    pass

        def inodes(left):
            def body(workspace, image):
                os.makedirs(f"{workspace.root}/filler")
                for n in range(max(0, os.statvfs(workspace.root).f_ffree - left)):
                    open(f"{workspace.root}/filler/{n}", "w").close()
                self.check_status(workspace, workspace.run(), f"{left} inodes left")
                for name in os.listdir(f"{workspace.root}/filler"):
                    os.remove(f"{workspace.root}/filler/{name}")
                os.rmdir(f"{workspace.root}/filler")
                workspace.look(0, f"{left} inodes left")
                workspace.converge(0, f"{left} inodes left")
            return body

        step = 4 if self.options.full else 28
        jobs = [self.on_disk("full", f"full {left} kB", filled(left), 8, ("-m", "0")) for left in [0, *range(4, 400, step)]]
        jobs += [self.on_disk("inodes", f"inodes {left}", inodes(left), 8, ("-N", "256"))
                 for left in range(0, 64, 1 if self.options.full else 5)]
        self.each(jobs)

    def readonly(self):
        def at(seconds):
            def body(workspace, image):
                process = workspace.start("run", "--progress", "json", "--no-input")
                try:
                    process.wait(seconds)
                except subprocess.TimeoutExpired:
                    pass
                # As the kernel does it after an error: whoever writes gets EROFS from now on.
                subprocess.run(["mount", "-o", "remount,abort", workspace.root], capture_output=True)
                status = workspace.wait(process, ["run"])
                self.check_status(workspace, status, f"read-only after {seconds:.2f} s")
                status = workspace.run()
                if status == 0:
                    raise Broken("a run on a read-only file system succeeded")
                self.check_status(workspace, status, "on a read-only file system")
                workspace.reap()
                self.unmount(workspace.root)
                subprocess.run(["e2fsck", "-fy", image], capture_output=True)
                subprocess.run(["mount", "-o", "loop", image, workspace.root], check=True, capture_output=True)
                workspace.look(0, f"read-only after {seconds:.2f} s")
                workspace.converge(0, f"read-only after {seconds:.2f} s")
            return body

        chance = random.Random(7)
        self.each([self.on_disk("read-only", f"read-only {n}", at(chance.uniform(0, 0.5)))
                   for n in range(60 if self.options.full else 10)])


    def order(self):
        self.each(Order(self).stories())


PARTS = ["order", "kills", "recovery", "errors", "power", "full", "readonly"]


def unable():
    """Why this machine cannot do it; None if it can."""
    if os.geteuid() != 0:
        return "not root"
    for program in ("strace", "mkfs.ext4", "losetup"):
        if not shutil.which(program):
            return f"no {program}"
    if subprocess.run(["strace", "-f", "-qq", "-o", "/dev/null", "-e", "inject=fsync:error=EIO", "true"], capture_output=True).returncode:
        return "strace may not trace (ptrace)"
    return None


def unmountable():
    with tempfile.TemporaryDirectory() as folder:
        with open(f"{folder}/image", "wb") as file:
            file.truncate(4 << 20)
        os.mkdir(f"{folder}/mount")
        made = subprocess.run(["mkfs.ext4", "-q", "-F", f"{folder}/image"], capture_output=True).returncode == 0
        if not made or subprocess.run(["mount", "-o", "loop", f"{folder}/image", f"{folder}/mount"], capture_output=True).returncode:
            return "no loop mounts"
        subprocess.run(["umount", f"{folder}/mount"], check=True)
    return None


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("programs")
    parser.add_argument("--full", action="store_true", default=os.environ.get("FULL") == "1")
    parser.add_argument("--only", choices=PARTS, action="append")
    parser.add_argument("--jobs", type=int, default=os.cpu_count())
    options = parser.parse_args()
    if reason := unable():
        print(f"faults: skipped, this machine does not allow it: {reason}")
        return 0
    parts = options.only or PARTS
    if reason := unmountable():
        print(f"faults: power cuts and file systems are skipped, this machine does not allow it: {reason}")
        parts = [p for p in parts if p not in ("power", "full", "readonly")]
    if "MARTLET_FAULTS" not in os.environ:
        # In a view of its own: a copy of a mount that another process's view takes along would keep a file system alive.
        os.execvpe("unshare", ["unshare", "-m", "--propagation", "private", sys.executable, *sys.argv], os.environ | {"MARTLET_FAULTS": "1"})
    suite = Suite(options)
    begin = time.monotonic()
    for part in parts:
        start = time.monotonic()
        getattr(suite, part)()
        print(f"faults: {part} done in {time.monotonic() - start:.0f} s", file=sys.stderr, flush=True)
    for part, count in suite.counts.items():
        print(f"{part:18} {count:5} survived" if not any(f.startswith(part) for f in suite.failures) else f"{part:18} {count:5} tried")
    print(f"faults: {sum(suite.counts.values())} in {time.monotonic() - begin:.0f} s, {len(suite.failures)} not survived")
    for failure in suite.failures:
        print(f"  {failure}")
    if not suite.failures:
        shutil.rmtree(suite.base, ignore_errors=True)
    return 1 if suite.failures else 0


if __name__ == "__main__":
    sys.exit(main())
