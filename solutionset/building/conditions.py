"""What results depend on beside the files of a course: the engine, packages, TeX, seeds.

All of it is found without importing a package or running a program.
"""

import os
import sys

from solutionset.building.contents import Digests, counts, digest_bytes
from solutionset.building.stamp import package_folders, tex_stamp

SEEDS = (0, 1, 2)
DATA = "data"
PACKAGES = ("jinja2", "matplotlib", "mpmath", "numpy", "sympy")
# Whoever of these is installed gives a second opinion, which the ledger names.
OPTIONAL = ("autograd", "jax", "torch")
_CHECKING = ("mpmath", "numpy", "sympy", *OPTIONAL)
_DRAWING = ("contourpy", "cycler", "fonttools", "matplotlib", "mpmath", "numpy", "pillow", "sympy")
_RENDERING = ("jinja2", "markupsafe")
_KNOWN = frozenset(PACKAGES + OPTIONAL + _DRAWING + _RENDERING)

_ENGINE = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
# What cannot change a check: all of these but the way into the gate and out of it.
_AFTER_CHECKS = ("building", "commands", "cli.py")
_GATE = frozenset(f"building/{name}.py" for name in ("load", "solving", "stages", "store"))
_TYPESETTING = frozenset(
    f"building/{name}.py"
    for name in ("formats", "pdfwords", "release", "sandbox", "texerrors", "texlog", "typeset")
)


class Conditions:
    """The conditions of each stage, as this build found them.

    Each is a table from words such as "engine" or "sympy" to what holds now. `data` is the user's
    folder of data, which matters to the problems that take it.
    """

    def __init__(self, digests: Digests, data: str = "") -> None:
        self._data = data
        engine = _engine_files(digests)
        core = {name for name in engine if name.split("/")[0] not in _AFTER_CHECKS}
        self._checking = _key(engine, core | _GATE)
        self._drawing = _key(engine, core | _GATE | {"building/draw.py"})
        self._typesetting = _key(engine, _TYPESETTING)
        self._everything = _key(engine, set(engine))
        for folder in package_folders():
            digests.of(folder)  # looked at, so that a new package in it is noticed
        self._installed = installed_packages()
        self._tex = tex_stamp()

    def of_checking(self, notation: str) -> dict[str, str]:
        """What a checked solution depends on; `notation` is how its set writes formulas."""
        seeds = " ".join(map(str, SEEDS))
        rest = {"engine": self._checking, "seeds": seeds, "notation": notation, DATA: self._data}
        return self._packages(_CHECKING) | rest

    def of_drawing(self) -> dict[str, str]:
        """What the figures of a problem depend on."""
        return self._packages(_DRAWING) | {"engine": self._drawing, DATA: self._data}

    def of_rendering(self, notation: str) -> dict[str, str]:
        """What a document and its ledger, which names all versions, depend on."""
        rest = {"engine": self._everything, "TeX": self._tex, "notation": notation}
        return self._packages(PACKAGES + OPTIONAL + _RENDERING) | rest

    def of_typesetting(self, document: str) -> dict[str, str]:
        """What a PDF depends on; `document` is the key of its LaTeX and its figures."""
        return {"engine": self._typesetting, "TeX": self._tex, "document": document}

    def _packages(self, names: tuple[str, ...]) -> dict[str, str]:
        wanted = ("python", *names)
        return {name: self._installed[name] for name in wanted if name in self._installed}


def _key(engine: dict[str, str], names: set[str] | frozenset[str]) -> str:
    return digest_bytes("\n".join(f"{n} {engine.get(n)}" for n in sorted(names)).encode())


def _engine_files(digests: Digests) -> dict[str, str]:
    """Return the content keys of the engine's sources, by their paths in it, sorted."""
    found = {}
    for folder, folders, files in os.walk(_ENGINE):
        folders[:] = [name for name in folders if counts(name)]
        digests.of(folder)  # looked at, so that a new file in it is noticed
        for file in filter(counts, files):
            path = os.path.join(folder, file)
            found[os.path.relpath(path, _ENGINE).replace(os.sep, "/")] = digests.of(path)
    return found


def installed_packages() -> dict[str, str]:
    """Return the versions of the packages that shape the output, without importing any.

    The names of their metadata folders tell; `importlib.metadata` costs more than all the rest.
    """
    found = {"python": sys.version}
    for folder in package_folders():
        for name in os.listdir(folder) if os.path.isdir(folder) else []:
            if name.endswith((".dist-info", ".egg-info")):
                package, _, version = name.rpartition(".")[0].partition("-")
                if package.lower() in _KNOWN:
                    found.setdefault(package.lower(), version)
    return found
