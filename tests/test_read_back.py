"""What the printer prints, the reader reads: on random formulas, under every choice of notation.

A few hundred formulas a run; READ_BACK_EXAMPLES=5000 in the environment runs thousands.
"""

import os

import numpy as np
from formulas import VALUES, index_expressions, matrices, notations, vocabulary
from hypothesis import HealthCheck, given, reject, settings

from solutionset.calculus.expressions import Apply, Expr, Group, Term
from solutionset.calculus.indexing import to_index
from solutionset.calculus.matrix import Mat
from solutionset.calculus.normal import equivalent
from solutionset.calculus.rules import contract
from solutionset.calculus.tensors import ONE, CalculusError, Index
from solutionset.model import NotationChoice
from solutionset.notation.matrix_reader import read_matrix
from solutionset.notation.printer import Printer
from solutionset.notation.reader import read_index
from solutionset.notation.vocabulary import Vocabulary
from solutionset.verification.evaluate import index_value, matrix_value

many = settings(
    max_examples=int(os.environ.get("READ_BACK_EXAMPLES", "250")),
    derandomize=True,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)


def printer(names: Vocabulary) -> Printer:
    """The printer of a problem with these names."""
    return Printer(names.naming, names.index_letters_taken)


@many
@given(index_expressions(), notations())
def test_an_index_expression_is_read_back_as_itself(
    drawn: tuple[Expr, tuple[Index, ...]], choice: NotationChoice
) -> None:
    expr, free = drawn
    names = vocabulary(choice)
    latex = printer(names).expr(expr, free)
    read = read_index(latex, names, free)
    with np.errstate(all="ignore"):
        wanted, got = (index_value(e, free, VALUES) for e in (expr, read))
    np.testing.assert_allclose(got, wanted, rtol=1e-9, err_msg=latex)
    if all(map(_keeps_its_powers, expr.terms)):
        assert equivalent(read, expr), latex


@many
@given(matrices(), notations())
def test_a_matrix_expression_is_read_back_as_itself(form: Mat, choice: NotationChoice) -> None:
    names = vocabulary(choice)
    latex = printer(names).matrix(form)
    read = read_matrix(latex, names)
    assert read.shape == form.shape, latex
    with np.errstate(all="ignore"):
        try:
            wanted, got = matrix_value(form, VALUES), matrix_value(read, VALUES)
        except np.linalg.LinAlgError:
            reject()  # The inverse of a singular matrix has no value to compare.
    np.testing.assert_allclose(got, wanted, rtol=1e-6, atol=1e-12, err_msg=latex)


@many
@given(matrices(), notations())
def test_a_matrix_expression_is_read_back_with_the_same_entries(
    form: Mat, choice: NotationChoice
) -> None:
    names = vocabulary(choice)
    corner = [None if dim == ONE else Index(f"'{k}", dim) for k, dim in enumerate(form.shape)]
    try:
        wanted = contract(to_index(form, *corner))
    except CalculusError:
        return  # An inverse or a power of a sum has no entries of its own.
    latex = printer(names).matrix(form)
    read = contract(to_index(read_matrix(latex, names), *corner))
    # A sum in a denominator may be grouped otherwise; the numbers decide about it above.
    if all(map(_keeps_its_powers, wanted.terms)) and not any(map(_groups, wanted.terms)):
        assert equivalent(read, wanted), latex


def _keeps_its_powers(term: Term) -> bool:
    """Whether the normal form sees through the powers: (a + b)^2 and e^{2 x} are written out."""
    return all(
        not (isinstance(atom, Group) and exponent in (2, 3))
        and (not isinstance(atom, Apply) or atom.function.name != "exp" or exponent in (1, -1))
        and all(map(_keeps_its_powers, _inside(atom)))
        for atom, exponent in term.factors
    )


def _groups(term: Term) -> bool:
    return any(
        isinstance(atom, Group) or any(map(_groups, _inside(atom))) for atom, _ in term.factors
    )


def _inside(atom: object) -> tuple[Term, ...]:
    match atom:
        case Apply():
            return atom.argument.terms
        case Group():
            return atom.body.terms
        case _:
            return ()
