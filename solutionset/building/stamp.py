"""A build with nothing to do: what the last one looked at is as it was, so is its answer."""

import os
import sys

from solutionset.building.contents import (
    ABSENT,
    CACHE,
    Memory,
    Signature,
    read_sealed,
    time_on_disk,
    write_sealed,
)


def nothing_to_do(root: str, output: str) -> list[str]:
    """Return the PDFs of all sets if nothing has changed since they were made, else nothing."""
    stamp = read_stamp(output)
    if stamp.circumstances != circumstances(root):
        return []
    doubtful = stamp.doubtful()
    if doubtful:
        memory = Memory(time_on_disk(os.path.join(output, CACHE)), {})
        if any(not memory.of(path) or memory.of(path) != stamp.seen[path][1] for path in doubtful):
            return []
        write_stamp(output, Stamp(stamp.circumstances, stamp.answer, stamp.seen | memory.seen))
    return stamp.answer


class Stamp:
    """What the last build of all sets answered, and everything that it looked at to know it.

    `circumstances` are those of the process: the interpreter, the root, the search paths.
    """

    def __init__(
        self, circumstances: list[str], answer: list[str], seen: dict[str, tuple[Signature, str]]
    ) -> None:
        self.circumstances = circumstances
        self.answer = answer
        self.seen = seen

    def doubtful(self) -> list[str]:
        """Return the paths that only their content can clear of having changed."""
        found = []
        stat = os.stat
        for path, (trusted, digest) in self.seen.items():
            try:
                s = stat(path)
            except (OSError, ValueError):  # ValueError: a variable of the environment
                if digest != ABSENT:
                    found.append(path)
                continue
            if (s.st_mtime_ns, s.st_ctime_ns, s.st_size, s.st_ino) != trusted:
                found.append(path)
        return found


def read_stamp(output: str) -> Stamp:
    """Return the stamp of an output folder; an empty one if there is none, or it is damaged."""
    values = read_sealed(_file(output))
    return Stamp([], [], {}) if values is None else Stamp(*values)


def write_stamp(output: str, stamp: Stamp) -> None:
    """Store a stamp; it is a memory only, so that a disk which refuses it does no harm."""
    try:
        write_sealed(_file(output), (stamp.circumstances, stamp.answer, stamp.seen))
    except OSError:
        return


def _file(output: str) -> str:
    return os.path.join(output, CACHE, "stamp")


def circumstances(root: str) -> list[str]:
    """Return what the answer of a build of all sets depends on, beside files and folders."""
    return [root, sys.version, tex_stamp(), *package_folders()]


def package_folders() -> list[str]:
    """Return the folders in which packages are installed."""
    endings = (f"{os.sep}site-packages", f"{os.sep}dist-packages")
    return [folder for folder in sys.path if folder.endswith(endings)]


def tex_stamp() -> str:
    """Return what identifies the installed pdflatex without running it; "" if there is none."""
    for folder in os.environ.get("PATH", os.defpath).split(os.pathsep):
        path = os.path.join(folder, "pdflatex")
        if os.access(path, os.X_OK):
            status = os.stat(path)
            return f"{os.path.realpath(path)} {status.st_size} {status.st_mtime_ns}"
    return ""
