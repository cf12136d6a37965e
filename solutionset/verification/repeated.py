"""What a claim over all steps repeats: how it is printed, read back, and refused beforehand."""

from solutionset.calculus.matrix import Mat, Sym
from solutionset.calculus.tensors import CalculusError, Dim, Gradient, Tensor
from solutionset.calculus.trees import walk
from solutionset.errors import ClaimError
from solutionset.notation.tokens import tokenise
from solutionset.verification.bench import Bench
from solutionset.verification.claims import Depth, SharedGradient
from solutionset.verification.recurrence import Recurrence

OverSteps = Depth | SharedGradient


def over_steps(sign: str, recurrence: Recurrence) -> str:
    r"""A product or sum sign with its range."""
    return rf"{sign}_{{{recurrence.letter}=1}}^{{{recurrence.length}}}"


def gradient_latex(bench: Bench, wrt: Tensor) -> str:
    """The gradient in a state or weight in print."""
    return bench.printer.matrix(Sym(Gradient(wrt)))


def read_inside(
    claim: OverSteps, bench: Bench, latex: str, ends: tuple[str, str], node: Mat
) -> Mat:
    """Read what is repeated from the whole printed side, between its head and its tail."""
    head, tail = (tokenise(end) for end in ends)
    tokens = tokenise(latex)
    inside = tokens[len(head) : len(tokens) - len(tail)]
    if (*head, *inside, *tail) != tokens or has_open_sign(inside):
        raise ClaimError(
            f"{bench.entry}/{claim.head.name}: what is repeated does not end where it should",
            code="read-back",
            place=claim.head.place,
            got=latex,
        )
    return bench.read_mat(claim.head.name, " ".join(inside), node)


def has_open_sign(tokens: tuple[str, ...]) -> bool:
    """Whether a plus or minus stands outside of all brackets, where it would end a sum's reach."""
    depth = 0
    for token in tokens:
        depth += (token in "({[") - (token in ")}]")
        if depth == 0 and token in "+-":
            return True
    return False


def refuse_names(recurrence: Recurrence, bench: Bench) -> None:
    """The letters of a product and its end states must not mean anything else here."""
    names = bench.vocabulary
    for letter in (recurrence.letter, recurrence.length):
        loss = tokenise(bench.naming.loss) == (letter,)
        if loss or any((letter,) in table for table in (names.numbers, names.whole, names.heads)):
            meaning = "the loss" if loss else "something else in this problem"
            raise CalculusError(
                f"the letter {letter} of a claim over all steps is {meaning}",
                advice="take another letter for the steps, their number or the other thing",
            )
    for label in ("0", recurrence.length):
        end = recurrence.end(label)
        other = names.whole.get(tokenise(bench.naming.whole(end)))
        if other is not None and other.dims != end.dims:
            raise CalculusError(
                f"the state with label {label} and the tensor {other.name} print alike",
                advice="give one of them another symbol or label",
            )


def _gradients(node: Mat) -> tuple[Gradient, ...]:
    leaves = (part.leaf for part in walk(node) if isinstance(part, Sym))
    return tuple(leaf for leaf in leaves if isinstance(leaf, Gradient))


def refuse_gradients(factor: Mat) -> None:
    """A factor is a Jacobian: a gradient in it would stand for the loss of one step alone."""
    for leaf in _gradients(factor):
        raise CalculusError(
            f"the factor contains the gradient in {leaf.of.name}",
            advice="give the transposed Jacobian alone",
        )


def refuse_unshared(claim: SharedGradient, recurrence: Recurrence) -> None:
    """Refuse a sum over what no step shares, and terms that are sums over all steps themselves."""
    given = claim.computation.definitions.given
    if claim.wrt not in given or claim.wrt == claim.before or recurrence.varies(claim.wrt):
        raise CalculusError(
            f"{claim.wrt.name} is not shared by all steps",
            got=f"label {claim.wrt.label!r}" if claim.wrt in given else "a defined tensor",
            wanted=f"a given tensor whose label does not contain {recurrence.letter}",
        )
    for leaf in _gradients(claim.term):
        if leaf.of != claim.before and not recurrence.varies(leaf.of):
            raise CalculusError(
                f"the term of one step contains the gradient in {leaf.of.name}, which all steps "
                "share",
                wanted=f"gradients in what has the label {recurrence.letter}",
            )


def refuse_shape(claim: OverSteps, bench: Bench, node: Mat, wanted: tuple[Dim, Dim]) -> None:
    """Refuse a factor or term that has another shape than it must."""
    if node.shape != wanted:
        raise ClaimError(
            f"{bench.entry}/{claim.head.name}: what is repeated has another shape than it must",
            code="shape",
            place=claim.head.place,
            got=" x ".join(dim.name for dim in node.shape),
            wanted=" x ".join(dim.name for dim in wanted),
            details=(f"formula    {bench.printer.matrix(node)}",),
        )
