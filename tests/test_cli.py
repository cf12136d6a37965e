"""The command line: what it prints where, its exit codes, and how its errors read."""

import io
import json
import os
import re
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree

import pytest
from course import MODULE, AuthorsProblem, Workshop, write, write_set

from solutionset import __version__
from solutionset.building.find import find_set
from solutionset.building.progress import LiveProgress, progress_on
from solutionset.cli import main
from solutionset.commands import build, checking, listing
from solutionset.commands import run as running
from solutionset.commands.options import parse
from solutionset.errors import UsageError
from solutionset.model import Entry, View

REPOSITORY = Path(__file__).parent.parent


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A course in the current folder, and quick stages in place of the slow ones."""
    write_set(tmp_path, "hw", resnet=MODULE, jacobians=MODULE)
    write_set(tmp_path, "dl", softmax=MODULE)
    use(Workshop(), monkeypatch)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def use(workshop: Workshop, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the commands work with the stages of a workshop."""
    for module in (build, checking):
        monkeypatch.setattr(module, "stages_with", lambda data, **options: workshop.stages)


def command(root: Path, line: str, capfd: pytest.CaptureFixture[str]) -> tuple[int, str, str]:
    """Run one command line; return the exit code, stdout, stderr."""
    code = main(line.split(), str(root))
    out, err = capfd.readouterr()
    return code, out, err


Captured = pytest.CaptureFixture[str]


# ----------------------------------------------------------------------------------- build


def test_a_build_prints_one_pdf_a_line_and_its_progress_on_stderr(
    root: Path, capfd: Captured
) -> None:
    code, out, err = command(root, "build --jobs 1", capfd)
    assert code == 0
    assert out == "output/dl.pdf\noutput/hw.pdf\n"
    assert err.splitlines()[:3] == [
        *("dl/softmax: solving", "dl/softmax: checking", "dl/softmax: drawing"),
    ]
    assert re.search(r"^dl/softmax: 1 claim  \(\d\.\d s\)$", err, re.MULTILINE)
    assert re.search(r"^dl \(solutions\): 1 page, 1 pass  \(\d\.\d s\)$", err, re.MULTILINE)


def test_a_build_of_a_draft_names_a_handful_of_what_is_unchecked_with_its_line_and_counts_all(
    root: Path, capfd: Captured
) -> None:
    command(root, "", capfd)
    formulas = [f"$$a_{n} = b$$" for n in range(1, 7)]
    write(root / "templates/hw/resnet.tex", "\n".join(("prose", *formulas)))
    code, out, err = command(root, "build hw", capfd)
    assert (code, out) == (0, "output/hw.pdf\n")
    assert re.findall("^(?:templates|warning|  ).*", err, re.MULTILINE) == [
        "templates/hw/resnet.tex:2: warning[unchecked]: this formula is covered by no claim",
        "  a_1 = b",
        "templates/hw/resnet.tex:3: warning[unchecked]: this formula is covered by no claim",
        "  a_2 = b",
        "templates/hw/resnet.tex:4: warning[unchecked]: this formula is covered by no claim",
        "  a_3 = b",
        "templates/hw/resnet.tex:5: warning[unchecked]: this formula is covered by no claim",
        "  a_4 = b",
        "templates/hw/resnet.tex:6: warning[unchecked]: this formula is covered by no claim",
        "  a_5 = b",
        "warning[unchecked]: 6 in all, so that PDFs say DRAFT; --strict refuses and lists them",
    ]


def test_a_claim_that_is_unchecked_is_a_warning_at_its_module(root: Path, capfd: Captured) -> None:
    write(root / "problems/hw/resnet.py", 'claims = ["unchecked"]')
    code, _, err = command(root, "build hw", capfd)
    assert code == 0
    message = "warning[unchecked]: the claim hw/resnet/unchecked is unchecked"
    assert f"problems/hw/resnet.py: {message}\n" in err


def test_a_build_with_nothing_to_do_prints_the_same_and_says_nothing(
    root: Path, capfd: Captured
) -> None:
    command(root, "", capfd)
    assert command(root, "", capfd) == (0, "output/dl.pdf\noutput/hw.pdf\n", "")


