"""What files hold, as content keys, and a memory of it that is trusted only where it is sure.

A file is not read again while its dates, size and inode are those of the last time: its date of
change (ctime) cannot be set by hand. A file that changed so shortly before it was read that a
second change may carry the same date is not remembered at all; git calls such an entry racily
clean.

Everything on the path of a build with nothing to do lives here, so this module imports nothing that
the interpreter has not loaded by itself, but for `marshal` and the hash.
"""

import marshal
import os

try:  # hashlib would load OpenSSL, a third of the time of a build with nothing to do
    from _blake2 import blake2b
except ImportError:  # pragma: no cover - an interpreter without the accelerator
    from hashlib import blake2b

TYPE_CHECKING = False  # that of `typing`, whose import would take half the time of Python's start
if TYPE_CHECKING:
    from typing import Any

    Sealed = tuple[Any, ...]
    """Plain values, as `marshal` stores them."""

CACHE = ".cache"
ABSENT = "absent"
FOLDER = "folder"
VARIABLE = "\0"  # begins the names of variables of the environment; no path holds it
_SLACK = 2_000_000_000  # nanoseconds: no file system in use counts time in larger steps

# Dates of modification and of change, size, inode; () where nothing may be trusted.
Signature = tuple[int, ...]


def digest_bytes(data: bytes) -> str:
    """Return the content key of `data`, 32 hexadecimal digits."""
    return blake2b(data, digest_size=16).hexdigest()


def digest_path(path: str) -> str:
    """Return the key of a file's content, or of what a folder lists.

    ABSENT if there is neither, "" if it cannot be read. Hidden files, byte code and the leavings of
    editors do not belong to a folder. A path that ends with a separator asks only whether there is
    a folder.
    """
    try:
        if path[-1] == os.sep:
            return FOLDER if os.path.isdir(path) else ABSENT
        if os.path.isdir(path):
            return digest_bytes("\n".join(_listing(path)).encode("utf-8", "surrogateescape"))
        with open(path, "rb", buffering=0) as file:
            return digest_bytes(file.read())
    except (FileNotFoundError, NotADirectoryError):
        return ABSENT
    except OSError:
        return ""


def digest_variable(name: str) -> str:
    """Return the key of what a variable of the environment holds."""
    value = os.environ.get(name)
    return "unset" if value is None else digest_bytes(os.fsencode(value))


def _listing(folder: str) -> list[str]:
    with os.scandir(folder) as entries:
        return sorted(f"{e.name}/" if e.is_dir() else e.name for e in entries if counts(e.name))


def counts(name: str) -> bool:
    """Return whether a name in a folder is one that anybody meant to be there."""
    return name[0] not in ".#" and name[-1] != "~" and name != "__pycache__"


def _signature(path: str) -> Signature:
    try:
        status = os.stat(path)
    except OSError:
        return ()
    return (status.st_mtime_ns, status.st_ctime_ns, status.st_size, status.st_ino)


class Memory:
    """The contents of files by absolute path, with the signatures that vouch for them.

    `now` is the time, by the clock of the file system, before any of the files was read.
    """

    def __init__(self, now: int, known: dict[str, tuple[Signature, str]]) -> None:
        self.now = now
        self.known = known
        self.seen: dict[str, tuple[Signature, str]] = {}

    def of(self, path: str) -> str:
        """Return the content key of a path, or of a variable of the environment."""
        if path[0] == VARIABLE:
            self.seen[path] = (), digest_variable(path[1:])
            return self.seen[path][1]
        before = _signature(path)
        trusted, digest = self.known.get(path, ((), ""))
        if not before or before != trusted:
            digest = digest_path(path)
        sure = before and max(before[:2]) + _SLACK < self.now and digest
        self.seen[path] = (before if sure else (), digest)
        return digest


class Digests:
    """The contents of files as this build first saw them: one consistent picture of the inputs.

    Names are relative to `root`; an absolute name stands for itself, and so does a variable.
    """

    def __init__(self, root: str, memory: Memory | None = None) -> None:
        self.root = root
        self.memory = memory or Memory(0, {})
        self._first: dict[str, str] = {}

    def of(self, name: str) -> str:
        """Return the key of the named file or folder, as at the first time it was asked for."""
        if name not in self._first:
            path = name if name[0] == VARIABLE else os.path.join(self.root, name)
            self._first[name] = self.memory.of(path)
        return self._first[name]

    def all_of(self, names: list[str]) -> dict[str, str]:
        """Return the keys of several files by name."""
        return {name: self.of(name) for name in names}


def time_on_disk(folder: str) -> int:
    """Return the time by the clock of the file system that holds `folder`; 0 if it is read-only."""
    path = os.path.join(folder, f"clock.{os.getpid()}.new")
    try:
        with open(path, "wb") as file:
            now = os.fstat(file.fileno()).st_mtime_ns
        os.unlink(path)
    except OSError:
        return 0
    return now


# --------------------------------------------------------------------------- whole or not at all


def read_sealed(path: str) -> "Sealed | None":
    """Return what `write_sealed` stored, or None if there is nothing, or it was tampered with."""
    try:
        with open(path, "rb", buffering=0) as file:
            data = file.read()
    except OSError:
        return None
    head, payload = data[:32], data[32:]
    if head.decode("latin-1") != digest_bytes(payload):  # before marshal sees a byte of it
        return None
    values: Sealed = marshal.loads(payload)
    return values


def write_sealed(path: str, values: "Sealed") -> None:
    """Store plain values at `path` behind a key of theirs."""
    payload = marshal.dumps(values, 2)
    write_whole(path, digest_bytes(payload).encode() + payload)


def write_whole(path: str, data: bytes) -> None:
    """Write a file so that at every moment either the old or the new one is there."""
    os.makedirs(os.path.dirname(path), exist_ok=True)
    fresh = f"{path}.{os.getpid()}.new"
    try:
        with open(fresh, "wb") as file:
            file.write(data)
        os.replace(fresh, path)
    except BaseException:
        if os.path.exists(fresh):
            os.unlink(fresh)
        raise
