"""Letters in print: what a symbol's name becomes. Light enough for the frame of a document."""

GREEK = (
    "alpha",
    "beta",
    "gamma",
    "delta",
    "epsilon",
    "varepsilon",
    "zeta",
    "eta",
    "theta",
    "vartheta",
    "iota",
    "kappa",
    "lambda",
    "mu",
    "nu",
    "xi",
    "pi",
    "rho",
    "sigma",
    "tau",
    "upsilon",
    "phi",
    "varphi",
    "chi",
    "psi",
    "omega",
    "Gamma",
    "Delta",
    "Theta",
    "Lambda",
    "Xi",
    "Pi",
    "Sigma",
    "Upsilon",
    "Phi",
    "Psi",
    "Omega",
    "ell",
)
ACCENTS = ("tilde", "hat", "bar", "dot")
CALLIGRAPHIC = "cal"
FUNCTIONS = (
    "exp",
    "log",
    "ln",
    "sin",
    "cos",
    "tan",
    "arcsin",
    "arccos",
    "arctan",
    "sinh",
    "cosh",
    "tanh",
    "max",
    "min",
)
"""Functions that LaTeX knows by name; every other name of more than one letter is set upright."""


def letter_latex(letter: str) -> str:
    """A single letter as it is, a Greek one by its command, a calligraphic one, a word upright."""
    if len(letter) == 1:
        return letter
    if letter in GREEK:
        return f"\\{letter}"
    if letter.startswith(f"{CALLIGRAPHIC}_") and len(letter) == len(CALLIGRAPHIC) + 2:
        return rf"\mathcal{{{letter[-1]}}}"
    return rf"\mathrm{{{letter.replace('_', '')}}}"


def bold_latex(letter: str) -> str:
    """The same in bold; a word stays upright, commands need more than `\\mathbf`."""
    text = letter_latex(letter)
    if text.startswith(r"\mathrm"):
        return text.replace(r"\mathrm", r"\mathbf")
    return rf"\boldsymbol{{{text}}}" if text.startswith("\\") else rf"\mathbf{{{text}}}"


def is_index(token: str) -> bool:
    """Whether a token may stand for an index: a single letter or a Greek one."""
    return (len(token) == 1 and token.isalpha()) or token.removeprefix("\\") in GREEK


def split_symbol(symbol: str) -> tuple[str, str]:
    """Split `tilde_w` into accent and letter; a symbol without accent has the empty one."""
    for accent in ACCENTS:
        if symbol.startswith(f"{accent}_"):
            return accent, symbol[len(accent) + 1 :]
    return "", symbol
