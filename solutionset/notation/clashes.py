"""Names that would let a printed formula be read in two ways; a vocabulary with one is refused."""

from collections.abc import Iterator
from itertools import combinations
from typing import TYPE_CHECKING

from solutionset.calculus.tensors import CalculusError, Elementwise, Tensor
from solutionset.notation.letters import is_index
from solutionset.notation.tokens import tokenise

if TYPE_CHECKING:
    from solutionset.notation.vocabulary import Tokens, Vocabulary


def refuse_clashes(names: "Vocabulary") -> None:
    """Raise `CalculusError` for the first clash, naming both things that would print alike."""
    for told in (*_entries(names), *_functions(names), *_numbers(names), *_signs(names)):
        raise alike(told)


def alike(told: str) -> CalculusError:
    """The error that says which names print alike."""
    return CalculusError(told, advice="give one of them another symbol or label")


def _entries(names: "Vocabulary") -> Iterator[str]:
    """Entries: x_{ij} must not be both a matrix and a vector x_i at the index j."""
    for same in names.stems.values():
        for one, other in combinations(same, 2):
            if names.naming.choice.entries == "parenthesis":
                bare = 0 in (one.rank, other.rank)
                if one.label == other.label and (bare or one.rank == other.rank):
                    yield f"the entries of {one.name} and {other.name} print alike"
            elif _overlap(one, other) or _overlap(other, one):
                yield f"the entries of {one.name} and {other.name} print alike"


def _overlap(short: Tensor, long: Tensor) -> bool:
    """Whether indices of `short` may read as the rest of the label of `long`."""
    rest = tokenise(long.label)
    if short.label:
        label = tokenise(short.label)
        if rest[: len(label)] != label or rest[len(label) :][:1] not in ((), (",",)):
            return False
        rest = rest[len(label) + 1 :]
    letters = tuple(token for token in rest if token != ",")
    return all(map(is_index, letters)) and len(letters) + long.rank == short.rank


def _functions(names: "Vocabulary") -> Iterator[str]:
    """Functions: h_k(x) must not be a function at x and an entry h_k times (x)."""
    for function in names.heads.values():
        base = _base(names, function)
        for tensor in names.stems.get(base, ()):
            yield f"function {function.name} and tensor {tensor.name} print alike"
        if base in names.numbers:
            yield f"function {function.name} and the number {names.numbers[base]} print alike"


def _base(names: "Vocabulary", function: Elementwise) -> "Tokens":
    plain = Elementwise(function.name, function.symbol, "", 0, function.body)
    return tokenise(names.naming.function(plain))


def _numbers(names: "Vocabulary") -> Iterator[str]:
    """Parameters and sizes of dimensions: they stand in products without anything around them."""
    for tokens, number in names.numbers.items():
        if tokens in names.whole:
            yield f"tensor {names.whole[tokens].name} and the number {number} print alike"
        for tensor in names.stems.get(tokens, ()):
            if names.naming.choice.entries == "parenthesis" or not (tensor.rank or tensor.label):
                yield f"tensor {tensor.name} and the number {number} print alike"


def _signs(names: "Vocabulary") -> Iterator[str]:
    """Signs with a fixed meaning: the Kronecker delta, e^x, the identity, Jacobians, the loss, the
    spectral radius, orders."""
    for tensor in names.stems.get((r"\delta",), ()):
        yield f"tensor {tensor.name} and the Kronecker delta print alike"
    if any(function.name == "exp" for function in names.functions):
        for tensor in names.stems.get(("e",), ()):
            if not tensor.rank and not tensor.label:
                yield f"tensor {tensor.name} and the base of e^x print alike"
        if ("e",) in names.numbers:
            yield "the number e and the base of e^x print alike"
    for sign, meaning in ((r"\rho", "spectral radius"), ("O", "sign of an order")):
        if (sign,) in names.heads:
            yield f"function {names.heads[sign,].name} and the {meaning} print alike"
    for tokens, tensor in names.whole.items():
        if names.naming.nucleus(tensor, bold=True).latex in ("I", r"\mathbf{I}"):
            yield f"tensor {tensor.name} and the identity matrix print alike"
        if tokens[0] == "J" and names.naming.choice.jacobian == "J":
            yield f"tensor {tensor.name} and the sign of a Jacobian print alike"
        if tensor.rank and tokens == tokenise(names.naming.loss):
            yield f"tensor {tensor.name} and the loss print alike"
    if names.naming.choice.jacobian == "J" and ("J",) in (*names.numbers, *names.heads):
        yield "the name J and the sign of a Jacobian print alike"
