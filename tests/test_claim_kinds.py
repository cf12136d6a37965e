"""Every kind of claim: one that holds, printed as expected, and one that is refused."""

from dataclasses import replace

import numpy as np
import pytest
import sympy as sp
from author import checked, checked_solution

from solutionset.authoring import (
    Computation,
    CountRow,
    Quantity,
    Solution,
    Survivor,
    argument,
    at,
    bound,
    chain,
    count,
    counterexample,
    define,
    dim,
    elementwise,
    expectation,
    experiment,
    grad,
    gradient,
    hypothesis,
    identity,
    identity_of,
    inverse,
    jac,
    limit,
    literal,
    matrix,
    minimisers,
    norm,
    number,
    ones,
    optimum,
    order,
    parameter,
    power,
    relation,
    scalar,
    spectral_norm,
    tanh,
    theorem,
    vector,
)
from solutionset.calculus.moments import Bernoulli, expected
from solutionset.calculus.tensors import CalculusError
from solutionset.errors import AuthorError, ClaimError
from solutionset.model import Hypothesis

n, m = dim("n"), dim("m")
A, B, x, u = matrix("A", m, n), matrix("B", n, m), vector("x", n), vector("u", n)
y = vector("y", m)
sigma = elementwise("sigma")


# ---------------------------------------------------------------------------------- order

t = parameter("t", 0.1, 0.2)
z = define("z", A @ x)
g = define("g", sigma(z))


def straight_forward(A, x, u, sigma):
    return {"z": A @ x, "g": sigma(A @ x), "w": A @ u}


w = define("w", A @ u)
line = Computation(
    "line", definitions=(z, w, g), forward=straight_forward, parameters=(t,), argument=x
)


def remainder(direction):
    step = number(t)
    return norm(at(g, x, x + step * u) - g - step * direction)


def test_the_remainder_of_the_right_jacobian_is_of_order_two():
    claim = checked(order("r", line, remainder(jac(g, z) @ w), t, 2))
    assert claim.result == (
        r"\lVert \mathbf{g}(\mathbf{x} + t \mathbf{u}) - \mathbf{g} "
        r"- t J\mathbf{g}(\mathbf{z}) \mathbf{w} \rVert = O( t^{2} )"
    )


def test_a_remainder_that_is_a_vector_has_the_shape_of_a_vector():
    step = number(t)
    change = at(g, x, x + step * u) - g - step * jac(g, z) @ w
    assert checked(order("r", line, change, t, 2)).shape == ("m",)
    assert checked(order("r", line, norm(change), t, 2)).shape == ()


def test_the_remainder_of_a_wrong_jacobian_is_refused():
    with pytest.raises(ClaimError, match="the order is another one"):
        checked(order("r", line, remainder(w), t, 2))


# ---------------------------------------------------------------------------------- bound

product_norm = define("P", A @ B)
product_of_two = Computation("two", definitions=(product_norm,), forward=lambda A, B: A @ B)


def rank_one(rng, shape):
    return np.ones(shape)


def test_a_product_is_no_longer_than_the_product_of_the_norms():
    claim = checked(
        bound(
            "submultiplicative",
            product_of_two,
            spectral_norm(product_norm),
            spectral_norm(A) * spectral_norm(B),
            tight={A: rank_one, B: rank_one},
        )
    )
    assert claim.result == (
        r"\lVert \mathbf{P} \rVert_2 \le \lVert \mathbf{A} \rVert_2 \lVert \mathbf{B} \rVert_2"
    )


def test_a_bound_entry_by_entry_has_the_shape_of_its_sides():
    share = define("q", x * x)
    squared = Computation("squared", definitions=(share,), forward=lambda x: x * x)
    claim = checked(bound("least", squared, share, x * x, tight={x: rank_one}))
    assert claim.shape == ("n",)


def test_a_bound_that_only_the_largest_entries_obey_is_refused():
    share = define("q", x * x)
    squared = Computation("squared", definitions=(share,), forward=lambda x: x * x)
    all_others = (x.T @ x) * ones(n) - x * x  # its largest entry is never below that of x * x
    with pytest.raises(ClaimError, match="the bound does not hold"):
        checked(bound("others", squared, share, all_others, tight={x: rank_one}))


