r"""The independent scan of a finished `.tex`: what it finds, what it takes for checked."""

import pytest

from solutionset.building.coverage import Coverage, coverage, normalise_math, scan_relations


def found(tex: str) -> list[tuple[int, str]]:
    return [(formula.line, formula.latex) for formula in scan_relations(tex)]


@pytest.mark.parametrize(
    ("tex", "formulas"),
    [
        (r"\[ a = b \]", [(1, "a = b")]),
        ("text\n\n$$ a = b $$", [(3, "a = b")]),
        ("\\begin{align*}\n a &= b \\\\\n c &= d\n\\end{align*}", [(2, "a &= b"), (3, "c &= d")]),
        (r"\begin{equation} f(x) \end{equation}", [(1, "f(x)")]),
        (r"Let $a = b$ and $c \le d$.", [(1, "a = b"), (1, r"c \le d")]),
        (r"\(a \approx b\)", [(1, r"a \approx b")]),
        (r"\ssline{a}{=}{b}{since $c = d$}", [(1, "a=b"), (1, "c = d")]),
        (r"\ssresult{a = b}{\in\mathbb{R}}{}", [(1, "a = b")]),
        (r"\ssvalue{x}{3}", [(1, "x=3")]),
        (r"\[ x \text{ where $a = b$} \]", [(1, r"x \text{ where $a = b$}"), (1, "a = b")]),
        ("\\newcommand{\\x}{$a = b$}\n\\begin{document}\n$c = d$", [(3, "c = d")]),
        (
            "$a=b$\n\\ssproblem{x}\n$c=d$\n\\ssappendix{y}\n$c=d$",
            [(1, "a=b"), (3, "c=d"), (5, "c=d")],
        ),
    ],
)
def test_each_line_of_a_display_and_each_inline_relation_is_found(
    tex: str, formulas: list[tuple[int, str]]
) -> None:
    assert found(tex) == formulas


@pytest.mark.parametrize(
    "tex",
    [
        r"for $k = 1, \dots, L$",
        r"for $i,j=1,\ldots,n$",
        r"for $T = 2..6$",
        r"where $W \in \mathbb{R}^{m \times n}$ and $f \colon A \to B$",
        r"the sum $\sum_{k=1}^{n} x_{i \neq k}$",
        "% the relation $a = b$ is a comment",
        r"it costs \$5 = five dollars and 5\$",
        r"\begin{ssnotation}We write $a = b$.\end{ssnotation}",
    ],
)
def test_what_states_no_relation_is_not_counted(tex: str) -> None:
    assert found(tex) == []


@pytest.mark.parametrize(
    "latex",
    [
        r"k = 1, \dots, a = b",
        r"x = (1, \dots, n)",
        r"P = W_1 \cdots W_L",
        r"\mathbf{x} = 1, \dots, n",
        r"s = 1 + \dots + n",
    ],
)
def test_a_relation_that_looks_like_an_index_range_is_counted(latex: str) -> None:
    assert found(f"${latex}$") == [(1, latex)]


@pytest.mark.parametrize(
    ("latex", "normal"),
    [
        (r" a  &= \sigma  x ", r"a=\sigma x"),
        (r"\boxed{a = b}.", "a=b"),
        (r"a \, = \; b,", "a=b"),
        (r"\begin{aligned} a &= b \\ & + c\end{aligned}", "a=b+c"),
        (r"\begin{pmatrix} 1 & 2 \\ 3 & 4 \end{pmatrix}", r"\begin{pmatrix}1&2\\3&4\end{pmatrix}"),
    ],
)
def test_spacing_frames_and_the_full_stop_do_not_count(latex: str, normal: str) -> None:
    assert normalise_math(latex) == normal


CHECKED = frozenset(
    {r"\frac{\partial L}{\partial W} = G x^{\top}", "= G A", "G = H", r"a + b = c + d", "x = 1"}
)


@pytest.mark.parametrize(
    "tex",
    [
        r"\[ \frac{\partial L}{\partial W} = G x^{\top}. \]",
        r"\[ \boxed{\frac{\partial L}{\partial W} = G x^{\top}} \tag{1} \]",
        r"\begin{align*}"
        r"\frac{\partial L}{\partial W} &= Gx^{\top} && \text{rule} \\ &= GA"
        r"\end{align*}",
        r"$\frac{\partial L}{\partial W} = G x^{\top} = G A$",
        r"\begin{align} a + b &= c \\ &\quad + d \end{align}",
        r"\[ G = H, \qquad \text{and} \quad x = 1 \]",
    ],
)
def test_a_formula_is_covered_however_it_is_laid_out(tex: str) -> None:
    counted = coverage(tex, CHECKED)

    assert counted.unchecked == ()
    assert counted.checked == counted.displayed > 0


@pytest.mark.parametrize(
    ("tex", "unchecked"),
    [
        ("\n$G = A$", (2, "G = A")),
        (r"\[ G \le H \]", (1, r"G \le H")),
        (r"\[ G x^{\top} \]", (1, r"G x^{\top}")),
        (r"$G = H = G x^{\top}$", (1, r"G = H = G x^{\top}")),
        (r"$A = G A$", (1, "A = G A")),
        (r"\[ G = H, \quad x = 2 \]", (1, r"G = H, \quad x = 2")),
        (r"\[ G = H \text{ or } x = 2 \]", (1, r"G = H \text{ or } x = 2")),
        (r"\ssline{x}{=}{2}{}", (1, "x=2")),
    ],
)
def test_a_formula_that_was_not_checked_is_listed_with_its_line(
    tex: str, unchecked: tuple[int, str]
) -> None:
    assert coverage(tex, CHECKED) == Coverage(displayed=1, checked=0, unchecked=(unchecked,))


def test_a_transposed_table_of_numbers_is_not_the_one_that_was_checked() -> None:
    checked = frozenset({r"A = \begin{pmatrix} 1 & 2 \\ 3 & 4 \end{pmatrix}"})

    counted = coverage(r"\[ A = \begin{pmatrix} 1 & 3 \\ 2 & 4 \end{pmatrix} \]", checked)

    assert counted.checked == 0
