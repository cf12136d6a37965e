"""The command line: what it prints where, its exit codes, and how its errors read."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from command_line import REPOSITORY, Captured, command, fail, quick_course, use
from course import MODULE, Workshop, write

from solutionset import __version__
from solutionset.commands import run as running
from solutionset.commands.options import parse
from solutionset.errors import UsageError
from solutionset.model import View


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    return quick_course(tmp_path, monkeypatch)


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
