"""Stories of an author at work: a mistake planted in a good course, and what the build makes of it.

Everything is real here: derivation, checks, figures and TeX.
"""

import json
import os
import re
import shutil
import subprocess
import sys
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import SimpleNamespace

import pytest

from solutionset.building.find import find_set
from solutionset.building.load import load
from solutionset.cli import main
from solutionset.model import NotationChoice
from solutionset.verification.checking import check

REPOSITORY = Path(__file__).resolve().parent.parent

MODULE = '''\
"""A layer with an activation."""

from solutionset.authoring import (
    Computation, Figure, Problem, Solution, chain, define, diag, dim, elementwise, grad, gradient,
    matrix, vector,
)

n, m = dim("n"), dim("m")
x, b = vector("x", n), vector("b", m)
W = matrix("W", m, n)
sigma = elementwise("sigma")
z = define("z", W @ x + b)
y = define("y", sigma(z))


def forward(W, x, b, sigma):
    return {"z": W @ x + b, "y": sigma(W @ x + b)}


layer = Computation("layer", definitions=(z, y), forward=forward)


def solve():
    return Solution(
        claims=(
            gradient("grad_z", layer, of=y, wrt=z, title="Gradient in z"),
            chain(
                "grad_x", layer, grad(x),
                (W.T @ grad(z), "chain rule"),
                (W.T @ diag(sigma.prime(z)) @ grad(y), "slopes of the activation"),
                title="Gradient in x",
            ),
        ),
        figures=(Figure("line", draw, lambda rng: [0, 1], alt="A line.", caption="A line."),),
    )


def draw(axes, data):
    axes.plot(data, data)
    axes.set_xlabel("here")
    axes.set_ylabel("there")


problem = Problem(title="A layer", question="1", source="Sheet 1", solve=solve)
'''

TEMPLATE = r"""%% extends "problem.tex"
%% from "macros.tex" import definition, derivation, figure, result
%% block question
Find the gradients of
\VAR{definition(definitions.y)}
%% endblock
%% block solution
First back through the activation.
\VAR{derivation(claims.grad_z)}
\VAR{result(claims.grad_z)}
\VAR{derivation(claims.grad_x)}
\VAR{figure(figures.line)}
%% endblock
"""

SET = """\
title = "Sheet 1"
course = "Course"
author = "Author"
date = "2026"
language = "en"
licence = "CC BY 4.0"
source = "Sheet 1"
problems = ["layer"]
"""


@pytest.fixture(scope="module")
def good(tmp_path_factory):
    """A course of one problem, built once."""
    root = tmp_path_factory.mktemp("course")
    shutil.copytree(REPOSITORY / "templates", root / "templates", ignore=_sets)
    for path, text in (
        ("problems/hw/layer.py", MODULE),
        ("problems/hw/set.toml", SET),
        ("templates/hw/layer.tex", TEMPLATE),
    ):
        file = root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
    assert main(["--plain"], str(root)) == 0
    return root


def _sets(folder, names):
    return [name for name in names if (Path(folder) / name).is_dir()]


@pytest.fixture
def course(good, tmp_path):
    """A copy of the good course, to be spoilt."""
    root = tmp_path / "course"
    shutil.copytree(good, root)
    return root


def spoil(root, path, old, new):
    """Replace a text that occurs once; return the line on which it stands."""
    file = root / path
    text = file.read_text(encoding="utf-8")
    assert text.count(old) == 1, old
    file.write_text(text.replace(old, new), encoding="utf-8")
    return text[: text.index(old)].count("\n") + 1


def pdf_of(root):
    return (root / "output" / "hw.pdf").read_bytes()


def build(root, capsys, *arguments):
    code = main([*arguments, "--plain"], str(root))
    return code, capsys.readouterr().err


def test_a_good_course_has_a_pdf_a_tex_and_a_ledger_without_gaps(good):
    ledger = json.loads((good / "output" / "hw.json").read_text(encoding="utf-8"))
    assert ledger["schema"] == 1
    coverage = ledger["coverage"]
    assert coverage["formulas_displayed"] == coverage["formulas_checked"] == 7
    assert {row["verdict"] for row in ledger["claims"]} == {"verified"}
    assert pdf_of(good).startswith(b"%PDF")
    assert r"\begin{document}" in (good / "output" / "hw.tex").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        ('(W.T @ grad(z), "chain rule")', '(-W.T @ grad(z), "chain rule")', "chain rule"),
        (
            "W.T @ diag(sigma.prime(z)) @ grad(y)",
            "W.T @ diag(sigma(z)) @ grad(y)",
            "slopes of the activation",
        ),
    ],
    ids=["a wrong sign", "a dropped derivative"],
)
def test_a_false_line_stops_the_build_and_is_named(course, capsys, old, new, reason):
    before = pdf_of(course)
    spoil(course, "problems/hw/layer.py", old, new)
    code, said = build(course, capsys)
    assert code == 1
    claim = MODULE[: MODULE.index("chain(\n")].count("\n") + 1
    assert f"problems/hw/layer.py:{claim}: error[claim]: hw/layer/grad_x" in said
    assert f"({reason}) is not what the oracle computes" in said
    for part in (
        "formula",
        "oracle",
        "seed 0",
        "tolerance",
        "build.py check hw/layer/grad_x --seed",
    ):
        assert part in said
    assert pdf_of(course) == before


def test_a_dropped_transpose_is_a_shape_error_at_its_line(course, capsys):
    before = pdf_of(course)
    line = spoil(
        course,
        "problems/hw/layer.py",
        '(W.T @ grad(z), "chain rule")',
        '(W @ grad(z), "chain rule")',
    )
    code, said = build(course, capsys)
    assert code == 3
    assert f"problems/hw/layer.py:{line}: error" in said
    assert "inner dimensions" in said
    assert pdf_of(course) == before


