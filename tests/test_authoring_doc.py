"""What docs/authoring.md tells an author is true: its example builds, its recipes are checked."""

import re
from pathlib import Path
from typing import get_args

import numpy as np
import pytest
import sympy as sp
from author import checked_solution
from pages import Section, files_in, sections

from solutionset import authoring
from solutionset.authoring import Solution
from solutionset.calculus.tensors import CalculusError
from solutionset.cli import main
from solutionset.model import CHOICES, CheckedSolution, NotationChoice, SetConfig
from solutionset.verification.claims import Claim

REPOSITORY = Path(__file__).parent.parent
TEXT = (REPOSITORY / "docs" / "authoring.md").read_text(encoding="utf-8")
RECIPES = tuple(s for s in sections(TEXT) if s.parent == "Recipes: one a kind of claim")

OTHERWISE = tuple(s for s in sections(TEXT) if s.parent == "Written another way")


def solved(recipe: Section) -> Solution:
    """The claims that a recipe makes, in the order in which it names them."""
    names = {name: getattr(authoring, name) for name in authoring.__all__}
    scope: dict[str, object] = {"np": np, "sp": sp, **names}
    exec(compile(recipe.code("python"), f"docs/authoring.md, {recipe.title}", "exec"), scope)
    return Solution(claims=tuple(v for v in scope.values() if isinstance(v, get_args(Claim))))


def check_recipe(recipe: Section) -> CheckedSolution:
    return checked_solution(solved(recipe))


@pytest.mark.parametrize("recipe", RECIPES + OTHERWISE, ids=lambda recipe: recipe.title)
def test_a_recipe_is_verified_and_prints_what_stands_below_it(recipe: Section) -> None:
    claim = check_recipe(recipe).claims[-1]
    assert claim.verdict.standing == "verified"
    expected = recipe.code("latex").strip()
    assert not expected or claim.result == expected


def test_there_is_a_recipe_for_every_kind_of_claim() -> None:
    shown = {type(claim) for recipe in RECIPES for claim in solved(recipe).claims}
    assert shown == set(get_args(Claim))


def test_a_recipe_of_something_false_would_be_refused() -> None:
    (jacobian,) = (recipe for recipe in RECIPES if recipe.title == "jacobian")
    code = jacobian.code("python").replace('"y": sigma(W @ x)', '"y": sigma(2 * W @ x)')
    false = Section(jacobian.parent, jacobian.title, f"```python\n{code}```\n")
    with pytest.raises(Exception, match="the definition of y and forward disagree"):
        check_recipe(false)


def test_the_complete_example_builds(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    files = files_in(TEXT)
    assert list(files) == [
        "problems/hw1/set.toml",
        "problems/hw1/dense.py",
        "templates/hw1/dense.tex",
    ]
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text, encoding="utf-8")
    code = main(["build", "--strict", "--plain"], str(tmp_path))
    out, err = capsys.readouterr()
    assert (code, out) == (0, f"{tmp_path}/output/hw1.pdf\n"), err


def test_every_name_of_the_authoring_module_is_explained() -> None:
    unexplained = [name for name in authoring.__all__ if not re.search(rf"\b{name}\b", TEXT)]
    assert unexplained == []


def test_every_key_of_set_toml_is_named() -> None:
    keys = [*SetConfig.__dataclass_fields__, *NotationChoice.__dataclass_fields__]
    assert [key for key in keys if not re.search(rf"`\[?{key}\b", TEXT)] == []


@pytest.mark.parametrize("key", [key for key, values in CHOICES.items() if values])
def test_the_values_of_a_notation_are_those_that_exist(key: str) -> None:
    (row,) = re.findall(rf"^\| `{key}` \| (.*) \|$", TEXT, re.MULTILINE)
    assert tuple(re.findall(r'"(\w+)"', row)) == CHOICES[key]


def test_the_codes_of_the_errors_are_those_of_the_engine() -> None:
    table = re.findall(r"^\| `([\w-]+)` \| [^|]+ \| [^|]+ \|$", TEXT.split("## Errors")[1], re.M)
    source = "".join(
        p.read_text(encoding="utf-8") for p in (REPOSITORY / "solutionset").rglob("*.py")
    )
    assert table
    assert [code for code in table if f'code="{code}"' not in source] == []
    assert CalculusError("x").code == "calculus"


def test_the_macros_are_those_of_the_frame() -> None:
    frame = (REPOSITORY / "templates" / "macros.tex").read_text(encoding="utf-8")
    table = TEXT.split("| macro | prints |")[1].split("\n\n")[0]
    named = set(re.findall(r"(\w+)\([a-z\"]", table))
    assert named
    assert named <= set(re.findall(r"%% macro (\w+)\(", frame))
