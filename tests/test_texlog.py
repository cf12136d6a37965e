"""Reading TeX's log back: each kind of complaint, and whose line it is."""

from solutionset.building.texlog import Box, Problem, blame, blame_box, parse

IN_A_DISPLAY = r"""
./alpha.tex:12: Undefined control sequence.
<argument>  a &= b\\ c &= \Beta
                                + 1
l.12 \end{align*}

The control sequence at the end of the top line
./alpha.tex:12:  ==> Fatal error occurred, no output PDF file produced!
"""

MISSING_FILE = r"""
! LaTeX Error: File `none.tex' not found.

Type X to quit or <RETURN> to proceed,

Enter file name:
./alpha.tex:3: Emergency stop.
<read *>

l.3 \input{none}
                ^^M
"""

UNICODE = """
./alpha.tex:7: LaTeX Error: Unicode character 李 (U+674E)
               not set up for use with LaTeX.

See the LaTeX manual or LaTeX Companion for explanation.
 ...

l.7 b 李

"""

RUNAWAY = r"""
Runaway argument?
{unclosed more \par next \end {document}
! File ended while scanning use of \textbf .
<inserted text>
                \par
<*> \input{alpha.tex}
"""

WARNINGS = r"""
LaTeX Warning: Label `twice' multiply defined.

LaTeX Warning: Reference `here' on page 1 undefined on input line 7.

LaTeX Warning: Reference `here' on page 1 undefined on input line 7.

LaTeX Font Warning: Font shape `T1/ppl/bx/sc' undefined
(Font)              using `T1/ppl/bx/n' instead on input line 9.

LaTeX Font Warning: Font shape `OMS/ppl/m/n' undefined
(Font)              using `OMS/cmsy/m/n' instead on input line 9.

Missing character: There is no x in font nullfont!
(\end occurred inside a group at level 1)

### simple group (level 1) entered at line 5 ({)
### bottom level
pdfTeX warning (dest): name{nowhere} has been referenced but does not exist, replaced by a fixed one
Output written on alpha.pdf (11 pages, 21766 bytes).
"""

BOXES = r"""
Overfull \hbox (290.7pt too wide) in paragraph at lines 7--9
[]\OT1/cmr/m/n/10 See [] and \OT1/cmtt/m/n/10 averylongword
 []

Overfull \hbox (0.99pt too wide) in paragraph at lines 7--9
[]\OT1/cmr/m/n/10 hardly seen
 []

Overfull \hbox (215.3pt too wide) detected at line 4
\OML/cmm/m/it/10 abc
 []

Overfull \vbox (12.5pt too high) has occurred while \output is active []
"""


def test_an_error_in_a_display_carries_what_tex_had_read_and_the_command() -> None:
    (error,) = parse(IN_A_DISPLAY).errors
    assert error == Problem(
        "Undefined control sequence.",
        file="alpha.tex",
        line=12,
        tail=r"a &= b\\ c &= \Beta",
        command=r"\Beta",
    )


def test_a_missing_file_takes_its_line_from_the_stop_that_follows() -> None:
    (error,) = parse(MISSING_FILE).errors
    assert (error.message, error.line) == ("File `none.tex' not found.", 3)


def test_a_message_over_two_lines_is_joined() -> None:
    (error,) = parse(UNICODE).errors
    assert error.message == "Unicode character 李 (U+674E) not set up for use with LaTeX."


def test_an_argument_that_never_ends_carries_its_beginning() -> None:
    (error,) = parse(RUNAWAY).errors
    assert error.head.startswith("{unclosed more")
    assert error.line == 0


def test_defects_that_do_not_stop_tex_are_found_once_each() -> None:
    log = parse(WARNINGS)
    assert [(defect.message, defect.line) for defect in log.defects] == [
        ("reference `here' is undefined", 7),
        ("label `twice' is defined twice", 0),
        ("the link to `nowhere' leads nowhere", 0),
        ("Missing character: There is no x in font nullfont", 0),
        ("there is no font T1/ppl/bx/sc; TeX took T1/ppl/bx/n", 9),
        ("a brace or \\begingroup opened here is never closed", 5),
    ]
    assert log.errors == ()
    assert log.pages == 11


def test_boxes_over_one_point_are_reported_without_font_names() -> None:
    assert parse(BOXES).overfull == (
        Box(290.7, r"\hbox", 7, 9, "See  and averylongword"),
        Box(215.3, r"\hbox", 4, 4, "abc"),
        Box(12.5, r"\vbox", 0, 0, ""),
    )


def test_a_log_without_complaint_has_none() -> None:
    log = parse("This is pdfTeX\nOutput written on alpha.pdf (1 page, 100 bytes).\n")
    assert (log.errors, log.defects, log.overfull, log.pages) == ((), (), (), 1)


def test_an_error_at_the_end_of_a_display_is_blamed_on_the_line_that_holds_the_text() -> None:
    lines = [r"\begin{align*}", r" a &= b\\", r" c &= \Beta + 1", " d &= 2", r"\end{align*}"]
    assert blame(Problem("", line=5, tail=r"a &= b\\ c &= \Beta"), lines) == 3


def test_of_two_lines_with_the_same_command_the_one_tex_was_reading_is_blamed() -> None:
    lines = [r"\begin{align*}", r" a &= \Beta\\", r" c &= \Beta", r"\end{align*}"]
    assert blame(Problem("", line=4, tail=r"a &= \Beta"), lines) == 2


def test_text_of_an_earlier_display_is_not_blamed() -> None:
    lines = [r"\begin{align*}", "x &= y^2^3", r"\end{align*}"] * 2
    assert blame(Problem("", line=6, tail="x &= y^2^"), lines) == 5


def test_an_argument_without_end_is_blamed_on_the_line_where_it_starts() -> None:
    lines = ["a", r"\textbf{unclosed", "more", "", "next"]
    assert blame(Problem("", head=r"{unclosed more \par next"), lines) == 2


def test_an_error_noticed_at_an_empty_line_is_blamed_on_the_text_above() -> None:
    assert blame(Problem("", line=3), ["a", "b $c", "", "d"]) == 2


def test_an_error_of_another_file_whose_text_is_not_in_the_document_has_no_line() -> None:
    assert blame(Problem("", tail=r"\internal"), ["a", "b"]) == 0


def test_a_wide_display_is_blamed_on_its_line_and_not_on_its_end() -> None:
    assert blame_box(Box(9.0, r"\hbox", 3, 3, "xxxxx"), [r"\[", "xxxxx", r"\]"]) == 2


def test_a_box_of_a_page_has_no_line() -> None:
    assert blame_box(Box(9.0, r"\vbox", 0, 0, ""), ["a"]) == 0