def test_a_bound_that_fails_on_a_sample_is_refused_with_the_quotient():
    with pytest.raises(ClaimError, match="the bound does not hold"):
        checked(
            bound(
                "wrong",
                product_of_two,
                spectral_norm(A) * spectral_norm(B),
                spectral_norm(product_norm),
                tight={A: rank_one, B: rank_one},
            )
        )


def test_a_bound_that_nothing_attains_is_refused():
    with pytest.raises(ClaimError, match="meant to attain the bound do not"):
        checked(
            bound(
                "loose",
                product_of_two,
                spectral_norm(product_norm),
                2 * spectral_norm(A) * spectral_norm(B),
                tight={A: rank_one, B: rank_one},
            )
        )


energy = define("energy", y.T @ y, symbol="E")
length = Computation("length", definitions=(energy,), forward=lambda y: y @ y)
mixed = define("mixed", x.T @ u, symbol="M")
angle = Computation("angle", definitions=(mixed,), forward=lambda x, u: x @ u)


def no_data(rng, shape):
    return np.zeros(shape)


def test_a_square_is_not_negative():
    claim = checked(bound("sign", length, number(0), energy, tight={y: no_data}))
    assert claim.result == r"0 \le E"


def test_what_may_be_negative_is_refused():
    with pytest.raises(ClaimError, match="the bound does not hold"):
        checked(bound("sign", angle, number(0), mixed, tight={x: no_data}))


def test_what_is_always_positive_is_more_than_not_negative():
    more = define("more", energy + number(1), symbol="F")
    above = Computation("above", definitions=(energy, more), forward=lambda y: y @ y + 1)
    with pytest.raises(ClaimError, match="meant to attain the bound do not") as caught:
        checked(bound("sign", above, number(0), more, tight={y: no_data}))
    assert caught.value.got == "right = 1"


def test_what_is_zero_everywhere_has_no_sign():
    nothing = replace(length, samplers={y.leaf: no_data})
    with pytest.raises(ClaimError, match="wrong variants pass the check"):
        checked(bound("sign", nothing, number(0), energy, tight={y: no_data}))


# ---------------------------------------------------------------------------- expectation

p = parameter("p", 0.2, 0.9)
S, d = dim("S"), dim("d")
X, R, v = matrix("X", S, d), matrix("R", S, d), vector("v", d)
target = vector("q", S)
residual = define("e", target - (R * X) @ v)
squares = define("ell", residual.T @ residual)
dropout = Computation(
    "dropout",
    definitions=(residual, squares),
    loss=squares,
    forward=lambda q, R, X, v: np.sum((q - (R * X) @ v) ** 2),
    parameters=(p,),
    sizes={S: 2, d: 3},
)


def identity_of_dropout(coefficient):
    mean = target - number(p) * (X @ v)
    spread = (X * X) @ (v * v)
    return mean.T @ mean + number(coefficient) * (ones(S).T @ spread)


def test_the_dropout_loss_is_a_ridge_loss():
    right = identity_of_dropout(p.symbol * (1 - p.symbol))
    claim = checked(expectation("ridge", dropout, squares, right, mask=R, probability=p))
    assert claim.verdict.oracle == "enumeration"
    assert claim.verdict.second_opinions == ("monte-carlo",)


def test_a_wrong_variance_is_refused_by_enumeration():
    with pytest.raises(ClaimError, match="not what the oracle computes"):
        checked(
            expectation(
                "ridge", dropout, squares, identity_of_dropout(p.symbol), mask=R, probability=p
            )
        )


def ridge():
    right = identity_of_dropout(p.symbol * (1 - p.symbol))
    return expectation("ridge", dropout, squares, right, mask=R, probability=p, title="Ridge")


