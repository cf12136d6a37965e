"""Whether what was made earlier still stands: conditions, inputs and outputs, all by content.

Everything on the path of a build with nothing to do lives here, so this module imports nothing that
the interpreter has not loaded by itself, but for `marshal` and the hash.
"""

import marshal
import os
import sys

try:  # hashlib would load OpenSSL, a third of the time of a build with nothing to do
    from _blake2 import blake2b
except ImportError:  # pragma: no cover - an interpreter without the accelerator
    from hashlib import blake2b

CACHE = ".cache"
DATA = "data"
PACKAGES = ("jinja2", "matplotlib", "mpmath", "numpy", "sympy")
# Whoever of these is installed gives a second opinion, which the ledger names.
OPTIONAL = ("autograd", "jax", "torch")
_BUILDING_ONLY = ("building", "commands", "cli.py")
_CHECKING_TOO = ("building/draw.py", "building/load.py", "building/store.py")
_ENGINE = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))


def digest_bytes(data: bytes) -> str:
    """Return the content key of `data`, 32 hexadecimal digits."""
    return blake2b(data, digest_size=16).hexdigest()


def digest_path(path: str) -> str:
    """Return the key of a file's content, or of a folder's list of files; "" if there is neither.

    Hidden files and the leavings of editors do not belong to a folder.
    """
    try:
        if os.path.isdir(path):
            with os.scandir(path) as entries:
                names = sorted(e.name for e in entries if _counts(e.name) and e.is_file())
            return digest_bytes("\n".join(names).encode())
        with open(path, "rb", buffering=0) as file:
            return digest_bytes(file.read())
    except OSError:
        return ""


def _counts(name: str) -> bool:
    return name[0] not in ".#" and name[-1] != "~"


class Digests:
    """The contents of files as this build first saw them: one consistent picture of the inputs.

    Names are relative to `root`; an absolute name stands for itself.
    """

    def __init__(self, root: str) -> None:
        self.root = root
        self._seen: dict[str, str] = {}

    def of(self, name: str) -> str:
        """Return the key of the named file or folder, as at the first time it was asked for."""
        if name not in self._seen:
            self._seen[name] = digest_path(os.path.join(self.root, name))
        return self._seen[name]

    def all_of(self, names: list[str]) -> dict[str, str]:
        """Return the keys of several files by name."""
        return {name: self.of(name) for name in names}


class Record:
    """What was made (`outputs`), from which files (`inputs`), under which `conditions`.

    `inputs` and `outputs` map file names to content keys; `conditions` maps words such as
    "engine" or "sympy" to what held when the record was made. A document's PDF is its first output.
    """

    def __init__(
        self, conditions: dict[str, str], inputs: dict[str, str], outputs: dict[str, str]
    ) -> None:
        self.conditions = conditions
        self.inputs = inputs
        self.outputs = outputs

    def stale_because(self, conditions: dict[str, str], digests: Digests, output: str) -> str:
        """Return what has changed since, in a few words; "" while the record is fresh."""
        for word in sorted(conditions.keys() | self.conditions.keys()):
            if word == DATA and word not in self.conditions:
                continue  # nothing in it depends on the user's data
            if conditions.get(word) != self.conditions.get(word):
                return f"{word} changed"
        for name, digest in self.inputs.items():
            if not digest or digests.of(name) != digest:
                return f"{name} changed"
        for name, digest in self.outputs.items():
            if not digest or digest_path(os.path.join(output, name)) != digest:
                return f"output {name} changed or is missing"
        return ""


def read_record(path: str) -> Record | None:
    """Return the record stored at `path`, or None if there is none, or it is damaged."""
    try:
        with open(path, "rb", buffering=0) as file:
            data = file.read()
    except OSError:
        return None
    head, payload = data[:32], data[32:]
    if head.decode("latin-1") != digest_bytes(payload):  # before marshal sees a byte of it
        return None
    conditions, inputs, outputs = marshal.loads(payload)
    return Record(conditions, inputs, outputs)


