"""Questions 2.b to 2.d: a residual block on a batch, and deep stacks of such blocks."""

import _sheet_residual
import _stack_figures
import _stacks
import numpy as np
import sympy as sp

from solutionset.authoring import (
    Computation,
    CountRow,
    Instance,
    Pitfall,
    Problem,
    Quantity,
    Solution,
    argument,
    chain,
    count,
    counterexample,
    define,
    diag,
    dim,
    elementwise,
    exact,
    experiment,
    grad,
    gradient,
    identity,
    jacobian,
    literal,
    matrix,
    norm,
    number,
    ones,
    relation,
    scalar,
    theorem,
    vector,
)

# The letters of the sheet: s and m for the sums of the chain rule, i and j for the input.
S, F, N_1 = dim("S", "si"), _stacks.F, _stacks.N_1

X = matrix("X", S, F, meaning="input, a row for each of $S$ samples")
W_1 = matrix("W_1", N_1, F, symbol="W", label="1", meaning="weights of the first layer")
b_1 = vector("b_1", N_1, symbol="b", label="1", meaning="its bias")
W_2 = matrix("W_2", F, N_1, symbol="W", label="2", meaning="weights of the second layer")
b_2 = vector("b_2", F, symbol="b", label="2", meaning="its bias")
h = _stacks.h

U = define("U", X @ W_1.T + ones(S) @ b_1.T)
A = define("A", h(U))
R = define("R", A @ W_2.T + ones(S) @ b_2.T)
Y = define("Y", X + R)


def branch_forward(X, W_1, b_1, W_2, b_2, h):
    U = X @ W_1.T + b_1
    A = h(U)
    return {"U": U, "A": A, "R": A @ W_2.T + b_2}


def forward(X, W_1, b_1, W_2, b_2, h):
    values = branch_forward(X, W_1, b_1, W_2, b_2, h)
    return {**values, "Y": X + values["R"]}


branch = Computation("branch", definitions=(U, A, R), forward=branch_forward)
block = Computation("block", definitions=(U, A, R, Y), forward=forward)

# One linear layer with a connection, the only block for which the sheet's W could stand.
V = matrix("V", F, F, meaning="weights of a block of one linear layer")
Q = define("Q", X + X @ V.T)
one_layer = Computation("one_layer", definitions=(Q,), forward=lambda X, V: X + X @ V.T)

# One input, one hidden unit.
RELU = sp.Piecewise((argument, argument > 0), (0, True))
relu = elementwise("relu", body=RELU)
x = scalar("x", meaning="an input")
w_1 = scalar("w_1", symbol="w", label="1", meaning="weight of the hidden unit")
c_1 = scalar("c_1", symbol="c", label="1", meaning="its bias")
w_2 = scalar("w_2", symbol="w", label="2", meaning="weight of the output")
c_2 = scalar("c_2", symbol="c", label="2", meaning="its bias")
u = define("u", w_1 * x + c_1)
r = define("r", w_2 * h(u) + c_2)
y = define("y", x + r)


def unit_forward(x, w_1, c_1, w_2, c_2, h):
    u = w_1 * x + c_1
    r = w_2 * h(u) + c_2
    return {"u": u, "r": r, "y": x + r}


unit = Computation("unit", definitions=(u, r, y), forward=unit_forward)

two_sides = define("t", relu(x) - relu(-x))
split = Computation(
    "split", definitions=(two_sides,), forward=lambda x: np.maximum(x, 0) - np.maximum(-x, 0)
)


# ----------------------------------------------------------------------------- (b) widths

SAMPLES, FEATURES, HIDDEN = 5, 4, 3


def sizes_of(outputs):
    """Numbers of entries of input and branch, for a second layer with so many neurons."""
    batch, first = np.ones((SAMPLES, FEATURES)), np.ones((HIDDEN, FEATURES))
    return batch.size, (batch @ first.T @ np.ones((outputs, HIDDEN)).T).size


def width_claims():
    s, f, n = sp.symbols("S F N")
    at = {"S": SAMPLES, "F": FEATURES, "N": HIDDEN}
    fits, sheet = sizes_of(FEATURES), sizes_of(SAMPLES * FEATURES)
    layers = [(HIDDEN, FEATURES), (HIDDEN,), (FEATURES, HIDDEN), (FEATURES,)]
    numbers = [int(np.prod(shape)) for shape in layers]
    return (
        count(
            "fit",
            CountRow("entries of the input", fits[0], s * f, at),
            CountRow("entries of a branch that ends in $F$ neurons", fits[1], s * f, at),
            CountRow("entries of a branch that ends in $S$ times $F$ neurons", sheet[1],
                     s**2 * f, at),
            title="What can be added to the input",
        ),
        count(
            "parameters",
            CountRow("weights of the first layer", numbers[0], n * f, at),
            CountRow("its biases", numbers[1], n, at),
            CountRow("weights of the second layer", numbers[2], f * n, at),
            CountRow("its biases", numbers[3], f, at),
            CountRow("all of the block", sum(numbers), n * (2 * f + 1) + f, at),
            title="Parameters of the block",
        ),
        experiment("widths", try_widths, judge_widths, title="Widths that NumPy lets pass"),
        theorem(
            "rule",
            "The connection forces the second width $N_2$ to be the number $F$ of features. It "
            "places no constraint on the first width $N_1$.",
            parts=("fit", "parameters", "widths"), title="Widths",
        ),
    )


