"""How things are named in print: shared by the printer and the reader, so that both agree on it."""

from dataclasses import dataclass

from solutionset.calculus.tensors import CalculusError, Elementwise, Tensor
from solutionset.model import CHOICES, NotationChoice
from solutionset.notation.letters import FUNCTIONS, bold_latex, is_index, letter_latex, split_symbol


@dataclass(frozen=True)
class Nucleus:
    """A symbol without its index: `\\tilde{\\mathbf{w}}` is accent tilde, font bold, letter w."""

    letter: str
    accent: str = ""
    bold: bool = False

    @property
    def latex(self) -> str:
        """The symbol in print."""
        text = bold_latex(self.letter) if self.bold else letter_latex(self.letter)
        return rf"\{self.accent}{{{text}}}" if self.accent else text


@dataclass(frozen=True)
class Naming:
    """The names of tensors, functions and the loss under one set's notation."""

    choice: NotationChoice

    def __post_init__(self) -> None:
        """Refuse a choice that does not exist."""
        for field, allowed in CHOICES.items():
            value = getattr(self.choice, field)
            if allowed and value not in allowed:
                raise CalculusError(
                    f"notation {field} = {value!r} does not exist",
                    wanted=f"one of {', '.join(allowed)}",
                )

    @property
    def loss(self) -> str:
        """The loss in print."""
        return letter_latex(self.choice.loss)

    @property
    def hadamard(self) -> str:
        """The sign of the entrywise product."""
        return f"\\{self.choice.hadamard}"

    def nucleus(self, tensor: Tensor, *, bold: bool) -> Nucleus:
        """The symbol of a tensor, bold where the set's notation says so."""
        accent, letter = split_symbol(tensor.printed_symbol)
        return Nucleus(letter, accent, bold and self.is_bold(tensor))

    def is_bold(self, tensor: Tensor) -> bool:
        """Whether the whole tensor is set in bold."""
        if tensor.rank == 0 or self.choice.bold == "none":
            return False
        return self.choice.bold == "all" or tensor.rank == 1

    def whole(self, tensor: Tensor) -> str:
        """The tensor as a whole: bold symbol and label."""
        return self.nucleus(tensor, bold=True).latex + subscript(tensor.label)

    def entry(self, tensor: Tensor, indices: tuple[str, ...]) -> str:
        """One entry, in subscripts or in parentheses."""
        symbol = self.nucleus(tensor, bold=False).latex
        if not indices or self.choice.entries == "parenthesis":
            return self.at(symbol + subscript(tensor.label), indices)
        together = joined(indices)
        return symbol + subscript(f"{tensor.label},{together}" if tensor.label else together)

    def at(self, symbol: str, indices: tuple[str, ...]) -> str:
        """A symbol that has no subscript, or whose subscript is its own, at some indices."""
        if not indices:
            return symbol
        if self.choice.entries == "parenthesis":
            return f"{symbol}({','.join(indices)})"
        return symbol + subscript(joined(indices))

    def inverse(self, tensor: Tensor) -> str:
        """The inverse of a matrix, in the letters of its entries."""
        return self.power(tensor, "-1")

    def power(self, tensor: Tensor, exponent: str) -> str:
        """A power of a matrix, in the letters of its entries."""
        return f"{self.nucleus(tensor, bold=False).latex}{subscript(tensor.label)}^{{{exponent}}}"

    def function(self, function: Elementwise) -> str:
        """The symbol of a function with its label and primes."""
        name = function.printed_symbol
        base = f"\\{name}" if name in FUNCTIONS else letter_latex(name)
        if function.label:
            base += subscript(function.label)
        return base + "'" * function.order


def index_latex(name: str) -> str:
    """An index in print; raises `CalculusError` if its name is no letter."""
    text = letter_latex(name)
    if not is_index(text):
        raise CalculusError(f"index {name} cannot be printed", wanted="one letter, or a Greek one")
    return text


def joined(indices: tuple[str, ...]) -> str:
    """Index letters side by side, with commas where one has more than one letter."""
    return "".join(indices) if all(len(i) == 1 for i in indices) else ",".join(indices)


def subscript(text: str) -> str:
    """A subscript, or nothing."""
    if not text:
        return ""
    return f"_{text}" if len(text) == 1 else f"_{{{text}}}"