def test_a_build_with_nothing_to_do_imports_no_more_than_the_way_there(
    root: Path, capfd: Captured
) -> None:
    command(root, "", capfd)
    script = (
        "import sys; sys.path.insert(0, sys.argv[1]); before = set(sys.modules)\n"
        "from solutionset.cli import main; code = main([], sys.argv[2])\n"
        "print(*sorted(set(sys.modules) - before), file=sys.stderr); sys.exit(code)"
    )
    done = subprocess.run(
        [sys.executable, "-c", script, str(REPOSITORY), str(root)],
        capture_output=True,
        text=True,
        check=True,
        env={"PATH": os.environ["PATH"]},
    )
    assert done.stdout == "output/dl.pdf\noutput/hw.pdf\n"
    assert done.stderr.split() == [
        *("_blake2", "solutionset", "solutionset.building"),
        *("solutionset.building.contents", "solutionset.building.stamp", "solutionset.cli"),
    ]


def test_a_target_builds_only_its_set(root: Path, capfd: Captured) -> None:
    assert command(root, "softmax", capfd)[:2] == (0, "output/dl.pdf\n")


def test_what_a_module_prints_does_not_get_between_the_results(root: Path, capfd: Captured) -> None:
    write(root / "problems" / "dl" / "softmax.py", MODULE + "print('hello')\n")
    _, out, err = command(root, "build dl", capfd)
    assert out == "output/dl.pdf\n"
    assert "hello" in err


def test_another_output_folder_and_all_views(root: Path, capfd: Captured) -> None:
    _, out, _ = command(root, "build dl --view all --output elsewhere", capfd)
    assert out == "elsewhere/dl-questions.pdf\nelsewhere/dl.pdf\nelsewhere/dl-key.pdf\n"
    assert not (root / "output").exists()


def test_a_course_may_lie_outside_the_repository(root: Path, capfd: Captured) -> None:
    (root / "course").mkdir()
    for name in ("problems", "templates"):
        (root / name).rename(root / "course" / name)
    assert command(root, "--root course", capfd)[:2] == (
        0,
        "course/output/dl.pdf\ncourse/output/hw.pdf\n",
    )


# ------------------------------------------------------------------------------ exit codes


def fail(root: Path, name: str, text: str) -> None:
    write(root / "problems" / "hw" / f"{name}.py", text)


def test_a_false_claim_is_exit_code_1(root: Path, capfd: Captured) -> None:
    fail(root, "resnet", 'claims = ["false"]')
    code, out, err = command(root, "", capfd)
    assert code == 1
    assert out == "output/dl.pdf\n"
    assert "problems/hw/resnet.py:1: error[claim]: the claim false does not hold\n" in err


def test_an_error_of_python_is_exit_code_3_at_the_line_of_the_author(
    root: Path, capfd: Captured
) -> None:
    fail(root, "resnet", "x = 1\ny = 1 / 0\n")
    code, _, err = command(root, "", capfd)
    assert code == 3
    assert "problems/hw/resnet.py:2: error[python]: ZeroDivisionError: division by zero\n" in err


def test_a_tex_error_is_exit_code_4_at_the_line_of_the_template(
    root: Path, capfd: Captured
) -> None:
    write(root / "templates" / "hw" / "resnet.tex", r"\broken")
    code, _, err = command(root, "", capfd)
    assert code == 4
    assert "templates/hw/resnet.tex:1: error[tex]: undefined command\n" in err


def test_an_output_folder_that_cannot_be_written_is_exit_code_5(
    root: Path, capfd: Captured
) -> None:
    write(root / "output", "a file is in the way")
    code, out, err = command(root, "", capfd)
    assert (code, out) == (5, "")
    assert err.startswith("error[output]: the output folder output cannot be written")


def test_a_limit_on_file_size_is_exit_code_5_and_leaves_the_old_pdf(
    root: Path, capfd: Captured, monkeypatch: pytest.MonkeyPatch
) -> None:
    import resource

    command(root, "hw", capfd)
    old = (root / "output" / "hw.pdf").read_bytes()
    write(root / "problems" / "hw" / "resnet.py", "claims = ['a'] * 300")
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (10_000, hard))
    try:
        code, _, err = command(root, "hw", capfd)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert code == 5
    assert "the limit on the size of a file is reached" in err
    assert (root / "output" / "hw.pdf").read_bytes() == old


def test_of_several_failures_all_are_reported_and_the_smallest_code_counts(
    root: Path, capfd: Captured
) -> None:
    fail(root, "resnet", "1 / 0")
    fail(root, "jacobians", 'claims = ["false"]')
    write(root / "templates" / "dl" / "softmax.tex", r"\broken")
    code, _, err = command(root, "", capfd)
    assert code == 1
    assert re.findall(r"error\[(\w+)\]", err) == ["tex", "python", "claim"]


