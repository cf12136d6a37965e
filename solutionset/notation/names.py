"""How things are named in print: shared by the printer and the reader, so that both agree on it."""

from dataclasses import dataclass

from solutionset.calculus.tensors import CalculusError, Elementwise, Tensor
from solutionset.model import NotationChoice

GREEK = (
    "alpha beta gamma delta epsilon zeta eta theta iota kappa lambda mu nu xi pi rho sigma tau phi "
    "chi psi omega Gamma Delta Theta Lambda Xi Pi Sigma Upsilon Phi Psi Omega ell"
).split()
ACCENTS = ("tilde", "hat", "bar", "dot")
CALLIGRAPHIC = "cal"
FUNCTIONS = ("log", "tanh", "sin", "cos", "cosh", "sinh", "max", "min")
"""Functions that LaTeX knows by name; every other name of more than one letter is set upright."""

CHOICES: dict[str, tuple[str, ...]] = {
    "loss": (),
    "gradient": ("partial", "nabla"),
    "jacobian": ("J", "partial"),
    "bold": ("all", "vectors", "none"),
    "entries": ("subscript", "parenthesis"),
    "hadamard": ("odot", "circ"),
}


@dataclass(frozen=True)
class Nucleus:
    """A symbol without its index: `\\tilde{\\mathbf{w}}` is accent tilde, font bold, letter w."""

    letter: str
    accent: str = ""
    bold: bool = False

    @property
    def latex(self) -> str:
        """The symbol in print."""
        text = letter_latex(self.letter)
        if self.bold:
            text = rf"\boldsymbol{{{text}}}" if self.letter in GREEK else rf"\mathbf{{{text}}}"
        return rf"\{self.accent}{{{text}}}" if self.accent else text


def letter_latex(letter: str) -> str:
    """A single letter as it is, a Greek one by its command, a calligraphic one, a word upright."""
    if len(letter) == 1:
        return letter
    if letter in GREEK:
        return f"\\{letter}"
    if letter.startswith(f"{CALLIGRAPHIC}_") and len(letter) == len(CALLIGRAPHIC) + 2:
        return rf"\mathcal{{{letter[-1]}}}"
    return rf"\mathrm{{{letter.replace('_', '')}}}"


def split_symbol(symbol: str) -> tuple[str, str]:
    """Split `tilde_w` into accent and letter; a symbol without accent has the empty one."""
    for accent in ACCENTS:
        if symbol.startswith(f"{accent}_"):
            return accent, symbol[len(accent) + 1 :]
    return "", symbol


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
        return self.nucleus(tensor, bold=True).latex + _subscript(tensor.label)

    def entry(self, tensor: Tensor, indices: tuple[str, ...]) -> str:
        """One entry, in subscripts or in parentheses."""
        symbol = self.nucleus(tensor, bold=False).latex
        if not indices:
            return symbol + _subscript(tensor.label)
        if self.choice.entries == "parenthesis":
            return f"{symbol}{_subscript(tensor.label)}({','.join(indices)})"
        together = "".join(indices) if all(len(i) == 1 for i in indices) else ",".join(indices)
        return symbol + _subscript(f"{tensor.label},{together}" if tensor.label else together)

    def function(self, function: Elementwise) -> str:
        """The symbol of a function with its label and primes."""
        name = function.printed_symbol
        base = f"\\{name}" if name in FUNCTIONS else letter_latex(name)
        if function.label:
            base += _subscript(function.label)
        return base + "'" * function.order


def _subscript(text: str) -> str:
    if not text:
        return ""
    return f"_{text}" if len(text) == 1 else f"_{{{text}}}"
