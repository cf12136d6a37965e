"""Typesetting: what is published, what is refused, and that a refusal leaves the old PDF alone."""

import os
import subprocess
from pathlib import Path
from types import SimpleNamespace

import pytest

from solutionset.building import sandbox
from solutionset.building.sandbox import Limits
from solutionset.building.typeset import tex_version, typeset
from solutionset.errors import EnvironmentFault, Failures, TexError
from solutionset.model import Document, Origin, Pdf, View

PREAMBLE = r"\documentclass{article}\usepackage{amsmath,graphicx}\begin{document}"
LINKED = PREAMBLE.replace("graphicx", "graphicx,hyperref")
GOOD = r"""\section{A gradient}\label{sec:gradient}
As section~\ref{sec:gradient} says:
\begin{align*}
  a &= \beta \\
  c &= \gamma
\end{align*}"""
TEMPLATE = "templates/alpha/beta.tex"
FIRST_LINE = 11


def document(
    body: str, *, preamble: str = PREAMBLE, figures: tuple[tuple[str, Path], ...] = ()
) -> Document:
    """A document whose body stands from line 11 of a template on; the frame is another file."""
    rows = body.split("\n")
    origins = (
        Origin("templates/frame.tex", 1),
        *(Origin(TEMPLATE, FIRST_LINE + i) for i in range(len(rows))),
        Origin("templates/frame.tex", 2),
        Origin("templates/frame.tex", 2),
    )
    latex = "\n".join([preamble, *rows, r"\end{document}", ""])
    return Document("alpha", "alpha", View.SOLUTIONS, latex, origins, figures)


def build(folder: Path, body: str, *, limits: Limits = sandbox.DEFAULT_LIMITS) -> Pdf:
    return typeset(document(body), folder / "output", cache=folder / "cache", limits=limits)


def refusal(folder: Path, body: str, *, limits: Limits = sandbox.DEFAULT_LIMITS) -> TexError:
    with pytest.raises(TexError) as caught:
        build(folder, body, limits=limits)
    return caught.value


def line_in_body(error: TexError) -> int:
    assert error.place is not None
    assert error.place.path == Path(TEMPLATE)
    return error.place.line - FIRST_LINE + 1


@pytest.fixture
def figure(tmp_path: Path) -> Path:
    """A figure file: any PDF of one page does."""
    return build(tmp_path / "elsewhere", "A curve.").path


def test_a_good_document_is_published_as_pdf_and_tex(tmp_path: Path) -> None:
    pdf = build(tmp_path, GOOD)
    assert pdf.path == tmp_path / "output" / "alpha.pdf"
    assert pdf.path.read_bytes().startswith(b"%PDF-")
    assert pdf.tex.read_text() == document(GOOD).latex
    assert pdf.pages == 1
    assert pdf.overfull == ()
    assert pdf.tex_version == tex_version()
    assert "pdfTeX" in pdf.tex_version


def test_nothing_but_the_products_is_left_in_the_output_folder(tmp_path: Path) -> None:
    build(tmp_path, GOOD)
    assert sorted(p.name for p in (tmp_path / "output").iterdir()) == ["alpha.pdf", "alpha.tex"]
    assert not (tmp_path / "cache" / "tex" / "alpha" / "job").exists()


def test_the_published_tex_compiles_alone_beside_its_figures(tmp_path: Path, figure: Path) -> None:
    body = GOOD + "\n" + r"\includegraphics[width=3cm]{alpha-figures/loss.pdf}"
    figures = (("alpha-figures/loss.pdf", figure),)
    output = tmp_path / "output"
    typeset(document(body, figures=figures), output, cache=tmp_path / "cache")
    done = subprocess.run(
        ["pdflatex", "-halt-on-error", "-interaction=batchmode", "alpha.tex"],
        cwd=output,
        check=False,
        capture_output=True,
    )
    assert done.returncode == 0


def test_two_runs_in_different_folders_give_the_same_bytes(tmp_path: Path) -> None:
    first = build(tmp_path / "one", GOOD).path.read_bytes()
    second = build(tmp_path / "another" / "deeper", GOOD).path.read_bytes()
    assert first == second


