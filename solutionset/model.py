"""The nouns that travel along the pipeline: frozen, plain data, no SymPy, no NumPy.

    Path -find-> Entry -load-> Problem -solve-> Solution -check-> CheckedSolution
         -draw-> IllustratedSolution -render-> Fragment -assemble-> Document -typeset-> Pdf
         -record-> BuildRecord

`Problem` and `Solution` hold live objects of the author's module and are defined in
`solutionset.authoring`; from `CheckedSolution` on everything is text and numbers, so that it can be
stored, and rendered again without SymPy.
"""

from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path


class View(StrEnum):
    """Which document is wanted from the same checked solutions."""

    QUESTIONS = "questions"
    SOLUTIONS = "solutions"
    KEY = "key"


# ---------------------------------------------------------------------------------- find


@dataclass(frozen=True)
class NotationChoice:
    """How a set writes its formulas; each value is one of those named in `docs/authoring.md`."""

    loss: str = "L"
    gradient: str = "partial"
    jacobian: str = "J"
    bold: str = "all"
    entries: str = "subscript"
    hadamard: str = "odot"


CHOICES: dict[str, tuple[str, ...]] = {
    "loss": (),
    "gradient": ("partial", "nabla"),
    "jacobian": ("J", "partial"),
    "bold": ("all", "vectors", "none"),
    "entries": ("subscript", "parenthesis"),
    "hadamard": ("odot", "circ"),
}
"""The values of each field of a `NotationChoice`, the default first; none if any symbol will do."""


@dataclass(frozen=True)
class SetConfig:
    """What `set.toml` says about a set."""

    title: str
    course: str
    author: str
    date: str
    language: str
    licence: str
    source: str
    problems: tuple[str, ...]
    introduction: str = ""
    macros: tuple[tuple[str, str], ...] = ()
    marks: bool = True
    notation: NotationChoice = field(default_factory=NotationChoice)


@dataclass(frozen=True)
class Entry:
    """One problem as the folders show it; its module has not been imported."""

    set_slug: str
    slug: str
    module: Path
    template: Path

    @property
    def name(self) -> str:
        """`set/problem`, as a target on the command line."""
        return f"{self.set_slug}/{self.slug}"


@dataclass(frozen=True)
class SetEntry:
    """One set as the folders show it, its problems in the order of `set.toml`."""

    slug: str
    folder: Path
    toml: Path
    config: SetConfig
    problems: tuple[Entry, ...]


# --------------------------------------------------------------------------------- check


class Standing(StrEnum):
    """How far a statement is established."""

    VERIFIED = "verified"
    RECORDED = "recorded"
    UNCHECKED = "unchecked"


@dataclass(frozen=True)
class MutantScore:
    """How many deliberately wrong variants of a claim were made, and what became of them."""

    generated: int
    ill_typed: int
    equivalent: int
    killed: int
    survived: int


@dataclass(frozen=True)
class Hypothesis:
    """An assumption the text makes; `without` says what a run outside it showed."""

    text: str
    without: str


@dataclass(frozen=True)
class Verdict:
    """The record of one check: by which route, how closely, on how much data.

    `made_with` names the versions that numbers of an optional package were measured with.
    """

    standing: Standing
    oracle: str
    worst_error: float
    tolerance: float
    points: int
    seeds: tuple[int, ...]
    steps: int
    mutants: MutantScore | None
    read_back: str
    second_opinions: tuple[str, ...] = ()
    hypotheses: tuple[Hypothesis, ...] = ()
    note: str = ""
    made_with: str = ""


@dataclass(frozen=True)
class Formula:
    """LaTeX for math mode, without delimiters, exactly as it was read back and checked."""

    latex: str


@dataclass(frozen=True)
class CheckedLine:
    """One line of a derivation: `relation` (=, \\le, ...), its right side, the reason.

    `left` is empty where the line continues the one above.
    """

    left: str
    relation: str
    right: str
    because: str


@dataclass(frozen=True)
class CheckedCell:
    """A cell of a table or a heading; `kind` is `words` or `number`, and for a number that a sheet
    prints `right` or `wrong`."""

    text: str
    kind: str


@dataclass(frozen=True)
class CheckedTable:
    """A table of counts: its headings, groups of rows that are set apart, and the row of sums."""

    columns: tuple[CheckedCell, ...]
    groups: tuple[tuple[tuple[CheckedCell, ...], ...], ...]
    total: tuple[CheckedCell, ...]


