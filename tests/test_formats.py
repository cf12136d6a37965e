"""The dumped preamble: the same PDF as plain pdflatex gives, never from another preamble."""

import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest

from solutionset.building import formats, sandbox
from solutionset.building.find import FRAME
from solutionset.building.formats import Format, provide, shared_preamble, without_preamble
from solutionset.building.sandbox import DEFAULT_LIMITS
from solutionset.building.typeset import typeset
from solutionset.errors import TexError
from solutionset.model import Document, Origin, Pdf, View

STYLE = (FRAME / "style.tex").read_text(encoding="utf-8")
MARK = "% endofdump: above stands what all documents share"
BODY = r"""\hypersetup{pdftitle={A gradient}}
\begin{document}
\sstitle{Course}{A title}{\ssmeta{an author}}
\ssproblem{alpha}{The gradient of $\beta$}{Sheet 1}
As section~\ref{alpha} says, \emph{fi} and \textbf{fl} are ligatures.
\begin{ssquestion}Derive it.\end{ssquestion}
\begin{ssderivation}
\ssline{\frac{\partial L}{\partial W}}{=}{\sum_{i} \sigma'(z_{i})}{the chain rule}
\end{ssderivation}
\clearpage
\begin{align*}
  a &= \beta \\ c &= \gamma
\end{align*}
\end{document}
"""


def document(preamble: str = STYLE, body: str = BODY, *, mark: str = MARK) -> Document:
    latex = "\n".join([r"\documentclass[11pt]{article}", preamble.rstrip("\n"), mark, body])
    origins = tuple(Origin("alpha.tex", number) for number in range(1, latex.count("\n") + 2))
    return Document("alpha", "alpha", View.SOLUTIONS, latex, origins, ())


def build(folder: Path, wanted: Document, *, use_format: bool = True) -> Pdf:
    return typeset(wanted, folder / "output", cache=folder / "cache", use_format=use_format)


def ask(folder: Path, preamble: str) -> Format:
    latex = document(preamble, "").latex
    return provide(latex, folder / "cache", sandbox.find_tex(), DEFAULT_LIMITS)


def stored(folder: Path) -> list[str]:
    return sorted(path.name for path in (folder / "cache" / "formats").glob("*.fmt"))