def test_the_bytes_do_not_depend_on_bubblewrap(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with_it = build(tmp_path / "one", GOOD).path.read_bytes()
    monkeypatch.setattr(sandbox, "bubblewrap_works", lambda program: False)
    assert build(tmp_path / "two", GOOD).path.read_bytes() == with_it


def test_a_cold_build_takes_three_passes_at_most_and_an_unchanged_one_takes_one(
    tmp_path: Path,
) -> None:
    contents = r"\tableofcontents" + "\n" + GOOD
    assert 2 <= build(tmp_path, contents).passes <= 3
    assert build(tmp_path, contents).passes == 1


def test_an_edit_that_moves_no_label_takes_one_pass_and_gives_the_bytes_of_a_cold_build(
    tmp_path: Path,
) -> None:
    build(tmp_path, GOOD)
    edited = GOOD.replace(r"\gamma", r"\delta")
    warm = build(tmp_path, edited)
    assert warm.passes == 1
    assert warm.path.read_bytes() == build(tmp_path / "cold", edited).path.read_bytes()


def test_notes_of_an_earlier_build_that_no_longer_fit_are_forgotten(tmp_path: Path) -> None:
    build(tmp_path, r"\newcommand\own{x}\section{\protect\own}" + "\n" + r"\tableofcontents")
    assert build(tmp_path, r"\section{y}" + "\n" + r"\tableofcontents").pages == 1


def test_references_that_never_settle_are_refused(tmp_path: Path) -> None:
    page = r"\expandafter\expandafter\expandafter\@secondoftwo\csname r@x\endcsname"
    restless = (
        rf"\makeatletter\@ifundefined{{r@x}}{{}}{{\ifodd{page}\relax a\newpage\fi}}b\label{{x}}"
    )
    assert "still change after 4 passes" in refusal(tmp_path, restless).message


def test_a_misspelt_command_is_refused_at_its_line_with_the_nearest_name(tmp_path: Path) -> None:
    old = build(tmp_path, GOOD).path.read_bytes()
    error = refusal(tmp_path, GOOD.replace(r"\beta", r"\Beta"))
    assert error.message == r"undefined command \Beta"
    assert line_in_body(error) == 4  # TeX itself says 6, the end of the display
    assert error.got == r"a &= \Beta \\"
    assert error.advice == r"did you mean \beta"
    assert error.exit_code == 4
    assert (tmp_path / "output" / "alpha.pdf").read_bytes() == old
    assert (tmp_path / "output" / "alpha.tex").read_text() == document(GOOD).latex


def test_the_folder_of_a_failed_job_is_kept_and_named(tmp_path: Path) -> None:
    error = refusal(tmp_path, r"\Beta")
    job = tmp_path / "cache" / "tex" / "alpha" / "job"
    assert error.details == (f"the job is kept in {job}",)
    assert (job / "alpha.log").is_file()


def test_several_misspelt_commands_are_reported_by_one_run(tmp_path: Path) -> None:
    with pytest.raises(Failures) as caught:
        build(tmp_path, "\\Alpha\n\n$x^2^3$\n\n\\begin{align}\n\\Beta\n\\end{align}")
    found = [(error.message, error.place.line) for error in caught.value.errors if error.place]
    assert found == [
        (r"undefined command \Alpha", FIRST_LINE),
        ("Double superscript.", FIRST_LINE + 2),
        (r"undefined command \Beta", FIRST_LINE + 5),
    ]


def test_what_tex_says_after_an_error_that_confuses_it_is_not_reported(tmp_path: Path) -> None:
    error = refusal(tmp_path, "\\begin{algin}x\\end{algin}\n\n\\Alpha")
    assert error.message == "Environment algin undefined."


def test_a_misspelt_environment_is_refused_with_the_nearest_name(tmp_path: Path) -> None:
    error = refusal(tmp_path, "Text.\n" + r"\begin{algin}x\end{algin}")
    assert error.message == "Environment algin undefined."
    assert line_in_body(error) == 2
    assert error.advice == "did you mean align"


@pytest.mark.parametrize(
    ("body", "line", "message"),
    [
        ("a\n\\textbf{never\nclosed\n\nb", 2, "File ended while scanning use of \\textbf ."),
        ("a\n{never\nclosed\n\nb", 2, "a brace or \\begingroup opened here is never closed"),
        (
            "a\n\\begin{align}\nx &= y \\\\\nz &= \\frac{1}{2\n\\end{align}\n\nb",
            3,
            "Paragraph ended before \\align was complete.",
        ),
        ("a\n\\[\nx}\n\\]", 3, "Extra }, or forgotten $."),
    ],
)
def test_a_missing_brace_is_refused_where_the_text_around_it_begins(
    tmp_path: Path, body: str, line: int, message: str
) -> None:
    error = refusal(tmp_path, body)
    assert error.message == message
    assert line_in_body(error) == line


def test_an_environment_without_end_is_refused_at_its_beginning(tmp_path: Path) -> None:
    error = refusal(tmp_path, "a\n\\begin{itemize}\n\\item b")
    assert line_in_body(error) == 2
    assert error.message == (r"\begin{itemize} is ended by \end{document} at templates/frame.tex:2")


def test_a_double_superscript_in_a_display_is_refused_at_its_own_line(tmp_path: Path) -> None:
    error = refusal(
        tmp_path, "\\begin{align}\nx &= y^2 \\\\\nz &= x^2^3 \\\\\nw &= 1\n\\end{align}"
    )
    assert error.message == "Double superscript."
    assert line_in_body(error) == 3


def test_an_undefined_reference_is_refused_with_the_nearest_label(tmp_path: Path) -> None:
    error = refusal(tmp_path, GOOD.replace(r"\ref{sec:gradient}", r"\ref{sec:gradeint}"))
    assert error.message == "reference `sec:gradeint' is undefined"
    assert line_in_body(error) == 2
    assert error.advice == "did you mean sec:gradient"


def test_a_link_that_leads_nowhere_is_refused_at_its_line(tmp_path: Path) -> None:
    linked = document("a\n\n\\hyperlink{nowhere}{x}", preamble=LINKED)
    with pytest.raises(TexError) as caught:
        typeset(linked, tmp_path / "output", cache=tmp_path / "cache")
    assert caught.value.message == "the link to `nowhere' leads nowhere"
    assert line_in_body(caught.value) == 3


def test_a_label_given_twice_is_refused_at_the_second(tmp_path: Path) -> None:
    error = refusal(tmp_path, GOOD + "\n\n\\section{Again}\\label{sec:gradient}")
    assert error.message == "label `sec:gradient' is defined twice"
    assert line_in_body(error) == 8


def test_a_glyph_that_the_font_does_not_have_is_refused_at_its_line(tmp_path: Path) -> None:
    error = refusal(tmp_path, "a\n\nb\\char200 c")
    assert "Missing character" in error.message
    assert line_in_body(error) == 3


def test_a_character_that_no_font_is_set_up_for_is_refused_at_its_line(tmp_path: Path) -> None:
    error = refusal(tmp_path, "a\n\nb 李")
    assert "李 (U+674E) not set up for use with LaTeX" in error.message
    assert line_in_body(error) == 3


def test_a_font_that_tex_replaces_is_refused(tmp_path: Path) -> None:
    error = refusal(tmp_path, "a\n\n{\\fontfamily{nosuch}\\selectfont b}")
    assert error.message == "there is no font OT1/nosuch/m/n; TeX took OT1/cmr/m/n"
    assert line_in_body(error) == 3


def test_a_figure_that_is_not_there_is_refused_at_its_line(tmp_path: Path) -> None:
    error = refusal(tmp_path, "a\n\n\\includegraphics{alpha-figures/none.pdf}")
    assert error.message == "File `alpha-figures/none.pdf' not found: using draft setting."
    assert line_in_body(error) == 3


def test_a_figure_that_has_not_been_drawn_is_refused_by_name(tmp_path: Path) -> None:
    wanted = document("a", figures=(("alpha-figures/loss.pdf", tmp_path / "loss.pdf"),))
    with pytest.raises(TexError, match=r"loss\.pdf has not been drawn"):
        typeset(wanted, tmp_path / "output", cache=tmp_path / "cache")


def test_several_defects_are_reported_together(tmp_path: Path) -> None:
    with pytest.raises(Failures) as caught:
        build(tmp_path, "\\ref{one}\n\n\\ref{two}")
    found = [(error.message, error.place.line) for error in caught.value.errors if error.place]
    assert found == [
        ("reference `one' is undefined", FIRST_LINE),
        ("reference `two' is undefined", FIRST_LINE + 2),
    ]


def test_a_line_that_sticks_out_is_reported_with_its_origin_and_does_not_stop_the_build(
    tmp_path: Path,
) -> None:
    long = "x" * 90
    pdf = build(
        tmp_path, f"short\n\n\\begin{{align*}}\na &= b \\\\\nc &= d\n\\end{{align*}}\n{long}"
    )
    (overfull,) = pdf.overfull
    assert overfull.points > 1
    assert overfull.origin == Origin(TEMPLATE, FIRST_LINE + 6)
    assert long in overfull.context


@pytest.mark.parametrize("wrapped", [True, False], ids=["bubblewrap", "bare"])
def test_an_endless_loop_is_stopped_by_the_limit_on_time_and_told_at_its_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, wrapped: bool
) -> None:
    if wrapped and not sandbox.bubblewrap_works(sandbox.find_tex()):
        pytest.skip("bubblewrap does not work here")
    monkeypatch.setattr(sandbox, "bubblewrap_works", lambda program: wrapped)
    error = refusal(tmp_path, "a\n\n\\def\\x{\\x}\n\\x\nb", limits=Limits(cpu_seconds=1))
    assert error.code == "tex-limit"
    assert error.message == "TeX was stopped: it used more than 1 s of CPU time"
    assert line_in_body(error) == 4


