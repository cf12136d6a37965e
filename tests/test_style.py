"""The look of the page: boxes that break, lines that fit, words for who cannot see a figure."""

import re
import subprocess
import zlib
from pathlib import Path

import pytest

from solutionset.building.typeset import typeset
from solutionset.model import Document, Origin, Pdf, View

STYLE = Path(__file__).parents[1] / "templates" / "style.tex"
SENTENCE = "A sentence of a length that fills more than half of a line of the text. "
SMALL_PAGE = r"\pdfpagewidth=200pt \pdfpageheight=80pt A figure."
LONG = r"\sum_{a}\Bigl(y_a - p\sum_{i} X_{ai}w_i\Bigr)^2 + " * 4 + r"p(1-p)\sum_{i} w_i^2"


@pytest.fixture(scope="module")
def style() -> str:
    return STYLE.read_text(encoding="utf-8")


def print_body(body: str, style: str, folder: Path, *figures: tuple[str, Path]) -> Pdf:
    text = "\\documentclass[11pt]{article}\n" + style + "\\begin{document}\n" + body
    latex = text + "\n\\end{document}\n"
    origins = tuple(Origin("templates/style.tex", i) for i, _ in enumerate(latex.split("\n"), 1))
    document = Document("look", "look", View.SOLUTIONS, latex, origins, figures)
    return typeset(document, folder / "output", cache=folder / "cache")


def pages_of(pdf: Pdf) -> list[list[str]]:
    """The lines of each page, the page number left out."""
    command = ["pdftotext", "-layout", str(pdf.path), "-"]
    text = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    pages = text.removesuffix("\f").split("\f")
    return [[line.strip() for line in page.split("\n") if line.strip()][:-1] for page in pages]


def question_at(points: int, paragraphs: int) -> str:
    filler = rf"\newpage\null\vskip{points}pt\ssproblem{{at{points}}}{{Heading {points}}}{{sheet}}"
    box = rf"\begin{{ssquestion}}{f'{SENTENCE * 4}{chr(10) * 2}' * paragraphs}\end{{ssquestion}}"
    return f"{filler}\n{box}\n\\sspart{{Part {points}}}\nThe text of the part.\n"


def test_a_box_is_cut_at_the_end_of_a_page_and_loses_no_line(style: str, tmp_path: Path) -> None:
    pdf = print_body(question_at(300, 30), style, tmp_path)

    words = " ".join(line for page in pages_of(pdf) for line in page)
    assert words.count("A sentence of a length") == 120
    assert pdf.pages > 2
    assert pdf.overfull == ()


def test_a_short_box_is_not_cut(style: str, tmp_path: Path) -> None:
    body = "".join(
        rf"\newpage\null\vskip{points}pt Before.\par"
        rf"\begin{{sserratum}}{{gap}}{{here}}{SENTENCE * 6}The end.\end{{sserratum}}"
        for points in range(480, 660, 12)
    )
    for page in pages_of(print_body(body, style, tmp_path)):
        text = " ".join(page)
        assert text.count("Erratum") == text.count("The end.")


def test_no_heading_stands_at_the_foot_of_a_page(style: str, tmp_path: Path) -> None:
    body = "".join(question_at(points, 3) for points in range(0, 660, 20))

    last_lines = [page[-1] for page in pages_of(print_body(body, style, tmp_path)) if page]

    assert [line for line in last_lines if re.match(r"(\d+ +Heading|Part) ", line)] == []


def test_a_box_after_lines_that_no_longer_fit_shares_the_page_with_them(
    style: str, tmp_path: Path
) -> None:
    lines = r"\ssline{a}{=}{b + c}{a reason}" * 3
    places = range(560, 700, 5)
    body = "".join(
        rf"\newpage\null\vskip{points}pt The numbers:"
        rf"\begin{{ssderivation}}{lines}\end{{ssderivation}}"
        rf"\begin{{sserratum}}{{gap}}{{here}}{SENTENCE * 3}\end{{sserratum}}"
        for points in places
    )
    assert print_body(body, style, tmp_path).pages <= 2 * len(places)