@dataclass(frozen=True)
class CheckedClaim:
    """A claim as it may be printed: its derivation, its final form, its verdict.

    `values` are numbers that an experiment measured, by name; `table` are the rows of a count,
    `grid` those of one with several columns.
    """

    name: str
    kind: str
    question: str
    title: str
    lines: tuple[CheckedLine, ...]
    result: str
    shape: tuple[str, ...]
    statement: str
    verdict: Verdict
    values: tuple[tuple[str, str], ...] = ()
    table: tuple[tuple[str, ...], ...] = ()
    grid: CheckedTable | None = None


@dataclass(frozen=True)
class CheckedDefinition:
    """A definition as it may be printed; it equals the author's `forward`."""

    name: str
    formula: str
    entry_formula: str
    shape: tuple[str, ...]
    verdict: Verdict


@dataclass(frozen=True)
class CheckedSymbol:
    """A given tensor: its name in print, its shape, what it means."""

    name: str
    latex: str
    shape: tuple[str, ...]
    meaning: str


@dataclass(frozen=True)
class CheckedPitfall:
    """A tempting mistake, the wrong formula it leads to, and the error measured for it."""

    name: str
    text: str
    wrong: str
    consequence: str
    claim: str


@dataclass(frozen=True)
class CheckedInstance:
    """A worked instance: named values as LaTeX, and lines 'symbols = numbers = value'."""

    name: str
    values: tuple[tuple[str, str], ...]
    lines: tuple[tuple[str, CheckedLine], ...]


@dataclass(frozen=True)
class Erratum:
    """A statement of the sheet that does not hold as printed, and the claim that shows it."""

    name: str
    question: str
    where: str
    sheet_says: str
    correct: str
    kind: str
    evidence: str
    claim: str


@dataclass(frozen=True)
class AuditRow:
    """One statement of the sheet, our paraphrase, its verdict and the claim that decides it."""

    question: str
    where: str
    statement: str
    verdict: str
    claim: str
    reason: str = ""


@dataclass(frozen=True)
class FigurePlan:
    """A figure that the author promises: its name, its words, its place in the module."""

    name: str
    alt: str
    caption: str
    width: float
    height: float


@dataclass(frozen=True)
class CheckedSolution:
    """Everything a template may print about one problem; only `verification` makes it."""

    entry: str
    title: str
    question: str
    source: str
    symbols: tuple[CheckedSymbol, ...]
    definitions: tuple[CheckedDefinition, ...]
    claims: tuple[CheckedClaim, ...]
    instances: tuple[CheckedInstance, ...]
    pitfalls: tuple[CheckedPitfall, ...]
    values: tuple[tuple[str, str], ...]
    figures: tuple[FigurePlan, ...]
    errata: tuple[Erratum, ...]
    audit: tuple[AuditRow, ...]
    prose: tuple[str, ...] = ()


# --------------------------------------------------------------------------- draw, render


@dataclass(frozen=True)
class DrawnFigure:
    """A figure as a PDF file, with the words for those who cannot see it."""

    plan: FigurePlan
    file: Path


@dataclass(frozen=True)
class IllustratedSolution:
    """A checked solution with its figures drawn."""

    solution: CheckedSolution
    figures: tuple[DrawnFigure, ...]


@dataclass(frozen=True)
class Origin:
    """Where one generated line of LaTeX comes from."""

    path: str
    line: int


@dataclass(frozen=True)
class Fragment:
    """LaTeX of one problem for one view; `origins[i]` is the source of its line i (from 0)."""

    entry: str
    view: View
    latex: str
    origins: tuple[Origin, ...]
    figures: tuple[DrawnFigure, ...]


@dataclass(frozen=True)
class Coverage:
    """Formulas that a document shows, how many were checked, and line and LaTeX of the others."""

    displayed: int
    checked: int
    unchecked: tuple[tuple[int, str], ...]


@dataclass(frozen=True)
class Document:
    """LaTeX of a whole set for one view.

    `name` is the stem of its output files; figures lie in the folder `<set>-figures` beside the
    `.tex`, under the file names that the LaTeX refers to. `secrets` are phrases that may not stand
    in its PDF.
    """

    name: str
    set_slug: str
    view: View
    latex: str
    origins: tuple[Origin, ...]
    figures: tuple[tuple[str, Path], ...]
    coverage: Coverage = Coverage(0, 0, ())
    secrets: tuple[str, ...] = ()


@dataclass(frozen=True)
class Overfull:
    """A line that sticks out of the text block by more than one point."""

    points: float
    origin: Origin | None
    context: str


@dataclass(frozen=True)
class Pdf:
    """A published PDF; `remarks` are for who waits: why a pass took longer than it could.

    `inputs` are the files of the TeX installation that it was made from, by absolute path.
    """

    path: Path
    tex: Path
    pages: int
    passes: int
    overfull: tuple[Overfull, ...]
    tex_version: str
    remarks: tuple[str, ...] = ()
    inputs: tuple[str, ...] = ()