def test_the_dropout_loss_is_derived_line_by_line_and_proved_by_normal_form():
    claim = checked(ridge())

    assert [(line.left, line.right, line.because) for line in claim.lines[:2]] == [
        (
            r"\operatorname{E}[ \ell ]",
            r"\operatorname{E}[ \sum_{l} q_l^{2} - 2 \sum_{l,m} q_l R_{lm} X_{lm} v_m "
            r"+ \sum_{l,m,r} R_{lm} X_{lm} v_m R_{lr} X_{lr} v_r ]",
            "write out what the mask is in",
        ),
        (
            "",
            r"\sum_{l} q_l^{2} - 2 p \sum_{l,m} q_l X_{lm} v_m "
            r"+ p^{2} \sum_{l,m,r} X_{lm} v_m X_{lr} v_r + p (1 - p) \sum_{l,m} X_{lm}^{2} v_m^{2}",
            r"the entries of $\mathbf{R}$ are independent, one with probability $p$",
        ),
    ]
    assert claim.result.startswith(r"\operatorname{E}[ \ell ] = (\mathbf{q} - p")
    assert claim.verdict.note == "the last line follows from the moments by normal form"
    assert claim.verdict.mutants.killed >= 80
    assert claim.verdict.mutants.survived == 0


def test_a_wrong_moment_is_refused_at_its_line(monkeypatch):
    monkeypatch.setattr(
        "solutionset.verification.expectation.expected",
        lambda expr, over, law: expected(expr, over, Bernoulli(law.probability**2)),
    )
    with pytest.raises(ClaimError, match=r"line 2 \(the entries of .* is not what the oracle"):
        checked(ridge())


def test_the_expectation_of_a_matrix_is_derived_entry_by_entry():
    b = vector("b", d)
    pairs = define("B", b @ b.T)
    row = Computation(
        "row", definitions=(pairs,), forward=lambda b: np.outer(b, b), parameters=(p,), sizes={d: 3}
    )
    right = number(p.symbol**2) * (ones(d) @ ones(d).T) + p.symbol * (1 - p.symbol) * identity(d)

    claim = checked(expectation("pairs", row, pairs, right, mask=b, probability=p))

    assert [(line.left, line.right) for line in claim.lines[:2]] == [
        (r"\operatorname{E}[ B_{ij} ]", r"\operatorname{E}[ b_i b_j ]"),
        ("", r"p^{2} + p (1 - p) \delta_{ij}"),
    ]
    assert claim.lines[2].left == r"\operatorname{E}[ \mathbf{B} ]"


def test_a_mask_may_have_a_fixed_probability():
    b, half, third = vector("b", d), sp.Rational(1, 2), sp.Rational(1, 3)
    signs = define("s", 2 * b - ones(d))
    squared = define("S", signs @ signs.T)
    walk = Computation(
        "walk",
        definitions=(signs, squared),
        forward=lambda b: {"s": 2 * b - 1, "S": np.outer(2 * b - 1, 2 * b - 1)},
        sizes={d: 3},
    )
    claim = checked(expectation("one", walk, squared, identity(d), mask=b, probability=half))
    assert claim.lines[-1].right == r"\mathbf{I}_{d}"
    with pytest.raises(ClaimError, match="not what the oracle computes"):
        checked(expectation("one", walk, squared, identity(d), mask=b, probability=third))


def test_a_mask_inside_a_function_leaves_the_enumeration_alone():
    c = scalar("c")
    h = define("h", tanh(c * target))
    bent = Computation(
        "bent", definitions=(h,), forward=lambda c, q: np.tanh(c * q), parameters=(p,), sizes={S: 2}
    )

    claim = checked(expectation("bent", bent, h, number(p) * tanh(target), mask=c, probability=p))

    assert len(claim.lines) == 1
    assert claim.verdict.note == (
        "the last line is compared with the enumeration, not proved by normal form"
    )


# ---------------------------------------------------------------------- exact, count, runs


def test_a_counterexample_is_decided_exactly():
    nilpotent = literal([[0, 2], [0, 0]])
    claim = checked(
        counterexample(
            "norms",
            relation(spectral_norm(nilpotent), "=", 2),
            relation(spectral_norm(nilpotent @ nilpotent), "=", 0),
        )
    )
    assert claim.result == (
        r"\left\lVert \begin{pmatrix} 0 & 2 \\ 0 & 0 \end{pmatrix} "
        r"\begin{pmatrix} 0 & 2 \\ 0 & 0 \end{pmatrix} \right\rVert_2 = 0"
    )


