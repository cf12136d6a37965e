"""The commands beside build: check, list, new, why; progress, jobs and profile."""

import io
import json
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree

import pytest
from command_line import REPOSITORY, Captured, command, fail, quick_course
from course import AuthorsProblem, Workshop, write

from solutionset.building.find import find_set
from solutionset.building.progress import LiveProgress, progress_on
from solutionset.commands import listing
from solutionset.model import Entry


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    return quick_course(tmp_path, monkeypatch)


# ----------------------------------------------------------------------------------- check


def test_check_prints_a_line_for_each_claim_and_writes_nothing(root: Path, capfd: Captured) -> None:
    code, out, _ = command(root, "check softmax", capfd)
    assert code == 0
    assert out == (
        "dl/softmax/gradient: verified by complex-step, worst error 1e-14 of 1e-09 allowed, "
        "15 points\n"
    )
    assert not (root / "output").exists()


def test_check_of_one_claim_prints_that_claim(root: Path, capfd: Captured) -> None:
    fail(root, "resnet", 'claims = ["grad_V", "grad_W"]')
    code, out, _ = command(root, "check hw/resnet/grad_W --seed 7", capfd)
    assert code == 0
    assert out.startswith("hw/resnet/grad_W: verified")
    assert "grad_V" not in out


def test_check_of_one_claim_leaves_a_false_one_beside_it_alone(root: Path, capfd: Captured) -> None:
    fail(root, "resnet", 'claims = ["false", "grad_W"]')
    assert command(root, "check hw/resnet/grad_W", capfd)[0] == 0
    assert command(root, "check hw/resnet/false", capfd)[0] == 1
    assert command(root, "check hw/resnet/false hw/resnet/grad_W", capfd)[0] == 1


def test_check_of_an_unknown_claim_names_the_nearest(root: Path, capfd: Captured) -> None:
    code, out, err = command(root, "check dl/softmax/gradeint", capfd)
    assert (code, out) == (2, "")
    assert "dl/softmax makes no claim gradeint" in err
    assert "did you mean gradient?" in err


def test_check_hands_on_the_seeds(root: Path, capfd: Captured) -> None:
    command(root, "check dl --seeds 5 --json report.json", capfd)
    report = json.loads((root / "report.json").read_text(encoding="utf-8"))
    assert report["seeds"] == [0, 1, 2, 3, 4]


def test_the_reports_of_check_are_written_on_failure_too(root: Path, capfd: Captured) -> None:
    fail(root, "resnet", "1 / 0")
    code, _, _ = command(root, "check --json report.json --junit report.xml", capfd)
    assert code == 3
    report = json.loads((root / "report.json").read_text(encoding="utf-8"))
    assert report["exit_code"] == 3
    assert [(p["id"], p["verdict"]) for p in report["problems"]] == [
        ("dl/softmax", "holds"),
        ("hw/resnet", "failed"),
        ("hw/jacobians", "holds"),
    ]
    (error,) = report["problems"][1]["errors"]
    assert (error["path"], error["line"]) == (str(root / "problems/hw/resnet.py"), 1)
    assert error["message"] == "ZeroDivisionError: division by zero"
    suites = ElementTree.parse(root / "report.xml").getroot()
    assert [(s.get("name"), s.get("failures")) for s in suites] == [
        ("dl/softmax", "0"),
        ("hw/resnet", "1"),
        ("hw/jacobians", "0"),
    ]
    failure = suites[1][0][0]
    assert failure.get("message") == "ZeroDivisionError: division by zero"


def test_check_reports_a_broken_set_and_checks_the_others(root: Path, capfd: Captured) -> None:
    write(root / "problems" / "hw" / "set.toml", "title = ")
    code, out, err = command(root, "check", capfd)
    assert code == 3
    assert out.startswith("dl/softmax/gradient: verified")
    assert "problems/hw/set.toml:1: error[set-toml]" in err


# ----------------------------------------------------------------------------- list and new