def test_endless_pages_are_stopped_by_the_limit_on_file_size(tmp_path: Path) -> None:
    endless = r"\def\x{\pdfliteral{" + "1" * 4000 + r"}a\newpage\x}\pdfcompresslevel=0 \x"
    error = refusal(tmp_path, f"a\n{endless}", limits=Limits(file_bytes=200_000))
    assert error.code == "tex-limit"
    assert error.message == "TeX was stopped: it used more than 200000 bytes for one file"
    assert line_in_body(error) == 2


def test_a_file_of_the_system_cannot_be_read_in(tmp_path: Path) -> None:
    assert Path("/etc/passwd").exists()
    error = refusal(tmp_path, "a\n\\input{/etc/passwd}")
    assert "not found" in error.message
    assert line_in_body(error) == 2


def test_a_primitive_that_reads_files_is_refused_at_its_line(tmp_path: Path) -> None:
    error = refusal(tmp_path, "a\n\\pdfobj stream file {/etc/passwd}")
    assert error.code == "tex-input"
    assert error.message.startswith("pdfobj may not be used")
    assert line_in_body(error) == 2


@pytest.mark.parametrize("wrapped", [True, False], ids=["bubblewrap", "bare"])
def test_a_primitive_whose_name_is_hidden_still_gets_nothing_published(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, wrapped: bool
) -> None:
    if wrapped and not sandbox.bubblewrap_works(sandbox.find_tex()):
        pytest.skip("bubblewrap does not work here")
    monkeypatch.setattr(sandbox, "bubblewrap_works", lambda program: wrapped)
    hidden = (
        r"\csname pdf\string o\string b\string j\endcsname stream file {/etc/passwd}"
        r"\pdfrefobj\pdflastobj a"
    )
    with pytest.raises((TexError, Failures)) as caught:
        build(tmp_path, hidden)
    failure = caught.value
    errors = failure.errors if isinstance(failure, Failures) else (failure,)
    assert any("/etc/passwd" in str(error) for error in errors)
    assert not (tmp_path / "output").exists()