def test_a_logarithm_is_read_back_in_an_exact_relation():
    doubles = relation(number(709), "<", number(1024 * sp.log(2)))
    claim = checked(counterexample("overflow", doubles))
    assert (claim.result, claim.verdict.read_back) == (r"709 < 1024 \ln 2", "equal")


def test_a_false_counterexample_is_refused():
    with pytest.raises(ClaimError, match="line 1"):
        checked(counterexample("norms", relation(norm(literal([3, 4])), "=", 6)))


def test_a_count_agrees_with_its_closed_form():
    a, b = sp.symbols("a b", integer=True, positive=True)
    claim = checked(count("layer", CountRow("weights", 35, a * b, {"a": 5, "b": 7})))
    assert claim.table == (("weights", "a b", "35"),)


def test_a_cell_that_differs_from_its_closed_form_is_refused():
    a = sp.Symbol("a", integer=True, positive=True)
    with pytest.raises(ClaimError, match="weights counts differently"):
        checked(count("layer", CountRow("weights", 36, a**2, {"a": 5})))


def test_sizes_at_which_another_closed_form_counts_the_same_are_refused():
    a, b = sp.symbols("a b", integer=True, positive=True)
    with pytest.raises(ClaimError, match=r"the list cannot tell a \+ b from a\*b"):
        checked(count("layer", CountRow("weights", 4, a + b, {"a": 2, "b": 2})))


def test_rows_of_one_closed_form_decide_together():
    a, b = sp.symbols("a b", integer=True, positive=True)
    rows = (
        CountRow("a square", 4, a * b, {"a": 2, "b": 2}),
        CountRow("a strip", 3, a * b, {"a": 3, "b": 1}),
    )
    assert checked(count("layer", *rows)).verdict.mutants.killed > 6


def test_a_closed_form_that_is_no_whole_number_counts_nothing():
    a = sp.Symbol("a", integer=True, positive=True)
    with pytest.raises(ClaimError, match="weights counts differently") as caught:
        checked(count("layer", CountRow("weights", 2, a / 2, {"a": 5})))
    assert caught.value.got == "5/2 by the closed form"


def test_an_experiment_hands_its_numbers_to_the_page():
    claim = checked(
        experiment(
            "mean",
            lambda rng: {"mean": Quantity(float(rng.random(1000).mean()), 2)},
            lambda got: {"the mean is near one half": abs(got["mean"] - 0.5) < 0.1},
        )
    )
    assert claim.values[0][1].startswith("0.")


def test_an_experiment_that_fails_its_expectation_is_refused():
    with pytest.raises(ClaimError, match="does not show that the mean is negative"):
        checked(
            experiment(
                "mean",
                lambda rng: {"mean": Quantity(0.5, 2)},
                lambda got: {"the mean is negative": got["mean"] < 0},
            )
        )


def test_an_experiment_may_not_return_a_bare_float():
    with pytest.raises(AuthorError, match="returns mean as float"):
        checked(experiment("mean", lambda rng: {"mean": 0.5}, lambda got: {"it runs": True}))


# -------------------------------------------------------------------------------- optimum

fit = define("r", y - A @ x)
loss = define("ell", fit.T @ fit)
least_squares = Computation(
    "fit",
    definitions=(fit, loss),
    loss=loss,
    forward=lambda y, A, x: np.sum((y - A @ x) ** 2),
    sizes={m: 5, n: 3},
)


def test_the_normal_equations_attain_the_minimum():
    claim = checked(optimum("normal", least_squares, x, inverse(A.T @ A) @ A.T @ y))
    assert claim.result == (
        r"\mathbf{x} = (\mathbf{A}^{\top} \mathbf{A})^{-1} \mathbf{A}^{\top} \mathbf{y}"
    )


def test_a_claimed_minimiser_that_a_search_beats_is_refused():
    with pytest.raises(ClaimError, match="a search finds a smaller value"):
        checked(optimum("ridge", least_squares, x, inverse(2 * A.T @ A) @ A.T @ y))