def test_a_formula_wider_than_the_text_is_broken_outside_of_brackets(
    style: str, tmp_path: Path
) -> None:
    lines = rf"\ssline{{x}}{{=}}{{{LONG}}}{{the reason}}"

    pdf = print_body(rf"\begin{{ssderivation}}{lines}\end{{ssderivation}}", style, tmp_path)

    assert pdf.overfull == ()
    assert not any(line.startswith("\N{MINUS SIGN} p)") for line in pages_of(pdf)[0])


EXPECTED = r"\operatorname{E}\left[ " + LONG + r" - w \right] = \left\lVert w \right\rVert"


def test_a_long_expectation_is_broken_inside_its_brackets(style: str, tmp_path: Path) -> None:
    line = rf"\ssline{{x}}{{=}}{{{EXPECTED}}}{{the reason}}"

    pdf = print_body(rf"\begin{{ssderivation}}{line}\end{{ssderivation}}", style, tmp_path)

    assert pdf.overfull == ()


def test_a_line_that_begins_with_minus_has_no_gap_behind_it(style: str, tmp_path: Path) -> None:
    row = r"\ssline{y}{=}{-x}{}"

    pdf = print_body(rf"\begin{{ssderivation}}{row}\end{{ssderivation}}", style, tmp_path)

    assert "y = \N{MINUS SIGN}x" in " ".join(pages_of(pdf)[0])


def test_reasons_stand_at_one_place_whatever_the_formulas(style: str, tmp_path: Path) -> None:
    rows = [("x", "y"), ("", r"\frac{a}{b} + c + d + e"), (r"\frac{x}{y}", "z"), ("q", LONG)]
    body = "".join(
        rf"\begin{{ssderivation}}\ssline{{{left}}}{{=}}{{{right}}}{{reason}}\end{{ssderivation}}"
        for left, right in rows
    )
    pdf = print_body(body, style, tmp_path)

    command = ["pdftotext", "-bbox", str(pdf.path), "-"]
    text = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    places = re.findall(r'xMin="([0-9.]+)"[^>]*>reason<', text)
    assert len(places) == 4
    assert len(set(places)) == 1


def test_the_alt_text_of_a_figure_is_in_the_page(style: str, tmp_path: Path) -> None:
    figure = tmp_path / "figure.pdf"
    figure.write_bytes(print_body(SMALL_PAGE, style, tmp_path / "drawn").path.read_bytes())
    body = r"\ssfigure{paths}{look-figures/a.pdf}{Two paths (short and long) meet}{Caption.}"

    pdf = print_body(body, style, tmp_path, ("look-figures/a.pdf", figure))

    streams = re.findall(rb"stream\r?\n(.*?)\r?\nendstream", pdf.path.read_bytes(), re.DOTALL)
    contents = b"".join(inflated(stream) for stream in streams)
    assert rb"/Span<</Alt (Two paths \(short and long\) meet)>>BDC" in contents


def inflated(stream: bytes) -> bytes:
    """What a compressed stream holds; nothing for one that is not compressed so."""
    try:
        return zlib.decompress(stream)
    except zlib.error:
        return b""


def test_a_mark_is_a_link_to_its_row_in_the_ledger(style: str, tmp_path: Path) -> None:
    mark = r"\ssproblem{res\_net}{P}{s}\ssresult{x=y}{}{\ssmark{grad\_V}{51}{verified}}"
    row = r"\ssledgerrow{res\_net.grad\_V}{Gradient}{exact}{0}{1}{1}{1}{none}"

    pdf = print_body(rf"{mark}\begin{{ssledger}}{row}\end{{ssledger}}", style, tmp_path)

    contents = pdf.path.read_bytes()
    streams = re.findall(rb"stream\r?\n(.*?)\r?\nendstream", contents, re.DOTALL)
    inside = contents + b"".join(inflated(stream) for stream in streams)
    assert len(re.findall(rb"\(res-net\.grad-V\)", inside)) >= 2  # the link and where it leads
