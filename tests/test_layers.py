"""Imports point down only: building > authoring > verification > notation > calculus > floor."""

import ast
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
ENGINE = ROOT / "solutionset"

LAYERS = {
    "errors": 0,
    "model": 0,
    "__init__": 0,
    "calculus": 1,
    "notation": 2,
    "verification": 3,
    "authoring": 4,
    "building": 5,
    "commands": 5,
    "cli": 5,
}
# The files that alone may import a package.
ONLY = {
    "matplotlib": {"building/draw.py"},
    "subprocess": {"building/typeset.py", "building/sandbox.py"},
    "jinja2": {
        f"building/{name}.py"
        for name in ("answers", "escape", "lint", "linemap", "render", "templating")
    },
}
# A build with nothing to do ends within these, whatever they import in their turn.
LIGHT = (
    "cli",
    "building.find",
    "building.freshness",
    "building.pipeline",
    "building.stages",
    "commands.build",
    "commands.run",
)
HEAVY = {"sympy", "numpy", "matplotlib", "jinja2"}
# What a problem module may import; helpers of its set, `_name.py` beside it, come to these.
FOR_AUTHORS = {"solutionset.authoring", "numpy", "sympy"}


def imports(tree: ast.AST) -> set[str]:
    """Full names of all that a file imports anywhere: modules, and what is taken from them."""
    return _names(ast.walk(tree))


def imports_on_loading(tree: ast.AST) -> set[str]:
    """The same, without what a function imports when called and what only a type checker reads."""
    return _names(_run_on_loading(tree))


def _names(nodes: Iterator[ast.AST]) -> set[str]:
    found: set[str] = set()
    for node in nodes:
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            module = "." * node.level + (node.module or "")
            found |= {module} | {f"{module}.{alias.name}" for alias in node.names}
    return found


def _run_on_loading(tree: ast.AST) -> Iterator[ast.AST]:
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test):
            continue
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
            continue
        yield node
        yield from _run_on_loading(node)


def read(path: str) -> str:
    """The source of an engine file, named by its path below `solutionset/`."""
    return (ENGINE / path).read_text(encoding="utf-8")


def packages(names: set[str]) -> set[str]:
    """The top-level packages among names of modules; a relative import is its dots."""
    return {name.split(".")[0] or "." for name in names}


def upward_imports(path: str, source: str) -> set[str]:
    """What an engine file imports from a layer above its own; relative imports count as such."""
    own = LAYERS[Path(path).parts[0].removesuffix(".py")]
    found = set()
    for name in imports(ast.parse(source)):
        top, *rest = name.split(".")
        if top == "" or (top == "solutionset" and rest and LAYERS.get(rest[0], 0) > own):
            found.add(name)
    return found


def intruders(package: str, read_file: Callable[[str], str]) -> set[str]:
    """Engine files that import a package which is kept to other files."""
    users = {
        path for path in engine_files() if package in packages(imports(ast.parse(read_file(path))))
    }
    return users - ONLY[package]


def loaded_with(module: str, read_file: Callable[[str], str]) -> set[str]:
    """Top-level packages that come into memory when an engine module is imported."""
    waiting, seen, found = [module], set(), set()
    files = set(engine_files())
    while waiting:
        name = waiting.pop()
        path = f"{name.replace('.', '/')}.py"
        path = path if path in files else f"{name.replace('.', '/')}/__init__.py"
        if path in seen or path not in files:
            continue
        seen.add(path)
        names = imports_on_loading(ast.parse(read_file(path)))
        found |= packages(names)
        below = {n.removeprefix("solutionset.") for n in names if n.startswith("solutionset.")}
        waiting += sorted(below | {n.rpartition(".")[0] for n in below if "." in n})
    return found