def test_the_set_of_all_minimisers_is_tested_from_both_sides():
    k = dim("k")
    c, one = vector("c", k), vector("f", k)
    value = define("h", c.T @ one)
    square = define("ell", value * value)
    hyperplane = Computation(
        "plane",
        definitions=(value, square),
        loss=square,
        forward=lambda c, f: (c @ f) ** 2,
        sizes={k: 3},
    )

    def member(given, rng):
        free = rng.standard_normal(3)
        return free - given["f"] * (free @ given["f"]) / (given["f"] @ given["f"])

    def belongs(given, found):
        return abs(found @ given["f"]) < 1e-3

    def outsider(given, rng):
        return member(given, rng) + given["f"]

    claim = minimisers(
        "plane",
        hyperplane,
        c,
        "All vectors orthogonal to f.",
        member=member,
        outsider=outsider,
        belongs=belongs,
    )
    assert checked(claim).statement == "All vectors orthogonal to f."
    wrong = minimisers(
        "plane",
        hyperplane,
        c,
        "All vectors.",
        member=outsider,
        outsider=member,
        belongs=belongs,
    )
    with pytest.raises(ClaimError, match="a member does not attain the minimum"):
        checked(wrong)


# ------------------------------------------------------------------------ chain, theorem

logit = scalar("z")
sigmoid = elementwise("sigma", body=1 / (1 + sp.exp(-argument)))
output = define("y", sigmoid(logit))
unit = Computation("unit", definitions=(output,), forward=lambda z: 1 / (1 + np.exp(-z)))


def test_the_slope_of_the_sigmoid_is_a_chain_of_checked_lines():
    claim = checked(
        chain(
            "slope",
            unit,
            jac(output, logit),
            (sigmoid.prime(logit), "by name"),
            (sigmoid(logit) * (number(1) - sigmoid(logit)), "of its own value"),
        )
    )
    assert [line.right for line in claim.lines] == [
        r"\sigma'(z)",
        r"\sigma(z) (1 - \sigma(z))",
    ]


def test_a_row_has_the_shape_of_a_row():
    f = define("f", A @ x)
    affine = Computation("affine", definitions=(f,), forward=lambda A, x: A @ x)
    claim = checked(chain("dx", affine, grad(x).T, (grad(f).T @ A, "transposed")))
    assert claim.shape == ("1", "n")


def test_the_left_side_itself_is_no_wrong_variant_of_the_right_one():
    k = dim("k")
    S, c = matrix("S", k, k), vector("c", k)
    f, g = define("f", S @ c), define("g", S.T @ c)
    pair = Computation(
        "pair",
        definitions=(f, g),
        forward=lambda S, c: {"f": S @ c, "g": c @ S},
        samplers={S: hypothesis("S is symmetric", symmetric)},
    )
    assert checked(chain("same", pair, f, (g, "symmetric"))).verdict.mutants.survived == 0


def test_a_false_line_of_a_chain_is_named():
    with pytest.raises(ClaimError, match=r"line 2 \(wrong sign\)"):
        checked(
            chain(
                "slope",
                unit,
                jac(output, logit),
                (sigmoid.prime(logit), "by name"),
                (sigmoid(logit) * (number(1) + sigmoid(logit)), "wrong sign"),
            )
        )


def test_a_theorem_rests_on_checked_parts():
    part = chain("slope", unit, jac(output, logit), (sigmoid.prime(logit), "by name"))
    claim = checked(part, theorem("small", "The slope exists.", parts=("slope",)))
    assert claim.verdict.note == "rests on "


def test_a_theorem_tells_of_its_hypotheses_what_the_runs_of_its_parts_told():
    form, S, c = square_loss(lambda S: {S: hypothesis("S is symmetric", symmetric)})
    part = chain("quadratic", form, grad(c), (2 * S @ c, "symmetric form"))
    kept = (Survivor("quadratic", r"2 \mathbf{S}^{\top} \mathbf{c}", "S is symmetric"),)
    whole_claim = theorem(
        "form", statement="...", hypotheses=("S is symmetric", "S is real"), parts=("quadratic",)
    )
    solution = Solution(claims=(part, whole_claim), survivors=kept)
    assert checked_solution(solution).claims[1].verdict.hypotheses == (
        Hypothesis("S is symmetric", "breaks"),
        Hypothesis("S is real", "cannot be evaluated"),
    )


def test_a_theorem_without_a_computable_part_is_refused():
    with pytest.raises(AuthorError, match="no computable part"):
        checked(theorem("small", "True.", parts=()))


