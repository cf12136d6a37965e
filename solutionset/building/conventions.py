"""The conventions of notation that the top of a document states, in words and signs alone."""

from solutionset.building.escape import Prose
from solutionset.model import NotationChoice

_GRADIENTS = {
    "partial": r"\partial {loss}/\partial \mathbf{{W}}",
    "nabla": r"\nabla_{{\mathbf{{W}}}} {loss}",
}
_PRODUCTS = {"odot": r"\odot", "circ": r"\circ"}


def conventions(notation: NotationChoice) -> tuple[Prose, ...]:
    """Return one sentence a convention; a choice of signs without a sentence says nothing of it."""
    sentences = [
        "A Jacobian has a row for each entry of the function, a column for each of the variable.",
        "A prime marks the derivative of an elementwise function, taken entry by entry.",
    ]
    if notation.gradient in _GRADIENTS:
        gradient = _GRADIENTS[notation.gradient].format(loss=notation.loss)
        sentences.insert(0, rf"A gradient ${gradient}$ has the shape of what it is taken in.")
    if notation.hadamard in _PRODUCTS:
        sentences.append(f"The sign ${_PRODUCTS[notation.hadamard]}$ multiplies entry by entry.")
    return tuple(Prose(sentence) for sentence in sentences)