def test_no_command_can_be_run_even_where_the_text_check_is_passed_by(tmp_path: Path) -> None:
    hidden = r"\immediate\csname wri\string te\endcsname18{touch pwned}\typeout{done}a"
    assert build(tmp_path, hidden).pages == 1
    assert list(tmp_path.rglob("pwned")) == []
    # TeX Live 2022 says that the file is not found, later ones that they cannot find it.
    message = refusal(tmp_path, r"\input{|ls}").message
    assert "not found" in message or "can't find" in message


@pytest.mark.parametrize(
    ("body", "what"),
    [
        (r"\href{run:/bin/ls}{x}", "Launch"),
        (r"\href{javascript:alert(1)}{x}", "javascript"),
        (r"\pdfcatalog{/OpenAction << /S /J\string#61vaScript >>}x", "JavaScript"),
        (r"\pdfcatalog{/Names << /EmbeddedFiles 1 0 R >>}x", "EmbeddedFiles"),
    ],
)
def test_a_pdf_that_could_act_on_its_reader_is_not_published(
    tmp_path: Path, body: str, what: str
) -> None:
    acting = document(body, preamble=LINKED)
    with pytest.raises(TexError) as caught:
        typeset(acting, tmp_path / "output", cache=tmp_path / "cache")
    assert caught.value.code == "tex-pdf"
    assert caught.value.message == f"the PDF holds {what}, which is not published"


