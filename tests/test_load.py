"""Loading a module: its errors at its line, and what it may import."""

from pathlib import Path

import pytest
from course import write
from two_sets import module, run, two_sets

from solutionset.building.faults import explain
from solutionset.building.load import load, run_module
from solutionset.errors import AuthorError, EnvironmentFault, InternalError, Place
from solutionset.model import Entry


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return two_sets(tmp_path)


def entry(root: Path) -> Entry:
    return Entry("hw", "resnet", module(root), root / "templates" / "hw" / "resnet.tex")


@pytest.mark.parametrize(
    ("text", "line", "message"),
    [
        ("claims = []\n1 / 0\n", 2, "ZeroDivisionError: division by zero"),
        ("def f():\n    return {}['k']\n\nf()\n", 2, "KeyError: 'k'"),
        ("x = 1\nimport json\njson.loads('{')\n", 3, "JSONDecodeError: "),
        ("x = 1\n\ny = (\n", 3, "SyntaxError: '(' was never closed"),
        ("\nraise SystemExit(0)\n", 2, "SystemExit: 0"),
        ("\nimport torch_is_not_here\n", 2, "ModuleNotFoundError: "),
    ],
)
def test_an_error_of_python_is_reported_at_the_innermost_line_of_the_author(
    root: Path, text: str, line: int, message: str
) -> None:
    write(module(root), text)
    with pytest.raises(AuthorError) as caught:
        run_module(entry(root))
    assert caught.value.code == "python"
    assert caught.value.place == Place(module(root), line)
    assert caught.value.message.startswith(message)


def test_an_error_in_a_private_module_is_reported_there(root: Path) -> None:
    helper = root / "problems" / "hw" / "_shared.py"
    write(helper, "x = 1\ny = undefined\n")
    write(module(root), "import _shared\n")
    with pytest.raises(AuthorError) as caught:
        run_module(entry(root))
    assert caught.value.place == Place(helper, 2)


@pytest.mark.parametrize(
    ("name", "advice"),
    [
        ("torch_is_not_here", "python -m pip install torch_is_not_here"),
        ("_absent", "create {}/_absent.py"),
        ("_helper", "import _helper at the top of the module"),
    ],
)
def test_an_import_that_fails_within_a_function_says_what_to_do(
    root: Path, name: str, advice: str
) -> None:
    write(root / "problems/hw/_helper.py", "")
    write(module(root), f"def solve():\n    import {name}\n")
    solve = run_module(entry(root)).solve
    with pytest.raises(ModuleNotFoundError) as caught:
        solve()
    (error,) = explain(caught.value, root)
    assert error.place == Place(module(root), 2)
    assert advice.format(module(root).parent) in error.advice


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (MemoryError(), "memory"),
        (ImportError("failed to map segment", name="fontTools.varLib.iup"), "package"),
        (ImportError("no such name", name="solutionset.model"), "internal"),
    ],
)
def test_what_the_machine_refuses_is_no_bug_of_the_engine(
    root: Path, error: Exception, code: str
) -> None:
    (fault,) = explain(error, root)
    assert fault.code == code
    assert isinstance(fault, InternalError if code == "internal" else EnvironmentFault)


def test_the_mark_that_some_editors_put_before_utf8_is_no_part_of_a_module(root: Path) -> None:
    module(root).write_bytes(b"\xef\xbb\xbfx = 1\n")
    assert run_module(entry(root)).x == 1
    module(root).write_bytes(b"\xef\xbb\xbfx = 1\n# \xe9\n")
    with pytest.raises(AuthorError) as caught:
        run_module(entry(root))
    assert (caught.value.place, caught.value.got) == (Place(module(root), 2), "the byte 0xe9")


def test_a_package_of_the_engine_that_is_missing_is_no_fault_of_the_author(root: Path) -> None:
    write(module(root), "raise ModuleNotFoundError('No module named sympy', name='sympy.core')\n")
    with pytest.raises(EnvironmentFault, match="sympy is not installed") as caught:
        run_module(entry(root))
    assert "make" in caught.value.advice


def test_a_module_that_is_not_utf8_is_named_with_its_line(root: Path) -> None:
    module(root).write_bytes(b"x = 1\n# \xe9\n")
    with pytest.raises(AuthorError) as caught:
        run_module(entry(root))
    assert (caught.value.code, caught.value.place) == ("encoding", Place(module(root), 2))


def test_two_sets_may_have_private_modules_of_one_name(root: Path) -> None:
    write(root / "problems" / "hw" / "_shared.py", "name = 'hw'")
    write(root / "problems" / "dl" / "_shared.py", "name = 'dl'")
    write(module(root), "from _shared import name")
    other = root / "problems" / "dl" / "softmax.py"
    write(other, "from _shared import name")
    assert run_module(entry(root)).name == "hw"
    assert run_module(Entry("dl", "softmax", other, other)).name == "dl"


def test_the_problem_of_a_module_is_loaded(root: Path) -> None:
    write(
        module(root),
        "from solutionset.authoring import Problem, Solution\n"
        "problem = Problem('A title', '1.2', 'Sheet 1', lambda: Solution(()))\n",
    )
    assert load(entry(root)).title == "A title"


def test_a_module_without_problem_is_an_error(root: Path) -> None:
    write(module(root), "x = 1")
    with pytest.raises(AuthorError, match="the module describes no problem") as caught:
        load(entry(root))
    assert caught.value.wanted == "problem = Problem(...)"


def test_a_problem_that_was_built_twice_is_fresh_afterwards(root, monkeypatch):
    # The working folder of a user is the root: names relative to it must not be taken for inputs.
    monkeypatch.chdir(root)
    run(root)
    run(root, force=True)
    assert run(root)[1] == []