def try_widths(rng):
    """Add branches of many widths to an input of four features, as a program would."""
    batch = rng.standard_normal((SAMPLES, FEATURES))
    passed, right = 0, 0
    widths = range(1, SAMPLES * FEATURES + 1)
    for width in widths:
        ends = rng.standard_normal((SAMPLES, width))
        right += ends.shape == batch.shape
        try:
            passed += np.add(batch, ends).shape == batch.shape
        except ValueError:
            continue
    return {
        "widths_tried": Quantity(len(widths), 1),
        "widths_passed": Quantity(passed, 1),
        "widths_right": Quantity(right, 1),
    }


def judge_widths(got):
    return {
        "only one width has the shape of the input": got["widths_right"] == 1,
        "one more passes by broadcasting": got["widths_passed"] == 2,
    }


# --------------------------------------------------------------------------- (c) gradients


def gradient_claims():
    return (
        gradient("grad_R", block, of=Y, wrt=R, title="The branch gets the upstream gradient"),
        gradient("grad_A", block, of=R, wrt=A, title="Through the second layer"),
        gradient("grad_U", block, of=A, wrt=U, title="Through the activation"),
        gradient("grad_X", block, of=(Y, U), wrt=X, title="Gradient in the input, in stages"),
        chain(
            "whole", block, grad(X),
            (grad(Y) + grad(U) @ W_1, "connection and branch"),
            (grad(Y) + ((grad(Y) @ W_2) * h.prime(U)) @ W_1, "put in what came before"),
            title="Gradient in the input",
        ),
        chain(
            "without", branch, grad(X), (((grad(R) @ W_2) * h.prime(U)) @ W_1, "the branch alone"),
            title="Gradient in the input without the connection",
        ),
        jacobian("entries", block, of=Y, wrt=X, style="index", title="The output in the input"),
        gradient("grad_W_2", block, of=R, wrt=W_2, title="Gradient in the second weights"),
        gradient("grad_b_2", block, of=R, wrt=b_2, title="Gradient in the second bias"),
        gradient("grad_W_1", block, of=U, wrt=W_1, title="Gradient in the first weights"),
        gradient("grad_b_1", block, of=U, wrt=b_1, title="Gradient in the first bias"),
        gradient("linear_block", one_layer, of=Q, wrt=X, title="One linear layer"),
    )


def sheet_claims():
    """What (20) and (21) give on numbers, and what another upstream gradient does."""
    up, weights = literal([[1, 2], [3, 4]]), literal([[1, 1], [0, 1]])
    eye = literal([[1, 0], [0, 1]])
    one, two, three = literal([[1]]), literal([[2]]), literal([[3]])
    return (
        counterexample(
            "printed",
            relation(up @ weights + up, "=", literal([[2, 5], [6, 11]]), "right"),
            relation(up @ weights + eye, "=", literal([[2, 3], [3, 8]]), "as printed"),
            relation(10 * up @ weights + eye, r"\neq", 10 * (up @ weights + eye),
                     "ten times the loss"),
            title="The formula of the sheet on numbers",
        ),
        counterexample(
            "upstream",
            relation(two @ two, "=", 4, "plain: slope 2, upstream 2"),
            relation((one + two) @ three, "=", 9, "connected: slope 3, upstream 3"),
            relation(literal([[9]]) - literal([[4]]), r"\neq", 2, "not the one upstream gradient"),
            relation(literal([[9]]) - literal([[4]]), r"\neq", 3, "nor the other"),
            title="The upstream gradient changes too",
        ),
    )


# ---------------------------------------------------------------- (d) what does not follow

plain_curve = elementwise("f_P", symbol="f", label="P", body=argument**6 / 2)
residual_curve = elementwise("f_R", symbol="f", label="R", body=(1 + argument) ** 6 / 2)
w = scalar("w", meaning="the weight of all three layers")
low = define("l_P", plain_curve(w), symbol="l", label="P")
high = define("l_R", residual_curve(w), symbol="l", label="R")


def curves_forward(w):
    """Half the square of the output of three equal scalar layers, for the input one."""
    return {"l_P": (w * w * w) ** 2 / 2, "l_R": ((1 + w) * (1 + w) * (1 + w)) ** 2 / 2}


curves = Computation("curves", definitions=(low, high), forward=curves_forward)


