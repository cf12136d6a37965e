"""Confinement: what a run may use and see, and what its files may hold."""

import resource
import time
import zlib
from pathlib import Path

import pytest

from solutionset.building import sandbox
from solutionset.building.sandbox import (
    Limits,
    environment,
    find_tex,
    forbidden,
    foreign_inputs,
    run_confined,
    unsafe_content,
)
from solutionset.errors import EnvironmentFault

SHELL = Path("/bin/sh")


def shell(
    folder: Path, script: str, *, limits: Limits = sandbox.DEFAULT_LIMITS
) -> sandbox.Finished:
    return run_confined(SHELL, ("-c", script), folder, limits)


def compressed(dictionaries: bytes) -> bytes:
    body = zlib.compress(dictionaries)
    return b"1 0 obj\n<< /Type /ObjStm /Filter /FlateDecode >>\nstream\n" + body + b"\nendstream\n"


@pytest.fixture
def bare(monkeypatch: pytest.MonkeyPatch) -> None:
    """Run as on a machine without bubblewrap."""
    monkeypatch.setattr(sandbox, "bubblewrap_works", lambda program: False)


def test_the_environment_is_a_list_and_nothing_of_the_caller_is_in_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TEXINPUTS", "/elsewhere")
    monkeypatch.setenv("HOME", "/home/someone")
    seen = shell(tmp_path, "env").said
    assert "TEXINPUTS" not in seen
    assert "someone" not in seen
    assert "FORCE_SOURCE_DATE=1" in seen
    wanted = {"openin_any": "p", "openout_any": "p", "shell_escape": "f", "MKTEXPK": "0"}
    assert wanted.items() <= environment(SHELL, tmp_path).items()


def _ends(process: Path) -> bool:
    """Whether a process that was told to die is gone, or waits to be buried, within ten seconds."""
    for _ in range(1000):
        try:
            if ") Z " in process.read_text():
                return True
        except (FileNotFoundError, ProcessLookupError):
            return True
        time.sleep(0.01)
    return False


@pytest.mark.usefixtures("bare")
def test_a_run_that_sleeps_is_ended_by_the_wall_limit_with_its_children(tmp_path: Path) -> None:
    script = "sleep 1000 & echo $! > child; wait"
    ended = shell(tmp_path, script, limits=Limits(wall_seconds=0.3))
    assert ended.stopped_by == "0.3 s of wall time"
    child = Path("/proc") / (tmp_path / "child").read_text().strip() / "stat"
    assert _ends(child)


def test_a_run_that_computes_without_end_is_ended_by_the_limit_on_cpu(tmp_path: Path) -> None:
    ended = shell(tmp_path, "while :; do :; done", limits=Limits(cpu_seconds=1))
    assert ended.stopped_by == "1 s of CPU time"


@pytest.mark.usefixtures("bare")
def test_the_limit_on_cpu_holds_without_bubblewrap_too(tmp_path: Path) -> None:
    ended = shell(tmp_path, "while :; do :; done", limits=Limits(cpu_seconds=1))
    assert ended.stopped_by == "1 s of CPU time"


def test_what_a_run_prints_is_capped(tmp_path: Path) -> None:
    endless = "while :; do echo 0123456789012345678901234567890123456789; done"
    ended = shell(tmp_path, endless, limits=Limits(file_bytes=300 * 512))
    assert ended.stopped_by == f"{300 * 512} bytes for one file"
    assert len(ended.said) == sandbox.OUTPUT_CAP


def test_a_lower_limit_that_was_there_before_is_the_fault_of_the_environment(
    tmp_path: Path,
) -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (512, hard))
    try:
        with pytest.raises(EnvironmentFault, match="a limit of 512 bytes a file"):
            shell(tmp_path, "while :; do echo 0123456789; done")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def test_a_run_that_ends_well_is_stopped_by_nothing(tmp_path: Path) -> None:
    assert shell(tmp_path, "echo fine") == sandbox.Finished(0, "", "fine\n")


