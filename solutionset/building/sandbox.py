"""Confinement of TeX: how much it may use, what it may read, what its PDF may contain.

LaTeX is a program, and problem sheets pass from hand to hand. Four walls stand one behind the
other, since each has a known hole:

1. `forbidden`: primitives that read or write files by themselves are refused by name. A name can
   be composed (``\\csname``), so this is a courtesy that points at the line, not the wall.
2. kpathsea with ``openin_any=p``, ``openout_any=p``, ``shell_escape=f``. pdfTeX's
   ``\\pdfobj stream file`` passes it by.
3. bubblewrap, where it works: such a file is not there to be read. It is not installed everywhere.
4. `foreign_inputs`: what the recorder and the log list as read must lie in the job folder or in a
   TeX tree, or nothing is published. It sees the file only after TeX has read it.
"""

import os
import re
import resource
import select
import shutil
import signal
import subprocess
import tempfile
import time
import zlib
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from solutionset.errors import EnvironmentFault, TexError

# Any fixed day: the date on the page comes from set.toml, and equal input must give equal bytes.
SOURCE_DATE = 1_704_067_200

OUTPUT_CAP = 64_000

# How often a run is looked at, how long it has to say where it was, and what the kernel adds to the
# limit on CPU, which is the wall behind the interruption.
_GLANCE_SECONDS = 0.25
_GRACE_SECONDS = 2.0
_SPARE_CPU_SECONDS = 2

_SOME_ROOM = 1 << 16  # bytes: less than TeX needs to say what went wrong

INSTALL_TEX = (
    "sudo apt-get install texlive-latex-base texlive-latex-recommended texlive-fonts-recommended"
    " texlive-pictures (elsewhere: any TeX Live from 2022 on with the same collections)"
)

_TREES = ("TEXMFROOT", "TEXMFDIST", "TEXMFLOCAL", "TEXMFSYSVAR", "TEXMFSYSCONFIG")
_SYSTEM_TREES = ("/usr/share/texmf", "/usr/share/texlive", "/usr/share/fonts")
_CONFIGURATION = ("/etc/texmf", "/var/lib/texmf")
_PROGRAMS = ("/usr", "/bin", "/lib", "/lib32", "/lib64", "/etc/ld.so.cache")

_READS_FILES = (
    r"pdfobj|pdffiledump|pdffilesize|pdffilemoddate|pdfmdfivesum|pdfximage|pdfmapfile"
    r"|openin|openout|readline|directlua|latelua"
)
_FORBIDDEN = re.compile(
    rf"(?<![A-Za-z])(?:tex_|primitive_)?(?:{_READS_FILES})(?![A-Za-z])|\\write\s*18|\^\^"
)

_ACTIVE_NAME = re.compile(
    rb"/(Launch|JavaScript|JS|EmbeddedFiles?|RichMedia|SubmitForm|ImportData)(?![A-Za-z])"
    rb"|/URI\s*\(\s*((?i:javascript)):"
)
_BITMAP_FONT = re.compile(rb"/Subtype\s*/Type3(?![0-9A-Za-z])")
_STREAM = re.compile(rb"<<(?P<head>.{0,2000}?)>>\s*stream\r?\n(?P<body>.*?)endstream", re.DOTALL)


@dataclass(frozen=True)
class Limits:
    """What one pass of TeX may use: seconds of CPU, of wall time, bytes of memory, of a file."""

    cpu_seconds: int = 30
    wall_seconds: float = 60.0
    memory_bytes: int = 1 << 30
    file_bytes: int = 50 << 20


DEFAULT_LIMITS = Limits()


@dataclass(frozen=True)
class Finished:
    """How a confined run ended: its exit status, the limit that stopped it, what it said."""

    status: int
    stopped_by: str
    said: str


def find_tex() -> Path:
    """Return pdflatex; raise `TexError` with the command that installs it."""
    found = shutil.which("pdflatex")
    if found is None:
        raise TexError(
            "pdflatex is not installed",
            code="tex-missing",
            wanted="pdflatex on the PATH",
            advice=INSTALL_TEX,
        )
    return Path(found)


def environment(program: Path, folder: Path) -> dict[str, str]:
    """Return the whole environment of a run: nothing of the caller's reaches the PDF.

    HOME is the job folder, so that neither a personal TeX tree nor a font made on the fly makes
    the result differ between two machines.
    """
    return {
        "PATH": f"{program.parent}:/usr/bin:/bin",
        "HOME": str(folder),
        "LC_ALL": "C.UTF-8",
        "TZ": "UTC",
        "SOURCE_DATE_EPOCH": str(SOURCE_DATE),
        "FORCE_SOURCE_DATE": "1",
        "openin_any": "p",
        "openout_any": "p",
        "shell_escape": "f",
        "MKTEXPK": "0",
        "MKTEXTFM": "0",
        "MKTEXMF": "0",
        "max_print_line": "10000",
        "error_line": "254",
        "half_error_line": "238",
    }


