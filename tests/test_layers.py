"""Imports point down only: cli, building > authoring > verification > notation > calculus > floor."""

import ast
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
# Who alone may import what: a package, and the files that may.
ONLY = {
    "matplotlib": {"building/draw.py"},
    "subprocess": {"building/typeset.py", "building/sandbox.py"},
    "jinja2": {
        f"building/{name}.py" for name in ("escape", "lint", "linemap", "render", "templating")
    },
}
# On the path of a build with nothing to do: nothing heavy may be imported on loading these.
LIGHT = (
    "cli.py",
    "commands/*.py",
    "building/find.py",
    "building/freshness.py",
    "building/pipeline.py",
    "building/stages.py",
    "model.py",
    "errors.py",
)
HEAVY = {"sympy", "numpy", "matplotlib", "jinja2"}


def imported(tree: ast.AST, *, everywhere: bool) -> set[str]:
    """Names of imported modules, at load time only or anywhere in the file."""
    nodes = ast.walk(tree) if everywhere else _at_load(tree)
    found: set[str] = set()
    for node in nodes:
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found.add(node.module)
    return found


def _at_load(tree: ast.AST):
    """Statements that run when the file is imported; not those under TYPE_CHECKING."""
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test):
            continue
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            continue
        yield node
        yield from _at_load(node)


def layer_of(module: str) -> int | None:
    """The rank of an engine module; None for anything else."""
    parts = module.split(".")
    if parts[0] != "solutionset":
        return None
    return LAYERS[parts[1]] if len(parts) > 1 else 0


def upward_imports(path: str, source: str) -> list[str]:
    """The engine modules that a file imports from a layer above its own."""
    rank = LAYERS[Path(path).parts[0].removesuffix(".py")]
    names = imported(ast.parse(source), everywhere=True)
    return sorted(name for name in names if (layer_of(name) or 0) > rank)


def engine_files() -> list[str]:
    return sorted(p.relative_to(ENGINE).as_posix() for p in ENGINE.rglob("*.py"))


def problem_files() -> list[Path]:
    return sorted(p for p in (ROOT / "problems").glob("*/*.py"))


@pytest.mark.parametrize("path", engine_files())
def test_an_engine_file_imports_only_from_its_own_layer_and_below(path):
    assert upward_imports(path, (ENGINE / path).read_text(encoding="utf-8")) == []


def test_an_upward_import_is_seen():
    source = "from solutionset.building.find import find"
    assert upward_imports("calculus/matrix.py", source) == ["solutionset.building.find"]


@pytest.mark.parametrize("package", ONLY)
def test_a_package_with_side_effects_is_imported_in_its_one_place_only(package):
    users = {
        path
        for path in engine_files()
        for name in imported(ast.parse((ENGINE / path).read_text("utf-8")), everywhere=True)
        if name.split(".")[0] == package
    }
    assert users <= ONLY[package]
    assert users


@pytest.mark.parametrize("pattern", LIGHT)
def test_nothing_heavy_is_loaded_on_the_way_to_a_build_with_nothing_to_do(pattern):
    files = sorted(ENGINE.glob(pattern))
    assert files
    for file in files:
        names = imported(ast.parse(file.read_text(encoding="utf-8")), everywhere=False)
        assert {name.split(".")[0] for name in names} & HEAVY == set(), file.name


def test_the_oracles_know_no_sympy():
    source = (ENGINE / "verification" / "oracles.py").read_text(encoding="utf-8")
    names = {n.split(".")[0] for n in imported(ast.parse(source), everywhere=True)}
    assert names & {"sympy", "solutionset"} == set()


@pytest.mark.parametrize("path", problem_files(), ids=lambda p: f"{p.parent.name}/{p.stem}")
def test_a_problem_module_knows_the_engine_by_its_one_door(path):
    names = imported(ast.parse(path.read_text(encoding="utf-8")), everywhere=True)
    assert {n for n in names if n.startswith("solutionset")} <= {"solutionset.authoring"}


@pytest.mark.parametrize("path", problem_files(), ids=lambda p: f"{p.parent.name}/{p.stem}")
def test_every_problem_has_a_test_of_its_own(path):
    if path.stem.startswith("_"):
        return
    assert (ROOT / "tests" / "problems" / path.parent.name / f"test_{path.stem}.py").is_file()
