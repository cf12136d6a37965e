"""Numbers that an optional package measured, kept in a file for builds that do not have it.

The file is keyed by a hash of the code, the weights and the data that the numbers come from. Where
the package is installed it runs, and what it finds is compared with the file.
"""

import json
import platform
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from hashlib import sha256
from importlib import import_module
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from types import ModuleType

import numpy as np

from solutionset.errors import AuthorError, ClaimError, Place
from solutionset.model import Standing, Verdict
from solutionset.verification.oracles import Array

Numbers = Mapping[str, tuple[float, ...]]
TOLERANCE = 1e-9


@dataclass(frozen=True)
class Measured:
    """Numbers by name, with what they were measured; `live` if that was in this process."""

    numbers: Numbers
    versions: str
    live: bool


@dataclass(frozen=True)
class Recording:
    """What `run(package)` measures, and the file that keeps it.

    `run` gets the imported package and returns series of numbers by name. `code` are the files and
    `data()` the arrays that the numbers depend on. Numbers agree if they differ by at most 1e-9
    times the larger of one and their size, or by what `tolerances` says for a name.
    """

    file: Path
    package: str
    run: Callable[[ModuleType], Mapping[str, Iterable[float]]]
    code: tuple[Path, ...]
    data: Callable[[], Iterable[Array]]
    place: Place
    tolerances: Mapping[str, float] = field(default_factory=dict)

    @property
    def installed(self) -> bool:
        """Whether the package is there."""
        return find_spec(self.package) is not None

    @cached_property
    def key(self) -> str:
        """The hash of code, weights and data; the same on every machine if the arrays are."""
        total = sha256()
        for path in self.code:
            total.update(f"{path.name} {sha256(path.read_bytes()).hexdigest()}\n".encode())
        for array in self.data():
            content = np.ascontiguousarray(array)
            head = f"{content.dtype.str} {content.shape}"
            total.update(f"{head} {sha256(content.tobytes()).hexdigest()}\n".encode())
        return total.hexdigest()

    @cached_property
    def measured(self) -> Measured:
        """The numbers: of the package, if it is installed, and else of the file.

        A file that is missing is written where the package is installed. Raises ClaimError if there
        is none, if it belongs to other code or data, or if the package finds other numbers.
        """
        now = self._run() if self.installed else None
        if not self.file.exists():
            if now is None:
                raise self._error("there is no record, and without the package none can be made")
            self._write(now)
        kept = self._read()
        if now is None:
            return kept
        self._compare(kept.numbers, now.numbers)
        return now

    def _run(self) -> Measured:
        found = self.run(import_module(self.package))
        numbers = {name: tuple(map(float, series)) for name, series in found.items()}
        for name, row in numbers.items():
            if not np.all(np.isfinite(row)):
                raise self._error(f"{self.package} finds no finite numbers for {name}")
        made_with = {self.package: version(self.package), "NumPy": np.__version__}
        made_with["Python"] = platform.python_version()
        return Measured(numbers, ", ".join(" ".join(pair) for pair in made_with.items()), True)

    def _write(self, now: Measured) -> None:
        table = {"key": self.key, "versions": now.versions, "numbers": now.numbers}
        table["seal"] = _seal(self.key, now.versions, now.numbers)
        text = json.dumps(table, indent=1, allow_nan=False)
        self.file.write_text(f"{text}\n", encoding="utf-8")

    def _read(self) -> Measured:
        try:
            table = json.loads(self.file.read_text(encoding="utf-8"))
            key, versions, seal = str(table["key"]), str(table["versions"]), str(table["seal"])
            numbers = {name: tuple(map(float, row)) for name, row in table["numbers"].items()}
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise AuthorError(
                f"the record cannot be read: {error!r}", code="record", place=Place(self.file)
            ) from error
        if key != self.key:
            raise self._error("the record belongs to other code, weights or data", key, self.key)
        if seal != _seal(key, versions, numbers):
            raise self._error("the numbers of the record were changed by hand")
        return Measured(numbers, versions, False)

    def _compare(self, kept: Numbers, now: Numbers) -> None:
        if {name: len(row) for name, row in kept.items()} != {n: len(r) for n, r in now.items()}:
            raise self._error("the record holds other series", str([*kept]), str([*now]))
        for name, row in now.items():
            before, after = np.array(kept[name]), np.array(row)
            allowed = self.tolerances.get(name, TOLERANCE)
            size = np.maximum(1.0, np.maximum(np.abs(before), np.abs(after)))
            apart = np.abs(after - before) > allowed * size
            if np.any(apart):
                place = int(np.argmax(apart))
                raise self._error(
                    f"{self.package} does not find the recorded numbers",
                    f"{name}[{place}] = {after[place]:.12g}",
                    f"{before[place]:.12g} within {allowed:.0e}",
                )

    def _error(self, message: str, got: str = "", wanted: str = "") -> ClaimError:
        return ClaimError(
            f"{self.file.name}: {message}",
            code="record",
            place=self.place,
            got=got,
            wanted=wanted,
            advice=f"to record anew, install {self.package}, remove {self.file.name}, and check "
            "the problem once",
        )


def with_source(verdict: Verdict, recording: Recording) -> Verdict:
    """The verdict of an experiment on recorded numbers: where they are from, and how far to go."""
    measured = recording.measured
    if measured.live:
        note = f"{verdict.note}; {recording.package} was run and finds what its record says"
        found = replace(verdict, second_opinions=(recording.package,), note=note)
    else:
        note = f"{verdict.note}; recorded with {measured.versions}"
        found = replace(verdict, standing=Standing.RECORDED, note=note)
    return replace(found, made_with=measured.versions)


def _seal(key: str, versions: str, numbers: Numbers) -> str:
    content = json.dumps([key, versions, {name: [*row] for name, row in numbers.items()}])
    return sha256(content.encode()).hexdigest()