@pytest.fixture
def dumps(monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    """The folders in which something was dumped."""
    folders: list[Path] = []

    def counting(*arguments: object, **options: object) -> object:
        if "-ini" in arguments[1]:  # type: ignore[operator]
            folders.append(arguments[2])  # type: ignore[arg-type]
        return real(*arguments, **options)  # type: ignore[arg-type]

    real = sandbox.run_confined
    monkeypatch.setattr(sandbox, "run_confined", counting)
    return folders


# --------------------------------------------------------------------------------- the same PDF


def test_text_pixels_and_bytes_are_those_of_plain_pdflatex_on_the_published_tex(
    tmp_path: Path,
) -> None:
    pdf = build(tmp_path, document())
    assert len(stored(tmp_path)) == 1
    plain = tmp_path / "plain"
    plain.mkdir()
    shutil.copy(pdf.tex, plain)
    environment = sandbox.environment(sandbox.find_tex(), plain)
    for _ in range(3):
        command = [sandbox.find_tex(), "-interaction=batchmode", "alpha.tex"]
        subprocess.run(command, cwd=plain, env=environment, check=True, capture_output=True)
    assert text(pdf.path) == text(plain / "alpha.pdf")
    assert "the chain rule" in text(pdf.path)
    assert pixels(pdf.path, tmp_path / "a") == pixels(plain / "alpha.pdf", tmp_path / "b")
    assert len(pixels(pdf.path, tmp_path / "a")) == 2
    assert pdf.path.read_bytes() == (plain / "alpha.pdf").read_bytes()


def text(pdf: Path) -> str:
    return subprocess.run(["pdftotext", pdf, "-"], capture_output=True, check=True).stdout.decode()


def pixels(pdf: Path, folder: Path) -> list[bytes]:
    folder.mkdir(exist_ok=True)
    subprocess.run(["pdftoppm", "-r", "110", pdf, folder / "page"], check=True)
    return [page.read_bytes() for page in sorted(folder.iterdir())]


def test_without_a_format_the_bytes_are_the_same(tmp_path: Path) -> None:
    dumped = build(tmp_path / "one", document()).path.read_bytes()
    plain = build(tmp_path / "two", document(), use_format=False)
    assert plain.path.read_bytes() == dumped
    assert plain.remarks == ()
    assert stored(tmp_path / "two") == []


def test_the_published_tex_is_whole(tmp_path: Path) -> None:
    assert build(tmp_path, document()).tex.read_text(encoding="utf-8") == document().latex


def test_an_error_is_told_at_the_same_line_with_and_without_a_format(tmp_path: Path) -> None:
    wrong = document(body=BODY.replace(r"\beta \\", r"\Beta \\"))
    line = next(n for n, row in enumerate(wrong.latex.split("\n"), 1) if r"\Beta" in row)
    for use_format in (True, False):
        with pytest.raises(TexError, match=r"undefined command \\Beta") as caught:
            build(tmp_path / str(use_format), wrong, use_format=use_format)
        assert caught.value.place is not None
        assert caught.value.place.line == line


def test_an_error_in_the_preamble_is_told_at_its_line(tmp_path: Path) -> None:
    with pytest.raises(TexError, match=r"undefined command \\nosuch") as caught:
        build(tmp_path, document("% one\n\\nosuch", "\\begin{document}a\\end{document}\n"))
    assert caught.value.place is not None
    assert caught.value.place.line == 3


def test_lines_keep_their_numbers_when_the_preamble_is_left_out() -> None:
    latex = f"one\ntwo\n{MARK}\nfour"
    assert shared_preamble(latex) == "one\ntwo\n"
    assert without_preamble(latex) == f"%\n%\n{MARK}\nfour"


def test_a_document_without_the_mark_has_no_format_and_no_remark(tmp_path: Path) -> None:
    pdf = build(tmp_path, document(mark="% endofdumping is another word"))
    assert pdf.remarks == ()
    assert not (tmp_path / "cache" / "formats").exists()


# ---------------------------------------------------------------------------- reuse and staleness


def test_documents_with_the_same_preamble_share_one_format(
    tmp_path: Path, dumps: list[Path]
) -> None:
    build(tmp_path, document())
    other = document(body=BODY.replace("A title", "Another title"))
    assert "Another title" in text(build(tmp_path, other).path)
    assert len(dumps) == 1


def test_another_preamble_makes_another_format_and_only_the_newest_three_are_kept(
    tmp_path: Path, dumps: list[Path]
) -> None:
    made = [ask(tmp_path, f"\\def\\own{{{number}}}").file for number in range(4)]
    assert len(dumps) == 4
    assert stored(tmp_path) == sorted(file.name for file in made[1:] if file)


def test_a_format_is_made_anew_when_a_file_that_it_read_changes(
    tmp_path: Path, dumps: list[Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    package = tmp_path / "tree" / "own.sty"
    package.parent.mkdir()
    package.write_text(r"\def\own{first}")
    monkeypatch.setattr(sandbox, "environment", with_inputs(sandbox.environment, package.parent))
    monkeypatch.setattr(sandbox, "tex_trees", with_tree(sandbox.tex_trees, package.parent))
    wanted = document(r"\usepackage{own}", "\\begin{document}\\own\\end{document}\n")
    assert "first" in text(build(tmp_path, wanted).path)
    package.write_text(r"\def\own{other}")
    assert "other" in text(build(tmp_path, wanted).path)
    assert len(dumps) == 2


def with_inputs(real, folder):
    return lambda program, job: {**real(program, job), "TEXINPUTS": f"{folder}:"}


def with_tree(real, folder):
    return lambda program: (*real(program), folder)


def test_a_package_that_gets_installed_changes_the_lists_of_files_and_so_the_format(
    tmp_path: Path,
) -> None:
    ask(tmp_path, r"\IfFileExists{nosuch.sty}{}{}")
    (record,) = (tmp_path / "cache" / "formats").glob("*.json")
    names = [row[0] for row in json.loads(record.read_text())["files"]]
    assert any(name.endswith("/ls-R") for name in names)
    assert any(name.endswith("/texmf.cnf") for name in names)
    assert str(sandbox.find_tex().resolve()) in names


def test_files_that_were_touched_but_not_changed_do_not_make_a_new_format(
    tmp_path: Path, dumps: list[Path]
) -> None:
    made = ask(tmp_path, "").file
    assert made is not None
    os.utime(made, ns=(1, 1))
    assert ask(tmp_path, "").file == made
    assert len(dumps) == 1


def test_a_format_that_was_changed_by_hand_is_made_anew(tmp_path: Path, dumps: list[Path]) -> None:
    made = ask(tmp_path, "").file
    assert made is not None
    good = made.read_bytes()
    made.write_bytes(b"no format at all")
    assert ask(tmp_path, "").file == made
    assert len(dumps) == 2
    assert len(made.read_bytes()) == len(good)


def test_a_format_that_tex_refuses_costs_a_remark_and_not_the_pdf(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    good = build(tmp_path, document()).path.read_bytes()
    (made,) = (tmp_path / "cache" / "formats").glob("*.fmt")
    made.write_bytes(made.read_bytes()[:5_000_000])
    trusting = lambda *arguments: Format(made)  # noqa: E731
    monkeypatch.setattr(formats, "provide", trusting)
    pdf = build(tmp_path, document())
    assert pdf.path.read_bytes() == good
    assert pdf.remarks == (
        "the format of the preamble was damaged; it is made anew by the next run",
    )
    assert stored(tmp_path) == []


def test_a_preamble_that_leaves_something_on_the_page_is_not_dumped(
    tmp_path: Path, dumps: list[Path]
) -> None:
    wanted = document(r"\usepackage{amsmath}\special{x}", "\\begin{document}\na\n\\end{document}\n")
    pdf = build(tmp_path, wanted)
    assert pdf.pages == 1
    (remark,) = pdf.remarks
    assert remark.endswith(r"the preamble leaves \special{x} on the page")
    assert build(tmp_path, wanted).remarks == pdf.remarks
    assert len(dumps) == 1  # what cannot be dumped is not tried again and again


def test_tex_cannot_write_into_a_format(tmp_path: Path) -> None:
    made = ask(tmp_path, STYLE).file
    assert made is not None
    before = made.read_bytes()
    writing = rf"\newwrite\x\immediate\csname open\string out\endcsname\x={made}\relax "
    wanted = document(body=f"\\begin{{document}}{writing}a\\end{{document}}\n")
    with pytest.raises(TexError):
        build(tmp_path, wanted)
    assert made.read_bytes() == before


def test_a_dump_that_fails_for_no_fault_of_the_preamble_is_tried_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as broken:
        ended = sandbox.Finished(1, "", "fatal: Could not undump")
        broken.setattr(sandbox, "run_confined", lambda *arguments, **options: ended)
        assert ask(tmp_path, "").remark.endswith("Could not undump")
    assert ask(tmp_path, "").file is not None


def test_a_format_for_which_the_disk_has_no_room_is_done_without(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    unpacked = formats._unpacked
    with monkeypatch.context() as full:
        full.setattr(formats, "_unpacked", lambda data: unpacked(data[:1000]))
        pdf = build(tmp_path, document())
    assert "it cannot be kept" in pdf.remarks[0]
    assert stored(tmp_path) == []
    assert build(tmp_path, document()).remarks == ()


@pytest.mark.parametrize("use_format", [True, False])
def test_the_files_of_tex_that_a_pdf_was_made_from_are_known_also_those_of_the_preamble(
    tmp_path: Path, use_format: bool
) -> None:
    pdf = build(tmp_path, document(), use_format=use_format)
    names = [Path(name).name for name in pdf.inputs]
    wanted = ("article.cls", "amsmath.sty", "pdflatex.fmt", "cmsy10.tfm", "texmf.cnf", "ls-R")
    assert [name for name in wanted if name not in names] == []
    assert [name for name in pdf.inputs if Path(name).is_relative_to(tmp_path)] == []