def test_a_forward_that_disagrees_with_its_definition_is_refused(course, capsys):
    spoil(course, "problems/hw/layer.py", 'return {"z": W @ x + b, "y"', 'return {"z": W @ x, "y"')
    code, said = build(course, capsys)
    assert code == 1
    assert "the definition of z and forward disagree" in said


def test_a_misspelt_name_in_a_template_is_refused_with_the_nearest(course, capsys):
    before = pdf_of(course)
    line = spoil(
        course, "templates/hw/layer.tex", "result(claims.grad_z)", "result(claims.grad_zz)"
    )
    code, said = build(course, capsys)
    assert code == 3
    assert f"templates/hw/layer.tex:{line}: error" in said
    assert "grad_z" in said
    assert pdf_of(course) == before


def test_a_python_error_is_shown_at_the_authors_line(course, capsys):
    line = spoil(
        course, "problems/hw/layer.py", "    axes.plot(data, data)", "    axes.plot(data, data / 0)"
    )
    code, said = build(course, capsys)
    assert code == 3
    assert f"problems/hw/layer.py:{line}: error" in said
    assert "TypeError" in said


def test_a_tex_error_is_shown_at_the_templates_line(course, capsys):
    before = pdf_of(course)
    line = spoil(
        course,
        "templates/hw/layer.tex",
        "First back through the activation.",
        r"First back through the \emhp{activation}.",
    )
    code, said = build(course, capsys)
    assert code == 4
    assert f"{course}/templates/hw/layer.tex:{line}: error[tex]" in said
    assert r"\emph" in said
    assert pdf_of(course) == before


def test_a_claim_that_the_template_leaves_out_is_refused(course, capsys):
    spoil(course, "templates/hw/layer.tex", "\\VAR{derivation(claims.grad_x)}\n", "")
    code, said = build(course, capsys)
    assert code == 3
    assert "claims.grad_x" in said


def test_a_relation_typed_by_hand_is_refused(course, capsys):
    line = spoil(course, "templates/hw/layer.tex", "First back", "Since $a = b$, first back")
    code, said = build(course, capsys)
    assert code == 3
    assert f"templates/hw/layer.tex:{line}: error" in said


def test_a_failed_claim_can_be_replayed_alone(course, capsys):
    spoil(
        course,
        "problems/hw/layer.py",
        '(W.T @ grad(z), "chain rule")',
        '(-W.T @ grad(z), "chain rule")',
    )
    assert build(course, capsys, "check", "hw/layer/grad_z")[0] == 0
    code, said = build(course, capsys, "check", "hw/layer/grad_x", "--seed", "0")
    assert code == 1
    assert "line 1 (chain rule)" in said


def test_a_second_build_does_nothing_and_prints_the_pdf(good, capsys):
    before = pdf_of(good)
    assert main([], str(good)) == 0
    assert capsys.readouterr().out.strip().endswith("hw.pdf")
    assert pdf_of(good) == before


def test_the_published_tex_compiles_alone_with_plain_pdflatex(good, tmp_path):
    import subprocess

    shutil.copytree(good / "output" / "hw-figures", tmp_path / "hw-figures")
    shutil.copy(good / "output" / "hw.tex", tmp_path)
    for _ in range(2):
        done = subprocess.run(
            ["pdflatex", "-interaction=nonstopmode", "-halt-on-error", "hw.tex"],
            cwd=tmp_path,
            capture_output=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout[-2000:]
    assert (tmp_path / "hw.pdf").stat().st_size > 20_000


def test_the_peers_of_the_benchmark_print_what_the_build_prints(good, tmp_path):
    spec = spec_from_file_location("work", REPOSITORY / "benchmarks/equivalents/work.py")
    work = module_from_spec(spec)
    spec.loader.exec_module(work)
    printed = work.fragment(str(good), "hw", "layer", str(tmp_path))
    assert printed.strip() in (good / "output" / "hw.tex").read_text("utf-8")
    assert [path.name for path in (tmp_path / "hw-figures").iterdir()]


def test_an_edit_of_a_text_imports_nothing_that_solves_or_draws(course):
    heavy = {"sympy", "numpy", "matplotlib"}
    spoil(course, "problems/hw/layer.py", "A layer with an activation.", "A layer.")
    assert heavy < imported_by_a_build(course)
    spoil(course, "templates/hw/layer.tex", "First back", "To begin with, back")
    imported = imported_by_a_build(course)
    assert "jinja2" in imported
    assert imported & heavy == set()
    assert "To begin with" in (course / "output/hw.tex").read_text(encoding="utf-8")


def imported_by_a_build(root):
    """Build in a new process; return what it or any of its workers imported."""
    script = "import sys\nfrom solutionset.cli import main\nsys.exit(main(['build'], sys.argv[1]))"
    finished = subprocess.run(
        [sys.executable, "-c", script, str(root)],
        env={**os.environ, "PYTHONPROFILEIMPORTTIME": "1", "PYTHONPATH": str(REPOSITORY)},
        capture_output=True,
        text=True,
        check=True,
    )
    rows = re.findall(r"^import time:.*\| +([\w.]+)$", finished.stderr, re.MULTILINE)
    return {name.partition(".")[0] for name in rows}


def test_a_check_sees_nothing_of_set_toml_but_its_notation(course):
    # The record of a check is kept when anything else in set.toml changes.
    (entry,) = find_set(course, "hw").problems
    only = SimpleNamespace(notation=NotationChoice())
    checked = check(load(entry), entry, only, (0,))
    assert [claim.name for claim in checked.claims] == ["grad_z", "grad_x"]
    other = SimpleNamespace(notation=NotationChoice(loss="E"))
    assert check(load(entry), entry, other, (0,)) != checked
