"""Question 3: a network of the hand-derived modules, trained for real."""

import _cifar10_run
import _digits
import _mistakes
import _runs
import _sheet_mlp
import sympy as sp
from _modules import Linear, SoftmaxCrossEntropy

from solutionset.authoring import (
    Computation,
    CountRow,
    Figure,
    Instance,
    Pitfall,
    Problem,
    Solution,
    argument,
    count,
    counterexample,
    define,
    define_entry,
    dim,
    elementwise,
    exp,
    experiment,
    grad,
    gradient,
    index,
    log,
    matrix,
    number,
    ones,
    relation,
    rewrite,
    sum_over,
    sums_to_one,
    trace,
    vector,
)

S, M, H, C = dim("S", "s"), dim("M", "m"), dim("H", "i"), dim("C", "c")

X = matrix("X", S, M, meaning="input, a row for each of $S$ samples, a column for each pixel")
T = matrix("T", S, C, meaning="targets, a column for each of $C$ classes; a row sums to one")
W1 = matrix("W_1", H, M, symbol="W", label="1",
            meaning="weights of the hidden layer, a row for each of $H$ units")
b1 = vector("b_1", H, symbol="b", label="1", meaning="its bias")
W2 = matrix("W_2", C, H, symbol="W", label="2",
            meaning="weights of the output layer, a row for each class")
b2 = vector("b_2", C, symbol="b", label="2", meaning="its bias")
h = elementwise("h")

U = define("U", X @ W1.T + ones(S) @ b1.T, meaning="pre-activations")
A = define("A", h(U), meaning="activations")
Z = define("Z", A @ W2.T + ones(S) @ b2.T, meaning="logits")
s, c = index("s", S), index("c", C)
N = define_entry("N", s, sum_over(c, exp(Z[s, c])))
P = define_entry("P", (s, c), exp(Z[s, c]) / N[s])
L = define("loss", -1 / S.size * trace(T.T @ log(P)), symbol="L")


def layers_forward(X, W_1, b_1, W_2, b_2, h):
    """The very modules that are trained below; only the activation is any function here."""
    U = Linear(W_1, b_1).forward(X)
    A = h(U)
    return {"U": U, "A": A, "Z": Linear(W_2, b_2).forward(A)}


def network_forward(X, T, W_1, b_1, W_2, b_2, h):
    found = layers_forward(X, W_1, b_1, W_2, b_2, h)
    loss = SoftmaxCrossEntropy()
    value = loss.forward(found["Z"], T)
    return {**found, "P": loss.Y, "loss": value}


layers = Computation("layers", definitions=(U, A, Z), forward=layers_forward)
network = Computation(
    "network", definitions=(U, A, Z, N, P, L), forward=network_forward, loss=L
)


def way_back():
    """The gradients in the order in which the program finds them."""
    def back(name, of, wrt, title):
        return gradient(name, layers, of=of, wrt=wrt, title=title)

    return (
        gradient(
            "grad_Z", network, of=L, wrt=Z, title="Softmax and cross-entropy in one",
            rules=(
                rewrite("softmax", exp(Z[s, c]), P[s, c] * N[s], "definition of the softmax"),
                sums_to_one(T, 1, "targets sum to one"),
            ),
        ),
        back("grad_W2", Z, W2, "Weights of the output layer"),
        back("grad_b2", Z, b2, "Bias of the output layer"),
        back("grad_A", Z, A, "Activations"),
        back("grad_U", A, U, "Pre-activations"),
        back("grad_W1", U, W1, "Weights of the hidden layer"),
        back("grad_b1", U, b1, "Bias of the hidden layer"),
    )


small = Instance(
    "small", layers,
    values={
        X: [[1, 2, 0], [0, 1, -1]], W1: [[1, 0, 2], [-1, 1, 0]], b1: [0, 1],
        W2: [[1, 2], [0, -1]], b2: [1, 0],
    },
    upstream=[[1, -1], [-2, 2]], functions={h: argument**2},
    claims=("grad_W2", "grad_b2", "grad_A", "grad_U", "grad_W1", "grad_b1"),
)


def pitfalls():
    return (
        Pitfall("slope", "Dropping the slope of the activation, as in (18) of the sheet.",
                "grad_U", lambda: grad(A)),
        Pitfall("at_output", "Taking the slope at the activation instead of the pre-activation.",
                "grad_U", lambda: grad(A) * h.prime(A)),
        Pitfall("no_mean", "Forgetting the division by the number of samples: the learning rate "
                "is then larger by that factor, and the runs above fail.", "grad_Z", lambda: P - T),
    )


