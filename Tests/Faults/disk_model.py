"""What a power cut could take: a model of the disk, fed with the calls that strace has seen.

A file's bytes are safe once it was synced after they were written, a name once its folder was synced after the name came, and a file with
its bytes only together with all the names above it. Nothing is taken for granted of what a file system may sync besides.
"""
import os, re

CALLS = (
    "write,pwrite64,writev,pwritev,copy_file_range,sendfile,ftruncate,open,openat,creat,mkdir,mkdirat,rename,renameat,renameat2,symlink,"
    "symlinkat,link,linkat,unlink,unlinkat,rmdir,fsync,fdatasync,sendto")
WRITING = {"write", "pwrite64", "writev", "pwritev", "ftruncate"}
LINE = re.compile(r"^(\d+) +(.*)$", re.DOTALL)
BEGUN = re.compile(r"^(\w+)\((.*) <unfinished \.\.\.>$", re.DOTALL)
ENDED = re.compile(r"^<\.\.\. (\w+) resumed>(.*)$", re.DOTALL)
WHOLE = re.compile(r"^(\w+)\((.*)\)\s+= (-?\d+)(?:<([^>]*)>)?(.*)$", re.DOTALL)
TEXT = re.compile(r'"((?:[^"\\]|\\.)*)"')
OPEN = re.compile(r"(?:\d+|AT_FDCWD)<([^>]*)>")


class Call:
    """One call that succeeded. `paths` are absolute; `text` is what was written or sent."""

    def __init__(self, name, arguments, result, cwd, begin, end):
        self.name, self.begin, self.end = name, begin, end
        self.flags = TEXT.sub('""', arguments)
        texts = [match[1].encode().decode("unicode_escape") for match in TEXT.finditer(arguments)]
        opened = OPEN.findall(self.flags)
        self.text = ""
        if name in WRITING | {"fsync", "fdatasync", "sendfile", "sendto"}:
            self.paths = opened[:1]
            self.text = "".join(texts)
        elif name == "copy_file_range":
            self.paths = opened[1:2]
        elif name in ("open", "openat", "creat"):
            self.paths = [result] if result else []
        elif name in ("symlink", "symlinkat"):
            self.paths = [join(opened[0] if opened else cwd, texts[1])]
        else:
            folders = opened or [cwd] * len(texts)
            self.paths = [join(folder, text) for folder, text in zip(folders + [cwd] * len(texts), texts)]

    @property
    def creates(self):
        return self.name == "creat" or "O_CREAT" in self.flags or "O_TMPFILE" in self.flags

    def __repr__(self):
        return f"{self.name} {' '.join(self.paths)}"


def join(folder, path):
    return os.path.normpath(os.path.join(folder, path))


def calls(trace, cwd):
    """The calls of a trace in the order in which they ended; each knows at which lines it began and ended."""
    begun = {}
    with open(trace, errors="surrogateescape") as file:
        for number, line in enumerate(file):
            line = LINE.match(line.rstrip("\n"))
            if not line:
                continue
            pid, text, begin = line[1], line[2], number
            if unfinished := BEGUN.match(text):
                begun[pid] = (unfinished[1] + "(" + unfinished[2], number)
                continue
            if resumed := ENDED.match(text):
                if pid not in begun:
                    continue
                first, begin = begun.pop(pid)
                text = first + resumed[2]
            whole = WHOLE.match(text)
            if whole and int(whole[3]) >= 0:
                yield Call(whole[1], whole[2], whole[4], cwd, begin, number)


class Disk:
    """Below one folder."""

    def __init__(self, root):
        self.root = root
        # When a file's bytes were last written, and when a name in a folder last changed, where no sync has begun since.
        self.bytes, self.names = {}, {}
        self.existing, self.time = set(), 0

    def follow(self, trace):
        """The calls of one trace, each after the model has taken note of it; looks first at what is there before the trace is applied."""
        start = self.time + 1
        for call in calls(trace, self.root):
            call.begin += start
            call.end += start
            self.time = call.end
            yield call
            self.apply(call)

    def look(self):
        """Notes which names are there; called before what is traced begins."""
        self.existing = {os.path.join(folder, name) for folder, folders, names in os.walk(self.root) for name in folders + names}

    def dirty(self, path):
        """Somebody whom nobody traces wrote these bytes."""
        self.bytes[path] = self.time

    def apply(self, call):
        """A sync takes along what was there when it began."""
        name, paths = call.name, call.paths
        if not paths or not any(self.inside(path) for path in paths):
            return
        if name in WRITING | {"copy_file_range", "sendfile"}:
            self.bytes[paths[0]] = call.end
        elif name in ("open", "openat", "creat"):
            if call.creates and paths[0] not in self.existing:
                self.come(paths[0])
            if "O_TRUNC" in call.flags:
                self.bytes[paths[0]] = call.end
        elif name in ("mkdir", "mkdirat", "symlink", "symlinkat"):
            self.come(paths[0])
        elif name in ("unlink", "unlinkat", "rmdir"):
            self.take(paths[0])
            self.change(paths[0])
        elif name in ("rename", "renameat", "renameat2"):
            first, second = self.take(paths[0]), self.take(paths[1])
            if "RENAME_EXCHANGE" in call.flags:
                self.give(second, paths[0])
            self.give(first, paths[1])
            for path in paths:
                self.change(path)
        elif name in ("fsync", "fdatasync"):
            if self.bytes.get(paths[0], call.begin) < call.begin:
                del self.bytes[paths[0]]
            left = {name: at for name, at in self.names.pop(paths[0], {}).items() if at >= call.begin}
            if left:
                self.names[paths[0]] = left

    def inside(self, path):
        return path == self.root or path.startswith(self.root + "/")

    def come(self, path):
        self.existing.add(path)
        self.change(path)

    def change(self, path):
        self.names.setdefault(os.path.dirname(path), {})[os.path.basename(path)] = self.time

    @staticmethod
    def at_or_below(path, paths):
        return [p for p in paths if p == path or p.startswith(path + "/")]

    def take(self, path):
        """Takes what is known of a path out of the model."""
        taken = [(store, p[len(path):], store.pop(p)) for store in (self.bytes, self.names) for p in self.at_or_below(path, store)]
        gone = self.at_or_below(path, self.existing)
        self.existing.difference_update(gone)
        return taken, [p[len(path):] for p in gone]

    def give(self, taken, path):
        for store, rest, value in taken[0]:
            store[path + rest] = value
        self.existing.update(path + rest for rest in taken[1])

    # Questions

    def unsynced_content(self, path):
        """What of a file or a folder a power cut could take although its own name is there."""
        names = [f"{p}/{name}" for p in self.at_or_below(path, self.names) for name in self.names[p]]
        return sorted(self.at_or_below(path, self.bytes) + names)

    def unsynced(self, path):
        """As `unsynced_content`, with the names that lead there."""
        found = self.unsynced_content(path)
        while path != self.root:
            folder, name = os.path.split(path)
            if name in self.names.get(folder, {}):
                found.append(f"the name {path}")
            path = folder
        return found