def test_list_shows_sets_problems_questions_and_claims(
    root: Path, capfd: Captured, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(listing, "load", Workshop().load)
    code, out, err = command(root, "list", capfd)
    assert (code, err) == (0, "")
    assert out.splitlines()[:3] == [
        "dl  Homework 1",
        "  softmax  001.2  A residual block",
        "    gradient  001.2  gradient",
    ]


def test_list_for_programs_is_json(
    root: Path, capfd: Captured, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(listing, "load", Workshop().load)
    _, out, _ = command(root, "list --json", capfd)
    assert json.loads(out)[0] == {
        "set": "dl",
        "title": "Homework 1",
        "problems": [
            {
                "problem": "softmax",
                "title": "A residual block",
                "question": "001.2",
                "claims": [{"claim": "gradient", "kind": "gradient", "question": "001.2"}],
            }
        ],
    }


def test_list_shows_what_it_can_and_reports_the_rest(
    root: Path, capfd: Captured, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(listing, "load", Workshop().load)
    fail(root, "resnet", "1 / 0")
    write(root / "problems" / "dl" / "set.toml", "")
    code, out, err = command(root, "list", capfd)
    assert code == 3
    assert "  jacobians  001.2  A residual block" in out
    assert "problems/hw/resnet.py:1: error[python]" in err
    assert "problems/dl/set.toml: error[set-toml]: the key title is missing" in err


def test_what_a_module_prints_or_how_it_exits_does_no_harm_to_a_list(
    root: Path, capfd: Captured, monkeypatch: pytest.MonkeyPatch
) -> None:
    def load(entry: Entry) -> AuthorsProblem:
        print("noise")
        if entry.slug == "resnet":
            raise SystemExit(0)
        return Workshop().load(entry)

    monkeypatch.setattr(listing, "load", load)
    code, out, err = command(root, "list --json", capfd)
    assert code == 3
    assert [one["problem"] for one in json.loads(out)[1]["problems"]] == ["jacobians"]
    assert "noise" in err
    assert "problems/hw/resnet.py: error[python]: SystemExit: 0" in err


def test_new_writes_module_template_and_test_and_lists_the_problem(
    root: Path, capfd: Captured
) -> None:
    code, out, _ = command(root, "new hw/pooling", capfd)
    assert code == 0
    assert out.splitlines() == [
        "problems/hw/pooling.py",
        "templates/hw/pooling.tex",
        "tests/problems/hw/test_pooling.py",
        "problems/hw/set.toml",
    ]
    names = [problem.slug for problem in find_set(root, "hw").problems]
    assert names == ["resnet", "jacobians", "pooling"]


def test_new_begins_a_set_if_there_is_none_of_that_name(root: Path, capfd: Captured) -> None:
    assert command(root, "new physics/pendulum", capfd)[0] == 0
    assert [problem.name for problem in find_set(root, "physics").problems] == ["physics/pendulum"]


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ('problems = ["a"]', 'problems = ["a", "pooling"]'),
        ('problems = ["a",]', 'problems = ["a", "pooling"]'),
        ("problems = []", 'problems = ["pooling"]'),
        ('problems = [\n  "a",\n]', 'problems = [\n  "a",\n  "pooling"\n]'),
        ('problems = ["a", "pooling"]', 'problems = ["a", "pooling"]'),
    ],
)
def test_new_adds_to_the_list_as_it_is_written(
    tmp_path: Path, capfd: Captured, before: str, after: str
) -> None:
    toml = tmp_path / "problems" / "hw" / "set.toml"
    write(toml, f"# mine\n{before}\nmarks = true\n")
    assert command(tmp_path, "new hw/pooling", capfd)[0] == 0
    assert toml.read_text(encoding="utf-8") == f"# mine\n{after}\nmarks = true\n"


def test_new_changes_nothing_if_the_list_cannot_be_read(tmp_path: Path, capfd: Captured) -> None:
    write(tmp_path / "problems" / "hw" / "set.toml", "problems = [")
    code, _, err = command(tmp_path, "new hw/pooling", capfd)
    assert code == 3
    assert "cannot add pooling to the list of problems" in err
    assert not (tmp_path / "problems" / "hw" / "pooling.py").exists()


# -------------------------------------------------------------------------------- progress


class Terminal(io.StringIO):
    """A stream that says it is a terminal."""

    def isatty(self) -> bool:
        return True


def test_on_a_terminal_what_is_going_on_gives_way_to_what_is_finished() -> None:
    terminal = Terminal()
    with progress_on(terminal, plain=False) as progress:
        progress.stage("hw/resnet", "drawing")
        progress.done("hw/resnet", "3 claims verified")
    text = terminal.getvalue()
    assert text.startswith("\r\x1b[Khw/resnet  drawing ...\r\x1b[Khw/resnet  3 claims verified")
    assert text.count("\n") == 1


def test_a_live_line_never_wraps() -> None:
    terminal = io.StringIO()
    LiveProgress(terminal, 20).stage("a_very_long_name_of_a_set", "drawing")
    assert terminal.getvalue() == "\r\x1b[Ka_very_long_name_of"


@pytest.mark.parametrize(("stream", "plain"), [(io.StringIO(), False), (Terminal(), True)])
def test_elsewhere_and_on_request_progress_is_plain_lines(stream: io.StringIO, plain: bool) -> None:
    with progress_on(stream, plain=plain) as progress:
        progress.stage("hw/resnet", "drawing")
        progress.done("hw/resnet", "3 claims verified")
    assert stream.getvalue() == "hw/resnet: drawing\nhw/resnet: 3 claims verified  (0.0 s)\n"


# --------------------------------------------------------------------------------- the shim


def test_the_shim_takes_its_own_folder_as_the_course(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, str(REPOSITORY / "build.py"), "--root", str(tmp_path)],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 2
    assert done.stdout == ""
    assert done.stderr.startswith("error[target]: there are no sets in problems\n")


# ------------------------------------------------------------------------------------- why


def test_why_tells_of_everything_before_the_first_build(root: Path, capfd: Captured) -> None:
    code, out, err = command(root, "why dl", capfd)
    assert (code, err) == (0, "")
    assert out.splitlines() == [
        "dl/softmax: solve, check, draw, as there is no record of it",
        "dl (solutions): render, typeset, as there is no record of it; dl/softmax is redone",
    ]
    assert not (root / "output").exists()


def test_why_says_nothing_on_stdout_when_nothing_is_stale(root: Path, capfd: Captured) -> None:
    command(root, "", capfd)
    assert command(root, "why", capfd) == (0, "", "nothing is stale\n")


@pytest.mark.parametrize(
    ("path", "text", "lines"),
    [
        (
            "problems/hw/resnet.py",
            "claims = []",
            [
                "hw/resnet: solve, check, draw, as problems/hw/resnet.py changed",
                "hw (solutions): render, typeset, as hw/resnet is redone",
            ],
        ),
        (
            "templates/hw/resnet.tex",
            "other prose",
            ["hw (solutions): render, typeset, as templates/hw/resnet.tex changed"],
        ),
        ("output/hw.pdf", "x", ["hw (solutions): typeset, as the output hw.pdf was altered"]),
        (
            "output/.cache/problems/hw/resnet/figures/plot.pdf",
            "x",
            [
                "hw/resnet: solve, draw, as the output .cache/problems/hw/resnet/figures/plot.pdf"
                " was altered",
                "hw (solutions): render, typeset, as hw/resnet changed; hw/resnet is redone",
            ],
        ),
    ],
)
def test_why_names_the_change_that_makes_a_stage_stale(
    root: Path, capfd: Captured, path: str, text: str, lines: list[str]
) -> None:
    command(root, "", capfd)
    write(root / path, text)
    assert command(root, "why", capfd)[1].splitlines() == lines


def test_why_for_programs_is_json(root: Path, capfd: Captured) -> None:
    command(root, "", capfd)
    write(root / "templates/hw/resnet.tex", "other prose")
    _, out, _ = command(root, "why hw --json", capfd)
    assert json.loads(out) == [
        {
            "name": "hw (solutions)",
            "stages": ["render", "typeset"],
            "because": ["templates/hw/resnet.tex changed"],
        }
    ]


def test_why_changes_nothing(root: Path, capfd: Captured) -> None:
    command(root, "", capfd)
    write(root / "templates/hw/resnet.tex", "other prose")
    before = {path: path.stat().st_mtime_ns for path in (root / "output").rglob("*.*")}
    command(root, "why", capfd)
    assert {path: path.stat().st_mtime_ns for path in (root / "output").rglob("*.*")} == before


# --------------------------------------------------------------------------- jobs and profile


def test_the_profile_has_every_stage_of_every_problem_and_document(
    root: Path, capfd: Captured
) -> None:
    command(root, "dl --profile where.json", capfd)
    table = json.loads((root / "where.json").read_text(encoding="utf-8"))
    assert [(span["name"], span["stage"]) for span in table["spans"]] == [
        *(("build", "planning"), ("build", "importing")),
        *(("dl/softmax", stage) for stage in ("solving", "checking", "drawing")),
        *(("dl (solutions)", stage) for stage in ("rendering", "TeX")),
    ]


@pytest.mark.parametrize("line", ["--jobs 0", "check --jobs many"])
def test_jobs_is_a_number_of_processes(root: Path, capfd: Captured, line: str) -> None:
    code, _, err = command(root, line, capfd)
    assert code == 2
    assert "is no number of processes" in err