# --------------------------------------------------------------------------- facts and runs


def parameter_count():
    features, hidden, classes = sp.symbols("M H C", integer=True, positive=True)
    sizes = {"M": 64, "H": 128, "C": 10}
    listed = [array.size for array in _mistakes.network("right", 0).parameters]
    forms = (features * hidden, hidden, hidden * classes, classes)
    labels = ("hidden weights", "hidden bias", "output weights", "output bias")
    rows = [CountRow(*row, sizes) for row in zip(labels, listed, forms, strict=True)]
    total = CountRow("together", sum(listed), hidden * (features + 1) + classes * (hidden + 1),
                     sizes)
    return count("parameters", *rows, total, title="Parameters of the network")


def run(name, measure, expected, title, seeds=_mistakes.SEEDS):
    return experiment(name, measure, expected, title=title, seeds=seeds, data=_digits.HASH)


def what_curves_do_not_say():
    """A falling curve of epochs with a rising step, and a falling loss with a falling accuracy."""
    def half_mean(w):
        return ((number(w) - number(1)) ** 2 + (number(w) + number(1)) ** 2) / 4

    half = sp.Rational(1, 2)
    left, right, sure, lost = (sp.Rational(k, 100) for k in (51, 51, 90, 49))
    return (
        counterexample(
            "falling_epochs",
            *(relation(half_mean(w), "=", value, because) for w, value, because in (
                (2, sp.Rational(5, 2), "at the start"),
                (3 * half, sp.Rational(13, 8), "after the first batch"),
                (half**2, sp.Rational(17, 32), "after the second, which ends the first epoch"),
                (sp.Rational(5, 8), sp.Rational(89, 128), "after the first batch again: it rose"),
                (-sp.Rational(3, 16), sp.Rational(265, 512), "at the end of the second epoch"),
            )),
            title="Two parabolas as batches, with learning rate one half",
        ),
        counterexample(
            "loss_and_accuracy",
            relation(number(left * right), "<", sure * lost, "products of both: the loss is minus "
                     "half the logarithm and falls"),
            relation(number(left), ">", half, "at first both are right"),
            relation(number(lost), "<", half, "then one of the two is wrong"),
            title="Two images, two classes: the loss falls and so does the accuracy",
        ),
    )


def figures():
    return (
        Figure(
            "curves", _runs.draw_curves, _runs.curves, panels=2, width=6.2, height=2.6,
            alt="Left: the training loss of ten runs falls from 1.7 in the first epoch to about "
            "0.2 in the tenth, steeply at first; the runs differ little. The loss on single "
            "batches scatters around the curve. Right: the validation accuracy of the runs rises "
            "from 74 to 87 per cent after the first epoch to about 96 after the last, with small "
            "dips in single runs.",
            caption="Training on the digits. Left: mean loss over an epoch, a line for each of ten "
            "seeds, and the single batches of seed 0. Right: accuracy on the validation set; the "
            "thick line is seed 0.",
        ),
        Figure(
            "confusion", _runs.draw_confusion, _runs.confusion_of_seed_0, width=3.2, height=2.9,
            alt="A grid of ten by ten whole numbers, true digits in rows and predicted ones in "
            "columns. Nearly all test images are on the diagonal, with about thirty in each cell; "
            "the few others are scattered.",
            caption="Confusion matrix of the test images, seed 0. Empty cells are zero.",
        ),
    )


def on_cifar10(data):
    """One more run for those who have the images."""
    if data.folder is None:
        return ()
    one = _cifar10_run.Run(data)
    return (
        experiment("cifar10", one.measure, one.expected, title="CIFAR-10", seeds=(0,),
                   data=_cifar10_run.DIGESTS),
    )


def solve(data):
    return Solution(
        claims=(
            *way_back(),
            parameter_count(),
            run("gradient_check", _runs.check_gradients, _runs.gradients_agree,
                "Every parameter moved by itself", seeds=(0,)),
            run("training", _runs.measure, _runs.trained_well, "Ten runs"),
            run("mistakes", _mistakes.compare, _mistakes.expected, "Wrong gradients, trained"),
            *what_curves_do_not_say(),
            *on_cifar10(data),
        ),
        figures=figures(),
        instances=(small,),
        pitfalls=pitfalls(),
        errata=_sheet_mlp.NUMPY_ERRATA,
        audit=_sheet_mlp.NUMPY_AUDIT,
        prose=("All images come from the same thirteen writers, in training and test alike.",),
    )


def problem(data):
    return Problem(
        title="A network of these modules, trained", question="002.3", source="Question 3",
        solve=lambda: solve(data),
    )