def write_record(path: str, record: Record) -> None:
    """Store the record at `path`, whole or not at all."""
    payload = marshal.dumps((record.conditions, record.inputs, record.outputs), 2)
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


# ------------------------------------------------------------------------------ conditions


def engine_digest(*, checking_only: bool) -> str:
    """Return the key of the engine's sources; of those that decide a check's outcome, if asked."""
    parts = []
    for folder, folders, files in os.walk(_ENGINE):
        folders[:] = sorted(name for name in folders if name != "__pycache__")
        for file in sorted(files):
            name = os.path.relpath(os.path.join(folder, file), _ENGINE)
            outer = name.split(os.sep)[0] in _BUILDING_ONLY and name not in _CHECKING_TOO
            if _counts(file) and not (checking_only and outer):
                parts.append(f"{name} {digest_path(os.path.join(folder, file))}")
    return digest_bytes("\n".join(parts).encode())


def installed_packages() -> dict[str, str]:
    """Return the versions of the packages that shape the output, without importing any.

    The names of their metadata folders tell; `importlib.metadata` costs more than all the rest.
    """
    found = {"python": sys.version}
    for folder in sys.path:
        if os.path.basename(folder) not in ("site-packages", "dist-packages"):
            continue
        for name in os.listdir(folder) if os.path.isdir(folder) else []:
            if name.endswith((".dist-info", ".egg-info")):
                package, _, version = name.rpartition(".")[0].partition("-")
                if package.lower() in PACKAGES + OPTIONAL:
                    found.setdefault(package.lower(), version)
    return found


def tex_stamp() -> str:
    """Return what identifies the installed pdflatex without running it; "" if there is none."""
    for folder in os.environ.get("PATH", os.defpath).split(os.pathsep):
        path = os.path.join(folder, "pdflatex")
        if os.access(path, os.X_OK):
            status = os.stat(path)
            return f"{os.path.realpath(path)} {status.st_size} {status.st_mtime_ns}"
    return ""


def problem_conditions(seeds: tuple[int, ...], data: str = "") -> dict[str, str]:
    """Return what a checked and illustrated solution depends on beside files."""
    conditions = installed_packages()
    conditions.pop("jinja2", None)
    conditions["engine"] = engine_digest(checking_only=True)
    conditions["seeds"] = " ".join(map(str, seeds))
    conditions[DATA] = data
    return conditions


def document_conditions(data: str = "") -> dict[str, str]:
    """Return what a document depends on beside files."""
    conditions = installed_packages()
    conditions["engine"] = engine_digest(checking_only=False)
    conditions["TeX"] = tex_stamp()
    conditions[DATA] = data
    return conditions


# -------------------------------------------------------------------- the folders of a course


def subfolders(path: str) -> list[str]:
    """Return the names of the folders in `path` that are not private, sorted."""
    if not os.path.isdir(path):
        return []
    with os.scandir(path) as entries:
        return sorted(e.name for e in entries if e.name[0] not in "._" and e.is_dir())


def document_record(output: str, set_slug: str, view: str) -> str:
    """Return where the record of a set's document is kept."""
    return os.path.join(output, CACHE, "documents", set_slug, f"{view}.record")


def fresh_documents(root: str, output: str, view: str) -> list[str]:
    """Return the PDFs of all sets if all of them are fresh, else an empty list.

    This is the whole of a build with nothing to do.
    """
    slugs = subfolders(os.path.join(root, "problems"))
    known = subfolders(os.path.join(output, CACHE, "documents"))
    extra_templates = set(subfolders(os.path.join(root, "templates"))) - set(slugs)
    if slugs != known or extra_templates:
        return []
    conditions = document_conditions()
    digests = Digests(root)
    pdfs = []
    for slug in slugs:
        record = read_record(document_record(output, slug, view))
        if record is None or record.stale_because(conditions, digests, output):
            return []
        pdfs.append(os.path.join(output, next(iter(record.outputs))))
    return pdfs