def foreign_imports(folder: Path, source: str) -> set[str]:
    """What a problem module imports that an author has no need of."""
    helpers = {path.stem for path in folder.glob("_*.py")}
    allowed = FOR_AUTHORS | helpers | set(sys.stdlib_module_names)
    return {
        name
        for name in imports(ast.parse(source))
        if not any(name == known or name.startswith(f"{known}.") for known in allowed)
        and name != "solutionset"
    }


def engine_files() -> list[str]:
    return sorted(p.relative_to(ENGINE).as_posix() for p in ENGINE.rglob("*.py"))


def problem_files() -> list[Path]:
    return sorted((ROOT / "problems").glob("*/*.py"))


def untested(root: Path) -> list[str]:
    """Problems, as `set/problem`, without a test file of their own."""
    return [
        f"{path.parent.name}/{path.stem}"
        for path in sorted((root / "problems").glob("*/[!_]*.py"))
        if not (root / "tests/problems" / path.parent.name / f"test_{path.stem}.py").is_file()
    ]


@pytest.mark.parametrize("path", engine_files())
def test_an_engine_file_imports_only_from_its_own_layer_and_below(path):
    assert upward_imports(path, read(path)) == set()


@pytest.mark.parametrize(
    "line",
    [
        "import solutionset.building.find",
        "from solutionset.building import find",
        "from solutionset import building",
        "def later():\n    from solutionset.verification import oracles",
        "from . import tensors",
        "from ..building import find",
    ],
)
def test_an_upward_or_relative_import_is_refused(line):
    assert upward_imports("calculus/matrix.py", line) != set()


def test_an_import_from_a_layer_below_is_allowed():
    assert upward_imports("notation/reader.py", "from solutionset.calculus import matrix") == set()


@pytest.mark.parametrize("package", ONLY)
def test_a_package_with_side_effects_is_imported_in_its_own_place_only(package):
    assert intruders(package, read) == set()


@pytest.mark.parametrize("package", ONLY)
def test_a_package_imported_out_of_its_place_is_refused(package):
    def planted(path: str) -> str:
        extra = f"\ndef later():\n    import {package}.part\n" if path == "building/find.py" else ""
        return read(path) + extra

    assert intruders(package, planted) == {"building/find.py"}


@pytest.mark.parametrize("module", LIGHT)
def test_nothing_heavy_is_loaded_on_the_way_to_a_build_with_nothing_to_do(module):
    assert loaded_with(module, read) & HEAVY == set()


@pytest.mark.parametrize("package", sorted(HEAVY))
def test_a_heavy_package_loaded_by_a_module_further_down_is_refused(package):
    def planted(path: str) -> str:
        return f"import {package}" if path == "building/targets.py" else read(path)

    assert loaded_with("commands.build", planted) & HEAVY == {package}


def test_the_oracles_import_neither_sympy_nor_the_engine():
    assert (
        packages(imports(ast.parse(read("verification/oracles.py"))))
        & {
            "sympy",
            "solutionset",
            ".",
        }
        == set()
    )


@pytest.mark.parametrize("path", problem_files(), ids=lambda p: f"{p.parent.name}/{p.stem}")
def test_a_problem_module_knows_the_engine_by_its_one_door(path):
    assert foreign_imports(path.parent, path.read_text(encoding="utf-8")) == set()


@pytest.mark.parametrize(
    "line",
    ["from solutionset.calculus.matrix import T", "from solutionset import model", "import torch"],
)
def test_a_problem_module_that_comes_by_another_way_is_refused(line):
    assert foreign_imports(ROOT / "problems", line) != set()


def test_every_problem_has_a_test_of_its_own():
    assert untested(ROOT) == []


def test_a_problem_without_a_test_is_named(tmp_path):
    for file in ("problems/hw1/linear.py", "problems/hw1/_helper.py", "problems/hw1/conv.py"):
        (tmp_path / file).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / file).touch()
    (tmp_path / "tests/problems/hw1").mkdir(parents=True)
    (tmp_path / "tests/problems/hw1/test_conv.py").touch()
    assert untested(tmp_path) == ["hw1/linear"]