def test_a_bug_of_the_engine_is_exit_code_70_with_a_traceback_in_a_file(
    root: Path, capfd: Captured, monkeypatch: pytest.MonkeyPatch
) -> None:
    def buggy(self: Workshop, *arguments: object) -> None:
        raise LookupError("no such thing")

    monkeypatch.setattr(Workshop, "render", buggy)
    use(Workshop(), monkeypatch)
    code, _, err = command(root, "dl", capfd)
    assert code == 70
    assert "error[internal]: LookupError: no such thing" in err
    assert "this is a bug of solutionset" in err
    file = re.search(r"traceback is in (\S+)", err)
    assert file is not None
    assert "LookupError: no such thing" in Path(file[1]).read_text(encoding="utf-8")


@pytest.mark.parametrize("full", ["the output folder", "every disk"])
def test_a_bug_is_told_also_where_its_traceback_cannot_be_kept(
    root: Path, capfd: Captured, monkeypatch: pytest.MonkeyPatch, full: str
) -> None:
    def buggy(self: Workshop, *arguments: object) -> None:
        raise LookupError("no such thing")

    def written(text: str, folder: Path) -> str:
        if full == "every disk" or folder.is_relative_to(root):
            raise OSError(28, "No space left on device")
        return "elsewhere"

    monkeypatch.setattr(Workshop, "render", buggy)
    monkeypatch.setattr(running, "_written", written)
    use(Workshop(), monkeypatch)
    code, _, err = command(root, "dl", capfd)
    assert code == 70
    assert ("traceback is in elsewhere" in err) == (full == "the output folder")
    assert ("Traceback (most recent call last)" in err) == (full == "every disk")


def test_an_interruption_is_exit_code_130(root: Path, capfd: Captured) -> None:
    fail(root, "resnet", "raise KeyboardInterrupt")
    code, out, err = command(root, "", capfd)
    assert (code, out) == (130, "")
    assert err.endswith("interrupted; what was finished is kept\n")


def test_a_reader_that_has_read_enough_ends_a_command_without_a_word(root: Path) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    done = subprocess.run(
        [sys.executable, Path(__file__).parents[1] / "build.py", "why", "--root", root],
        stdout=writing,
        stderr=subprocess.PIPE,
        check=False,
    )
    os.close(writing)
    assert (done.returncode, done.stderr) == (141, b"")


def test_an_interruption_before_a_command_has_begun_is_one_too(
    root: Path, capfd: Captured, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(arguments: list[str], root: str) -> int:
        raise KeyboardInterrupt

    monkeypatch.setattr(running, "run", interrupted)
    assert command(root, "", capfd) == (130, "", "interrupted\n")


@pytest.mark.parametrize(
    ("line", "message", "advice"),
    [
        ("softmx", "nothing is called softmx", "softmax"),
        ("chek", "nothing is called chek", "check"),
        ("hw/resnet/grad", "hw/resnet/grad is a claim", "python build.py check hw/resnet/grad"),
        ("build --forse", "build does not take --forse", "--force"),
        ("list hw", "list does not take hw", "--help"),
        ("check --seeds 0", "at least one seed is needed", "--help"),
        ("check --seed x", "'x' is no natural number", "--help"),
        ("check --seed 1 --seeds 2", "not allowed with argument", "--help"),
        ("--view answers", "'answers' is none of questions, solutions, key, all", "--help"),
        ("new hw", "hw is no name for a problem", "SET/PROBLEM"),
        ("new hw/Resnet", "hw/Resnet is no name for a problem", "SET/PROBLEM"),
        ("new hw/resnet", "exists already", "another name"),
    ],
)
def test_wrong_usage_is_exit_code_2_and_says_what_would_be_right(
    root: Path, capfd: Captured, line: str, message: str, advice: str
) -> None:
    code, out, err = command(root, line, capfd)
    assert (code, out) == (2, "")
    assert message in err.splitlines()[0]
    assert advice in err


def test_the_common_options_may_stand_before_the_command(tmp_path: Path) -> None:
    options = parse(["--plain", "--root", "check", "check", "hw", "--seeds", "2"], tmp_path)
    assert options.command == "check"
    assert (options.targets, options.seeds, options.plain) == (("hw",), (0, 1), True)
    assert options.root == Path("check").absolute()


def test_options_may_stand_between_targets(tmp_path: Path) -> None:
    options = parse(["hw", "--view", "key", "dl", "--force"], tmp_path)
    assert (options.targets, options.views, options.force) == (("hw", "dl"), (View.KEY,), True)


def test_an_abbreviated_option_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="does not take --forc"):
        parse(["--forc"], tmp_path)


def test_the_version_is_printed(root: Path, capfd: Captured) -> None:
    assert command(root, "--version", capfd) == (0, f"solutionset {__version__}\n", "")


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