def run_confined(
    program: Path,
    arguments: tuple[str, ...],
    folder: Path,
    limits: Limits,
    *,
    start_from: Path | None = None,
) -> Finished:
    """Run `program` inside `folder` under `limits`, in bubblewrap where that works.

    `start_from` is a format for TeX, which may be read though it lies elsewhere. What the program
    prints goes to a file in the folder, which the limit on file size bounds too; at most
    `OUTPUT_CAP` bytes of it are handed back. At a limit of time the program is interrupted first,
    so that TeX can say where it was. On return no process of the run is left.
    """
    settings = environment(program, folder)
    if start_from is not None:
        # By its name, not its path: TeX puts the recorder's file where the path of the format is.
        settings["TEXFORMATS"] = str(start_from.parent)
        arguments = (f"-fmt={start_from.stem}", *arguments)
    command = (str(program), *arguments)
    if bubblewrap_works(program):
        command = (*_bubblewrap(program, folder, start_from), *command)
    transcript = folder / "terminal.txt"
    with transcript.open("wb") as terminal:
        process = subprocess.Popen(
            (*_limited(limits), *command),
            cwd=folder,
            env=settings,
            stdin=subprocess.DEVNULL,
            stdout=terminal,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        try:
            late = _wait(process, limits)
        finally:
            _kill_group(process)
    with transcript.open("rb") as terminal:
        said = terminal.read(OUTPUT_CAP).decode("utf-8", "replace")
    status = process.returncode
    return Finished(status, late or _limit_hit(status, said, limits), said)


def _wait(process: subprocess.Popen[bytes], limits: Limits) -> str:
    """Wait for the end of a run; name the limit of time at which it had to be interrupted."""
    deadline = time.monotonic() + limits.wall_seconds
    while True:
        left = deadline - time.monotonic()
        if _ended(process, min(max(left, 0), _GLANCE_SECONDS)):
            return ""
        innermost = _innermost(process.pid)
        late = f"{limits.wall_seconds:g} s of wall time" if left <= _GLANCE_SECONDS else ""
        if _cpu_seconds(innermost) >= limits.cpu_seconds:
            late = f"{limits.cpu_seconds} s of CPU time"
        if late:
            with suppress(ProcessLookupError):
                os.kill(innermost, signal.SIGINT)
            _ended(process, _GRACE_SECONDS)
            return late


def _ended(process: subprocess.Popen[bytes], seconds: float) -> bool:
    """Wait up to some seconds for the end of a process; unlike `Popen.wait`, notice it at once."""
    if not hasattr(os, "pidfd_open"):
        with suppress(subprocess.TimeoutExpired):
            process.wait(seconds)
        return process.returncode is not None
    descriptor = os.pidfd_open(process.pid)
    try:
        return bool(select.select([descriptor], [], [], seconds)[0])
    finally:
        os.close(descriptor)


def _innermost(pid: int) -> int:
    """Return the last in the line of only children: TeX below bubblewrap, or `pid` itself."""
    while True:
        try:
            children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
        except OSError:
            return pid
        if len(children) != 1:
            return pid
        pid = int(children[0])


def _cpu_seconds(pid: int) -> float:
    """Return the time that a process has computed for; 0 where that cannot be told."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0.0
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _kill_group(process: subprocess.Popen[bytes]) -> None:
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def disk_is_full(finished: Finished, folder: Path) -> bool:
    """Return whether a run in a folder failed for want of room, which TeX does not always say."""
    if any(words in finished.said for words in ("No space left on device", "fwrite() failed")):
        return True
    return finished.status != 0 and shutil.disk_usage(folder).free < _SOME_ROOM


def _limited(limits: Limits) -> tuple[str, ...]:
    """Return a shell prefix that sets the limits and becomes the command.

    `preexec_fn` would do the same but may deadlock in a program with threads. A limit that is in
    force already is never raised, as only root could.
    """
    wanted = (
        ("t", resource.RLIMIT_CPU, limits.cpu_seconds + _SPARE_CPU_SECONDS, 1),
        ("v", resource.RLIMIT_AS, limits.memory_bytes, 1024),
        ("f", resource.RLIMIT_FSIZE, limits.file_bytes, 512),
    )
    settings = []
    for letter, kind, amount, unit in wanted:
        present = resource.getrlimit(kind)[0]
        allowed = amount if present == resource.RLIM_INFINITY else min(amount, present)
        settings.append(f"ulimit -{letter} {-(-allowed // unit)}")
    return ("/bin/sh", "-c", " && ".join([*settings, 'exec "$@"']), "sh")


def _limit_hit(status: int, said: str, limits: Limits) -> str:
    """Name the limit that ended a run, or return the empty string; bubblewrap adds 128."""
    number = -status if status < 0 else status - 128
    if number in (signal.SIGXCPU, signal.SIGKILL):
        return f"{limits.cpu_seconds} s of CPU time"
    if number == signal.SIGXFSZ or "File too large" in said:
        return _file_limit(limits)
    if "memory exhausted" in said:
        return f"{limits.memory_bytes} bytes of memory"
    return ""


def _file_limit(limits: Limits) -> str:
    """Name our limit on file size, or blame the caller's where that is the lower one."""
    present = resource.getrlimit(resource.RLIMIT_FSIZE)[0]
    if present != resource.RLIM_INFINITY and present < limits.file_bytes:
        raise EnvironmentFault(
            f"TeX ran into a limit of {present} bytes a file that was set before this program",
            code="output",
            advice="raise the limit (`ulimit -f`)",
        )
    return f"{limits.file_bytes} bytes for one file"


@cache
def tex_trees(program: Path) -> tuple[Path, ...]:
    """Return the folders that hold TeX's own files: macros, fonts, configuration, formats."""
    variables = ":".join(f"${name}" for name in _TREES)
    answered = _ask(program, f"-expand-var={variables}").strip().split(":")
    named = [*_SYSTEM_TREES, *_CONFIGURATION, *answered]
    folders = (Path(name).resolve() for name in named if name[:1] == "/")
    return tuple(dict.fromkeys(folder for folder in folders if folder.is_dir()))


def tex_settings(program: Path) -> tuple[Path, ...]:
    """Return the files that configure TeX; the first that says something is right."""
    return tuple(Path(name) for name in _ask(program, "-a", "texmf.cnf").splitlines())


def _ask(program: Path, *question: str) -> str:
    """Return what the kpsewhich beside a program answers; nothing where there is none."""
    kpsewhich = program.parent / "kpsewhich"
    if not kpsewhich.is_file():
        return ""
    asked = subprocess.run([kpsewhich, *question], capture_output=True, text=True, check=False)
    return asked.stdout


def _bubblewrap(program: Path, folder: Path, shown: Path | None = None) -> tuple[str, ...]:
    """Return the prefix that shows a command the system read-only and `folder` to write in."""
    system = [Path(name) for name in _PROGRAMS]
    system += [program.parent, program.resolve().parent, *tex_trees(program)]
    system += [shown] if shown else []
    binds = [part for path in dict.fromkeys(system) for part in ("--ro-bind-try", path, path)]
    isolation = ("--unshare-all", "--die-with-parent", "--dev", "/dev", "--tmpfs", "/tmp")
    inside = ("--bind", folder, folder, "--chdir", folder)
    return ("bwrap", *isolation, *map(str, binds), *map(str, inside))


@cache
def bubblewrap_works(program: Path) -> bool:
    """Try once a process whether `program` is to be had in bubblewrap.

    Containers often have bubblewrap but forbid name spaces.
    """
    if shutil.which("bwrap") is None:
        return False
    with tempfile.TemporaryDirectory() as folder:
        trial = subprocess.run(
            [*_bubblewrap(program, Path(folder)), "/bin/sh", "-c", 'test -x "$0"', str(program)],
            capture_output=True,
            check=False,
            stdin=subprocess.DEVNULL,
        )
    return trial.returncode == 0


def forbidden(latex: str) -> Iterator[tuple[int, str]]:
    """Yield the line (from 1) and the name of each primitive that may not stand in a document."""
    for number, line in enumerate(latex.split("\n"), start=1):
        for match in _FORBIDDEN.finditer(line):
            yield number, match[0]


def foreign_inputs(
    recorded: str, log: str, folder: Path, program: Path, *, started_from: Path | None = None
) -> tuple[str, ...]:
    """Return the files read that lie neither in the job folder nor in a TeX tree.

    `recorded` is the text of the recorder's file. The log's ``<<file>>`` names what was copied into
    the PDF, should another pdfTeX not record ``\\pdfobj stream file``.
    """
    read = [line.removeprefix("INPUT ") for line in recorded.splitlines() if line[:6] == "INPUT "]
    read += re.findall(r"<<([^<>\n]+)>>", log)
    homes = (folder.resolve(), *tex_trees(program), *((started_from,) if started_from else ()))
    return tuple(
        name
        for name in dict.fromkeys(read)
        if not any((folder / name).resolve().is_relative_to(home) for home in homes)
    )


def unsafe_content(pdf: bytes) -> tuple[str, ...]:
    """Return what a PDF must not hold: actions beyond links, attached files, bitmap fonts.

    Dictionaries are read where pdfTeX writes them, in the body and in compressed object streams;
    page contents are not looked at.
    """
    found: set[str] = set()
    for part in _dictionaries(pdf):
        plain = re.sub(rb"#([0-9A-Fa-f]{2})", lambda code: bytes([int(code[1], 16)]), part)
        found |= {(match[1] or match[2]).decode() for match in _ACTIVE_NAME.finditer(plain)}
        found |= {"Type 3 font"} if _BITMAP_FONT.search(plain) else set()
    return tuple(sorted(found))


def _dictionaries(pdf: bytes) -> Iterator[bytes]:
    for match in _STREAM.finditer(pdf):
        if b"/ObjStm" in match["head"]:
            yield zlib.decompressobj().decompress(match["body"], 64 << 20)
    yield _STREAM.sub(lambda match: b"<<" + match["head"] + b">>", pdf)