def test_a_planted_wrong_transpose_in_a_chain_is_refused_at_its_line():
    f = define("f", A @ x)
    affine = Computation("affine", definitions=(f,), forward=lambda A, x: A @ x)
    good = gradient("dx", affine, of=f, wrt=x)
    assert checked(good).result == (
        r"\frac{\partial L}{\partial \mathbf{x}} = \mathbf{A}^{\top} "
        r"\frac{\partial L}{\partial \mathbf{f}}"
    )
    with pytest.raises(ClaimError, match=r"line 1 \(wrong\)"):
        checked(chain("dx", affine, grad(x), (2 * A.T @ grad(f), "wrong")))


# ----------------------------------------------------------------------------- hypotheses


def square_loss(samplers):
    k = dim("k")
    S, c = matrix("S", k, k), vector("c", k)
    value = define("f", c.T @ S @ c)
    form = Computation(
        "form",
        definitions=(value,),
        loss=value,
        forward=lambda c, S: c @ S @ c,
        samplers=samplers(S),
        sizes={k: 3},
    )
    return form, S, c


def symmetric(rng, shape):
    half = rng.standard_normal(shape)
    return half + half.T


def test_a_run_outside_a_hypothesis_shows_that_it_is_needed():
    form, S, c = square_loss(lambda S: {S: hypothesis("S is symmetric", symmetric)})
    claim = chain("quadratic", form, grad(c), (2 * S @ c, "symmetric form"))
    kept = (Survivor("quadratic", r"2 \mathbf{S}^{\top} \mathbf{c}", "S is symmetric"),)
    verdict = checked_solution(Solution(claims=(claim,), survivors=kept)).claims[0].verdict
    assert verdict.hypotheses == (Hypothesis("S is symmetric", "breaks"),)


def test_a_hypothesis_that_is_not_needed_is_reported_as_such():
    form, S, c = square_loss(lambda S: {S: hypothesis("S is symmetric", symmetric)})
    claim = chain("quadratic", form, grad(c), (S @ c + S.T @ c, "any form"))
    kept = tuple(
        Survivor("quadratic", text, "S is symmetric")
        for text in (
            r"\mathbf{S}^{\top} \mathbf{c} + \mathbf{S}^{\top} \mathbf{c}",
            r"\mathbf{S} \mathbf{c} + \mathbf{S} \mathbf{c}",
        )
    )
    verdict = checked_solution(Solution(claims=(claim,), survivors=kept)).claims[0].verdict
    assert verdict.hypotheses == (Hypothesis("S is symmetric", "does not break"),)


def test_a_survivor_without_a_reason_is_refused():
    form, S, c = square_loss(lambda S: {S: hypothesis("S is symmetric", symmetric)})
    with pytest.raises(ClaimError, match="1 wrong variants pass the check"):
        checked(chain("quadratic", form, grad(c), (2 * S @ c, "symmetric form")))


# ------------------------------------------------------------------------ limit, identity

layers = parameter("L", 2, 4)
k = dim("k")
W = matrix("W", k, k)
kept = define("H", W)
contraction = Computation(
    "contraction",
    definitions=(kept,),
    forward=lambda W: W,
    parameters=(layers,),
    sizes={k: 3},
    samplers={W: hypothesis("W has spectral norm one half", lambda rng, shape: halved(rng, shape))},
)


def halved(rng, shape):
    drawn = rng.standard_normal(shape)
    symmetric_part = drawn + drawn.T
    return symmetric_part / (2 * np.linalg.norm(symmetric_part, 2))


def test_powers_of_a_contraction_tend_to_zero_at_the_rate_of_its_norm():
    claim = checked(
        limit(
            "decay",
            contraction,
            spectral_norm(power(W, layers)),
            0,
            index=layers,
            rate=sp.Rational(1, 2) ** layers.symbol,
        )
    )
    assert claim.result == r"\lim_{L \to \infty} \lVert \mathbf{W}^{L} \rVert_2 = 0"
    assert claim.verdict.hypotheses[0].without == "breaks"


