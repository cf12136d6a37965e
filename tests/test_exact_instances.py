"""Worked instances: numbers that only just print, and losses that are a single number."""

import numpy as np
import sympy as sp
from author import checked_solution

from solutionset.authoring import (
    Computation,
    Instance,
    Pitfall,
    Solution,
    argument,
    chain,
    define,
    dim,
    elementwise,
    exp,
    gradient,
    jac,
    jacobian,
    matrix,
    scalar,
    trace,
    vector,
)

n, m, k = dim("n"), dim("m"), dim("k")
A, x = matrix("A", m, n), vector("x", n)
sigma = elementwise("sigma")
z = define("z", A @ x)
y = define("y", sigma(z))
layer = Computation("layer", definitions=(z, y), forward=lambda A, x, sigma: sigma(A @ x))


def test_a_sigmoid_at_the_logarithm_of_three_is_worked_out_in_fractions():
    logarithm = sp.log(3)
    at_three = Instance(
        "at_three",
        layer,
        values={A: [[1, 0], [1, -1]], x: [logarithm, 2 * logarithm]},
        functions={sigma: 1 / (1 + sp.exp(-argument))},
        claims=("slopes",),
    )
    solution = Solution(claims=(jacobian("slopes", layer, of=y, wrt=x),), instances=(at_three,))
    worked = checked_solution(solution).instances[0]
    values = dict(worked.values)
    assert values[r"\mathbf{x}"] == r"\begin{pmatrix} \ln 3 \\ 2 \ln 3 \end{pmatrix}"
    assert values[r"\mathbf{y}"] == (r"\begin{pmatrix} \frac{3}{4} \\ \frac{1}{4} \end{pmatrix}")


def test_a_loss_that_is_one_number_is_worked_out_from_its_parts():
    X = matrix("X", n, k)
    loss = define("loss", sp.Rational(1, 2) * trace(X.T @ X))
    squares = Computation(
        "squares", definitions=(loss,), loss=loss, forward=lambda X: np.sum(X * X) / 2
    )
    instance = Instance("small", squares, values={X: [[1, -2], [3, 0]]}, claims=("slope",))
    solution = Solution(claims=(gradient("slope", squares, of=loss, wrt=X),), instances=(instance,))
    values = dict(checked_solution(solution).instances[0].values)
    assert values[r"\mathrm{loss}"] == "7"


def test_exponentials_in_forward_are_worked_out_exactly():
    rates = define("q", exp(x))
    growth = Computation("growth", definitions=(rates,), forward=lambda x: np.exp(x))
    instance = Instance("small", growth, values={x: [sp.log(2), sp.log(3)]}, claims=("slopes",))
    claim = jacobian("slopes", growth, of=rates, wrt=x)
    worked = checked_solution(Solution(claims=(claim,), instances=(instance,))).instances[0]
    assert worked.lines[-1][1].right.endswith(r"\begin{pmatrix} 2 & 0 \\ 0 & 3 \end{pmatrix}")


def test_a_negative_fraction_that_is_the_result_itself_is_printed_once():
    a, b = scalar("a"), scalar("b")
    ratio = define("ratio", b / a)
    quotient = Computation("quotient", definitions=(ratio,), loss=ratio, forward=lambda a, b: b / a)
    instance = Instance("small", quotient, values={a: -6, b: -8}, claims=("slope",))
    claim = gradient("slope", quotient, of=ratio, wrt=b)
    worked = checked_solution(Solution(claims=(claim,), instances=(instance,))).instances[0]
    assert worked.lines[-1][1].right == r"-\frac{1}{6}"


def test_a_pitfall_on_a_slope_in_one_number_is_shown_on_the_instance():
    number = scalar("a")
    value = define("b", exp(-number))
    decay = Computation("decay", definitions=(value,), forward=lambda a: np.exp(-a))
    solution = Solution(
        claims=(
            jacobian("named", decay, of=value, wrt=number),
            chain("slope", decay, jac(value, number), (-value, "chain rule")),
        ),
        instances=(Instance("small", decay, values={number: sp.log(3)}, claims=("named",)),),
        pitfalls=(Pitfall("inner", "No inner derivative.", "slope", lambda: value),),
    )
    (pitfall,) = checked_solution(solution).pitfalls
    assert pitfall.consequence == (
        r"On the worked instance it gives $\frac{1}{3}$ instead of $-\frac{1}{3}$."
    )