def test_bubblewrap_shows_only_the_job_folder_and_the_system(tmp_path: Path) -> None:
    if not sandbox.bubblewrap_works(SHELL):
        pytest.skip("bubblewrap does not work here")
    secret = tmp_path / "secret"
    secret.write_text("secret")
    job = tmp_path / "job"
    job.mkdir()
    script = f"cat {secret} /etc/passwd; echo x > made; echo x > /usr/made; true"
    said = shell(job, script).said
    assert said.count("No such file or directory") == 2
    assert "Read-only file system" in said
    assert sorted(path.name for path in job.iterdir()) == ["made", "terminal.txt"]


@pytest.mark.parametrize(
    ("latex", "name"),
    [
        (r"\pdfobj stream file {x}", "pdfobj"),
        (r"\csname pdffiledump\endcsname", "pdffiledump"),
        (r"\use:c {tex_openin:D}", "tex_openin"),
        (r"\write 18 {ls}", r"\write 18"),
        (r"^^5cinput{x}", "^^"),
    ],
)
def test_a_primitive_that_reaches_beyond_the_document_is_found(latex: str, name: str) -> None:
    assert list(forbidden(f"a\n{latex}")) == [(2, name)]


def test_ordinary_mathematics_is_not_forbidden() -> None:
    text = r"\frac{\partial L}{\partial W^2} \opening \readlines \pdfobjects x^{^2}"
    assert list(forbidden(text)) == []


def test_files_outside_the_job_and_the_tex_trees_are_foreign(tmp_path: Path) -> None:
    tree = sandbox.tex_trees(find_tex())[0]
    recorded = "\n".join(
        [
            f"PWD {tmp_path}",
            f"INPUT {tree}/tex/latex/base/article.cls",
            "INPUT alpha.tex",
            "INPUT ./alpha.aux",
            "INPUT ../other.tex",
            "INPUT /etc/passwd",
            "OUTPUT alpha.pdf",
        ]
    )
    log = "[1{pdftex.map}<<alpha-figures/loss.pdf>>] [2<</etc/hosts>>]"
    assert foreign_inputs(recorded, log, tmp_path, find_tex()) == (
        "../other.tex",
        "/etc/passwd",
        "/etc/hosts",
    )


def test_a_link_out_of_the_job_folder_is_foreign(tmp_path: Path) -> None:
    (tmp_path / "alpha.tex").symlink_to("/etc/passwd")
    assert foreign_inputs("INPUT alpha.tex", "", tmp_path, find_tex()) == ("alpha.tex",)


@pytest.mark.parametrize(
    ("dictionary", "what"),
    [
        (b"<< /S /Launch /F (x) >>", "Launch"),
        (b"<< /S /J#61vaScript >>", "JavaScript"),
        (b"<< /Type /EmbeddedFile >>", "EmbeddedFile"),
        (b"<< /S /URI /URI (JavaScript:alert) >>", "JavaScript"),
        (b"<< /Type /Font /Subtype /Type3 >>", "Type 3 font"),
    ],
)
def test_unsafe_content_is_found_in_plain_and_in_compressed_objects(
    dictionary: bytes, what: str
) -> None:
    assert unsafe_content(b"%PDF-1.5\n" + dictionary) == (what,)
    assert unsafe_content(b"%PDF-1.5\n" + compressed(dictionary)) == (what,)


def test_links_bookmarks_and_outline_fonts_are_safe() -> None:
    harmless = b"<< /S /URI /URI (https://example.org) >> << /OpenAction [1 0 R /Fit] >>"
    fonts = b"<< /Type /Font /Subtype /Type1 >> << /FontFile3 2 0 R >>"
    assert unsafe_content(b"%PDF-1.5\n" + harmless + compressed(fonts)) == ()


def test_the_contents_of_a_page_may_mention_anything() -> None:
    page = b"<< /Length 9 >>\nstream\n(/Launch) Tj\nendstream\n"
    assert unsafe_content(b"%PDF-1.5\n" + page) == ()
