"""The files of a new problem: a complete example, which an author changes piece by piece.

In the texts, @SET@ and @PROBLEM@ stand for the names.
"""

import re
import tomllib
from pathlib import Path

from solutionset.building.settoml import SLUG, SLUG_RULE, read_text
from solutionset.errors import AuthorError, Place, UsageError

SET_TOML = """\
title = "Homework 1"
course = "Course"
author = "Author"
date = "2025"
language = "en"
licence = "CC BY 4.0"
source = "The sheet that this set answers"
problems = ["@PROBLEM@"]
"""

MODULE = '''\
"""A linear layer: the gradients in its input, its weights and its bias."""

from solutionset.authoring import (
    Computation,
    Instance,
    Pitfall,
    Problem,
    Solution,
    define,
    dim,
    grad,
    gradient,
    matrix,
    vector,
)

n, m = dim("n", "j"), dim("m", "i")  # sizes of input and output, with their index letters

x = vector("x", n, meaning="the input")
W = matrix("W", m, n, meaning="the weights")
b = vector("b", m, meaning="the bias")
y = define("y", W @ x + b, meaning="the output")


def forward(W, x, b):
    """The same once more in NumPy: every formula is compared with what this computes."""
    return W @ x + b


layer = Computation("layer", definitions=(y,), forward=forward)


def solve():
    """Derive and claim what the question asks for."""
    return Solution(
        claims=(
            gradient("grad_x", layer, of=y, wrt=x, title="Gradient in the input"),
            gradient("grad_W", layer, of=y, wrt=W, title="Gradient in the weights"),
            gradient("grad_b", layer, of=y, wrt=b, title="Gradient in the bias"),
        ),
        instances=(
            Instance(
                "small", layer,
                values={x: [1, -1, 2], W: [[1, 2, 0], [0, 1, 3]], b: [0, 1]},
                upstream=[2, 1],
                claims=("grad_x", "grad_W"),
            ),
        ),
        pitfalls=(
            Pitfall("transpose", "Forgetting the transpose.", "grad_x", lambda: W @ grad(y)),
        ),
    )


problem = Problem(title="A linear layer", question="1", source="Sheet 1, question 1", solve=solve)
'''

TEMPLATE = r"""%% extends "problem.tex"
%% from "macros.tex" import definition, derivation, instance
%% from "macros.tex" import part, pitfall_list, result, symbols_table
%% block question
A linear layer computes
\VAR{definition(definitions.y)}
Find the gradients of a loss in its input, its weights and its bias.
%% endblock
%% block solution
The idea: the input and the weights reach the loss through the output alone, so each gradient is the
gradient in the output, carried back by what multiplies it.
\VAR{symbols_table(symbols)}
\VAR{derivation(claims.grad_x)}
\VAR{result(claims.grad_x)}
\VAR{derivation(claims.grad_W)}
\VAR{result(claims.grad_W)}
\VAR{derivation(claims.grad_b)}
\VAR{result(claims.grad_b)}
\VAR{part("Worked instance")}
\VAR{instance(instances.small)}
\VAR{part("Pitfalls")}
\VAR{pitfall_list(pitfalls)}
%% endblock
"""

TEST = '''\
"""What is known about @SET@/@PROBLEM@ beside what its claims check."""

import runpy
from pathlib import Path

import numpy as np

MODULE = Path(__file__).parents[3] / "problems" / "@SET@" / "@PROBLEM@.py"


def test_a_small_layer_gives_what_one_computes_by_hand():
    forward = runpy.run_path(str(MODULE))["forward"]
    y = forward(W=np.array([[1, 2, 0], [0, 1, 3]]), x=np.array([1, -1, 2]), b=np.array([0, 1]))
    assert y.tolist() == [-1, 6]
'''

_PROBLEMS = re.compile(r"(?m)^(\s*problems\s*=\s*\[)([^\]]*)")


def scaffold(target: str, root: Path) -> tuple[Path, ...]:
    """Write the files of the problem `target` = "set/problem", and list it in its set.

    Returns the files that were written or changed. Raises UsageError if the target is not a name
    for a problem, or if there is such a problem already.
    """
    set_slug, slug = _parts(target)
    toml = root / "problems" / set_slug / "set.toml"
    texts = {
        root / "problems" / set_slug / f"{slug}.py": MODULE,
        root / "templates" / set_slug / f"{slug}.tex": TEMPLATE,
        root / "tests" / "problems" / set_slug / f"test_{slug}.py": TEST,
    }
    for path in texts:
        if path.exists():
            raise UsageError(f"{path} exists already", code="exists", advice="choose another name")
    contents = {path: _filled(text, set_slug, slug) for path, text in texts.items()}
    contents[toml] = (
        _with_problem(toml, slug) if toml.exists() else _filled(SET_TOML, set_slug, slug)
    )
    for path, content in contents.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content, encoding="utf-8")
    return tuple(contents)


def _parts(target: str) -> tuple[str, str]:
    names = target.split("/")
    if len(names) != 2 or not all(SLUG.match(name) for name in names):
        raise UsageError(
            f"{target} is no name for a problem",
            code="target",
            wanted=f"SET/PROBLEM, each of {SLUG_RULE}",
        )
    return names[0], names[1]


def _filled(text: str, set_slug: str, slug: str) -> str:
    return text.replace("@SET@", set_slug).replace("@PROBLEM@", slug)


def _with_problem(toml: Path, slug: str) -> str:
    """Return the text of a `set.toml` with one more problem at the end of its list."""
    text = read_text(toml)
    try:
        listed = tomllib.loads(text).get("problems", [])
        if slug in listed:
            return text
        head, opening, inside, tail = _PROBLEMS.split(text, maxsplit=1)
        grown = f"{head}{opening}{_with_item(inside, slug)}{tail}"
        if tomllib.loads(grown)["problems"] == [*listed, slug]:
            return grown
    except ValueError:  # broken TOML, or a list written in a way that the pattern does not know
        pass
    raise AuthorError(
        f"cannot add {slug} to the list of problems",
        code="set-toml",
        place=Place(toml),
        wanted='problems = ["first", "second"]',
    )


def _with_item(inside: str, slug: str) -> str:
    """Return the inside of a list with one more item, on a line of its own if the others are."""
    items = inside.rstrip()
    if not items:
        return f'"{slug}"'
    space = inside[: len(inside) - len(inside.lstrip())]
    return f'{items.rstrip(",")},{space or " "}"{slug}"{inside[len(items) :]}'