def no_guarantees():
    eye, minus = literal([[1, 0], [0, 1]]), literal([[-1, 0], [0, -1]])
    half, tenth = number(sp.Rational(1, 2)), number(sp.Rational(1, 10))
    slopes, one = diag(relu.prime(literal([1, 2]))), literal([[1]])
    return (
        counterexample(
            "vanish",
            relation(minus @ slopes @ eye, "=", minus, "Jacobian of the branch alone"),
            relation(eye + minus @ slopes @ eye, "=", literal([[0, 0], [0, 0]]),
                     "and of the block"),
            title="A residual block through which no gradient comes",
        ),
        counterexample(
            "grow",
            relation((one + one) ** 10, "=", 1024, "ten blocks whose branch is the identity"),
            relation(one**10, "=", 1, "the same without connections"),
            title="Gradients that grow",
        ),
        counterexample(
            "not_small",
            relation(norm(literal(ROTATION) @ literal([3, 4])), "=", 5, "a rotation, which keeps "
                     "all norms"),
            relation(literal([[2]]) ** 10, "=", 1024, "ten layers with the factor two"),
            title="Plain layers whose factors are not small",
        ),
        counterexample(
            "errors",
            relation(half**10, "=", sp.Rational(1, 1024), "ten plain blocks of slope one half"),
            relation((number(1) + half) ** 10, "=", sp.Rational(59049, 1024),
                     "the same blocks with connections"),
            relation(number(sp.Rational(59049, 1024)), ">", 57),
            title="What becomes of an error of the input",
        ),
        jacobian("plain_slope", unit, of=r, wrt=x, title="Slope without the connection"),
        jacobian("residual_slope", unit, of=y, wrt=x, title="Slope with the connection"),
        exact("inactive", relation(relu.prime(number(-1)), "=", 0), title="An inactive unit"),
        chain("sides", split, two_sides, (x, "one of the two is zero, the other the modulus"),
              title="The identity from two ReLU units"),
        chain("plain_loss", curves, low, (sp.Rational(1, 2) * w**6, "three factors, squared"),
              title="Loss of three equal linear layers"),
        chain("residual_loss", curves, high,
              (sp.Rational(1, 2) * (number(1) + w) ** 6, "three factors, squared"),
              title="Loss of three equal linear blocks"),
        counterexample(
            "smoother",
            relation(plain_curve.prime.prime(tenth), "=", sp.Rational(3, 2000), "plain"),
            relation(residual_curve.prime.prime(tenth), "=", sp.Rational(43923, 2000),
                     "with connections"),
            relation(residual_curve.prime.prime(tenth), "=",
                     14641 * plain_curve.prime.prime(tenth), "that many times the curvature"),
            title="Curvature of three equal linear blocks",
        ),
    )


ROTATION = [[sp.Rational(3, 5), sp.Rational(4, 5)], [sp.Rational(-4, 5), sp.Rational(3, 5)]]


# -------------------------------------------------------------------- instance and pitfalls

batch = Instance(
    "batch", block,
    values={
        X: [[1, 0, -1], [2, 1, 0]],
        W_1: [[1, 1, 0], [0, 2, 1]], b_1: [0, 1],
        W_2: [[1, 0], [-1, 1], [2, 1]], b_2: [0, 1, 0],
    },
    upstream=[[1, 2, -1], [0, 1, 1]],
    functions={h: argument**2},
    claims=("grad_A", "grad_U", "grad_X", "grad_W_2", "grad_W_1"),
)


def pitfalls():
    pulled = (grad(Y) @ W_2) * h.prime(U)
    return (
        Pitfall("skip", "Forgetting the connection.", "whole", lambda: pulled @ W_1),
        Pitfall("identity", "Adding the derivative of the connection instead of what it hands on.",
                "whole", lambda: pulled @ W_1 + identity(F)),
        Pitfall("one", "Adding one to every entry, as a program adds a 1 to a matrix.", "whole",
                lambda: pulled @ W_1 + ones(S) @ ones(F).T),
        Pitfall("value", "Taking the slope at the activated value.", "whole",
                lambda: grad(Y) + ((grad(Y) @ W_2) * h.prime(A)) @ W_1),
        Pitfall("slope", "Forgetting the slope of the activation.", "whole",
                lambda: grad(Y) + grad(Y) @ W_2 @ W_1),
        Pitfall("order", "Going back through the layers in the order of the way forward.", "whole",
                lambda: grad(Y) + ((grad(Y) @ W_1.T) * h.prime(U)) @ W_2.T),
        Pitfall("connection_twice", "Adding the upstream gradient to the branch, too.", "grad_W_2",
                lambda: (grad(Y) + grad(R)).T @ A),
    )


def solve():
    return Solution(
        claims=(
            *width_claims(), *gradient_claims(), *sheet_claims(), *_stacks.claims(),
            *no_guarantees(), *_stacks.theorems(),
        ),
        figures=_stack_figures.figures(),
        instances=(batch,),
        pitfalls=pitfalls(),
        errata=_sheet_residual.RESIDUAL_ERRATA,
        audit=_sheet_residual.RESIDUAL_AUDIT,
        prose=(
            "Where the widths must differ, the connection gets weights of its own.",
            "Bounds that hold for each row of a batch hold for the batch.",
        ),
    )


problem = Problem(
    title="Residual blocks", question="002.2.b-d", source="Questions 2.b to 2.d", solve=solve,
)