def test_a_rate_that_is_too_fast_is_refused():
    with pytest.raises(ClaimError, match="does not converge as claimed"):
        checked(
            limit(
                "decay",
                contraction,
                spectral_norm(power(W, layers)),
                0,
                index=layers,
                rate=sp.Rational(1, 3) ** layers.symbol,
            )
        )


def test_an_identity_compares_forward_with_the_definitions():
    claim = checked(
        identity_of("same", product_of_two, product_norm, A @ B, because="by definition")
    )
    assert (claim.kind, claim.result) == ("identity", r"\mathbf{P} = \mathbf{A} \mathbf{B}")


# ------------------------------------------------------------------------------ read-back


def test_a_formula_that_cannot_be_read_back_is_unchecked_and_never_passed(monkeypatch):
    from solutionset.notation.tokens import Unreadable
    from solutionset.verification import bench

    def refuse(latex, vocabulary):
        raise Unreadable("no reader today", latex, 0)

    monkeypatch.setattr(bench, "read_matrix", refuse)
    f = define("f", A @ x)
    affine = Computation("affine", definitions=(f,), forward=lambda A, x: A @ x)
    verdict = checked(gradient("dx", affine, of=f, wrt=x)).verdict
    assert (str(verdict.standing), verdict.read_back) == ("unchecked", "unreadable")


def test_a_printer_that_prints_another_formula_is_caught_by_reading_it_back(monkeypatch):
    from solutionset.notation.printer import Printer

    honest = Printer.matrix
    monkeypatch.setattr(
        Printer, "matrix", lambda self, node: honest(self, node).replace(r"^{\top}", "", 1)
    )
    f = define("f", A @ x)
    affine = Computation("affine", definitions=(f,), forward=lambda A, x: A @ x)
    with pytest.raises(CalculusError, match="inner dimensions"):
        checked(gradient("dx", affine, of=f, wrt=x))


def test_an_exact_relation_that_its_own_mutant_satisfies_is_refused(monkeypatch):
    from solutionset.verification import relations

    monkeypatch.setattr(relations, "_exact_mutants", lambda right: [right])
    with pytest.raises(ClaimError, match="1 wrong variants pass the check"):
        checked(counterexample("norm", relation(norm(literal([3, 4])), "=", 5)))


def test_an_exact_inequality_is_mutated_by_its_opposite():
    score = checked(counterexample("norm", relation(norm(literal([3, 4])), "<", 6))).verdict.mutants
    assert (score.generated, score.killed, score.survived) == (1, 1, 0)


def test_each_entry_of_the_right_side_of_an_exact_equality_is_mutated_also_in_a_multiple():
    doubled = relation(literal([[1, 1], [1, 1]]) @ literal([1, 1]), "=", 2 * literal([1, 1]))
    score = checked(counterexample("eigenvector", doubled)).verdict.mutants
    assert (score.generated, score.killed, score.survived) == (2, 2, 0)


# -------------------------------------------------------------- false claims that samples miss


def long_ten(rng, shape):
    drawn = rng.standard_normal(shape)
    return 10 * drawn / np.linalg.norm(drawn)


def test_a_bound_that_holds_for_all_usual_data_and_not_beyond_is_refused():
    with pytest.raises(ClaimError, match="the bound does not hold"):
        checked(bound("ten", length, norm(y), number(10), tight={y: long_ten}))


slow = sp.Rational(9, 10) ** layers.symbol


def test_a_slow_sequence_with_a_limit_a_little_off_is_refused():
    with pytest.raises(ClaimError, match="does not converge as claimed"):
        checked(
            limit("off", contraction, number(slow), sp.Rational(1, 100), index=layers, rate=slow)
        )


def test_a_rate_that_does_not_tend_to_zero_is_refused():
    above = sp.Rational(4, 5) ** layers.symbol + sp.Rational(1, 10**5)
    with pytest.raises(ClaimError, match="the rate does not tend to zero from above"):
        checked(limit("above", contraction, number(above), 0, index=layers, rate=above))


def test_a_limit_at_the_rate_of_one_over_the_index_is_checked():
    share = layers.symbol / (layers.symbol + 1)
    claim = checked(
        limit("share", contraction, number(share), 1, index=layers, rate=1 / layers.symbol)
    )
    assert claim.verdict.mutants.killed == 1
