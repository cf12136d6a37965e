"""The conventions of notation that the top of a document states, in words and signs alone."""

from solutionset.building.escape import Prose
from solutionset.model import NotationChoice
from solutionset.notation.letters import letter_latex

_GRADIENTS = {
    "partial": r"\partial {loss}/\partial {weights}",
    "nabla": r"\nabla_{{{weights}}} {loss}",
}
_PRODUCTS = {"odot": r"\odot", "circ": r"\circ"}


def conventions(notation: NotationChoice) -> tuple[Prose, ...]:
    """Return one sentence a convention; a choice of signs without a sentence says nothing of it."""
    sentences = [
        "A Jacobian has a row for each entry of the function, a column for each of the variable.",
        "A prime marks the derivative of an elementwise function, taken entry by entry.",
    ]
    if notation.gradient in _GRADIENTS:
        weights = r"\mathbf{W}" if notation.bold == "all" else "W"
        gradient = _GRADIENTS[notation.gradient].format(
            loss=letter_latex(notation.loss), weights=weights
        )
        sentences.insert(0, rf"A gradient ${gradient}$ has the shape of what it is taken in.")
    if notation.hadamard in _PRODUCTS:
        sign = _PRODUCTS[notation.hadamard]
        sentences.append(f"The sign ${sign}$ multiplies entry by entry, after all matrix products.")
    return tuple(Prose(sentence) for sentence in sentences)