def test_without_tex_the_error_gives_the_command_that_installs_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    error = refusal(tmp_path, GOOD)
    assert error.code == "tex-missing"
    assert error.advice.startswith("sudo apt-get install texlive-latex-base")


def test_an_output_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "output").write_text("a file stands in the way")
    with pytest.raises(EnvironmentFault) as caught:
        build(tmp_path, GOOD)
    assert caught.value.code == "output"
    assert str(tmp_path / "output") in str(caught.value)
    assert caught.value.exit_code == 5


def test_a_disk_that_fills_up_while_publishing_leaves_the_old_files(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    old = build(tmp_path, GOOD).path.read_bytes()

    def full(descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(EnvironmentFault, match="No space left on device"):
        build(tmp_path, "Another text.")
    assert (tmp_path / "output" / "alpha.pdf").read_bytes() == old
    assert (tmp_path / "output" / "alpha.tex").read_text() == document(GOOD).latex
    assert sorted(p.name for p in (tmp_path / "output").iterdir()) == ["alpha.pdf", "alpha.tex"]


@pytest.mark.parametrize(
    ("said", "free"), [("!pdfTeX error: pdflatex: fwrite() failed", 1 << 30), ("", 4096)]
)
def test_a_disk_that_fills_up_while_tex_runs_is_not_blamed_on_the_document(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, said: str, free: int
) -> None:
    ended = sandbox.Finished(1, "", said)
    usage = SimpleNamespace(free=free)
    monkeypatch.setattr(sandbox, "run_confined", lambda *arguments, **options: ended)
    monkeypatch.setattr(sandbox.shutil, "disk_usage", lambda folder: usage)
    with pytest.raises(EnvironmentFault, match="the disk is full"):
        build(tmp_path, GOOD)


def test_a_figure_that_no_view_names_any_more_is_removed(tmp_path: Path, figure: Path) -> None:
    output = tmp_path / "output"

    def show(name: str, figures: tuple[str, ...]) -> Document:
        body = "\n".join(rf"\includegraphics[width=3cm]{{{file}}}" for file in figures)
        shown = document(f"a\n{body}", figures=tuple((file, figure) for file in figures))
        return Document(name, "alpha", View.SOLUTIONS, shown.latex, shown.origins, shown.figures)

    old, key, new = "alpha-figures/old.pdf", "alpha-figures/key.pdf", "alpha-figures/new.pdf"
    for name, figures in (("alpha-key", (key,)), ("alpha", (old,)), ("alpha", (new,))):
        typeset(show(name, figures), output, cache=tmp_path / "cache")
    assert sorted(p.name for p in (output / "alpha-figures").iterdir()) == ["key.pdf", "new.pdf"]
