"""What a template can name: the checked solution as strict records that know how to print.

Formulas become `Tex`, an author's sentences `Prose`; names, kinds and numbers stay as they are. The
structure is that of `model.py`, so that its pages say what a template may write.
"""

from collections.abc import Mapping
from dataclasses import dataclass, fields, is_dataclass
from decimal import Decimal

from solutionset.building.escape import Prose, Tex
from solutionset.building.names import Names, unused
from solutionset.building.record import round_up
from solutionset.model import (
    CheckedClaim,
    DrawnFigure,
    Entry,
    IllustratedSolution,
    MutantScore,
    SetConfig,
    Verdict,
    View,
)

_FORMULAS = frozenset(
    {"latex", "formula", "entry_formula", "left", "relation", "right", "result", "wrong", "shape"}
)
_SENTENCES = frozenset(
    {
        *("title", "source", "meaning", "because", "statement", "text", "consequence", "without"),
        *("where", "sheet_says", "correct", "evidence", "reason", "note", "caption"),
        *("course", "author", "date", "licence", "introduction", "prose"),
    }
)
# What a problem's template has to print somewhere in the solutions.
_OWED = ("claims", "figures", "pitfalls", "errata", "instances")
_TEXTS = ("entry", "title", "question", "source")


@dataclass(frozen=True)
class Context:
    """The names that the template of one problem sees; they remember what was used."""

    names: Mapping[str, object]

    def unused(self) -> tuple[str, ...]:
        """Return what the template left out, as `kind name`."""
        owed = ((kind, self.names[kind]) for kind in _OWED)
        return tuple(
            f"{kind}.{name}"
            for kind, names in owed
            if isinstance(names, Names)
            for name in unused(names)
        )


def problem_context(
    illustrated: IllustratedSolution,
    entry: Entry,
    config: SetConfig,
    view: View,
    answered: frozenset[str] = frozenset(),
) -> Context:
    """Return what the template of a problem sees in one view.

    `answered` names the claims that the key prints; where it is empty these are all.
    """
    solution = illustrated.solution
    shared: dict[str, object] = {
        kind: Names(kind, {item.name: record(item) for item in getattr(solution, kind)})
        for kind in ("symbols", "definitions", "claims", "instances", "pitfalls", "errata")
    }
    shared["values"] = Names("values", {name: Tex(latex) for name, latex in solution.values})
    shared["figures"] = Names(
        "figures",
        {figure.plan.name: _figure(entry, figure) for figure in illustrated.figures},
    )
    shared["audit"] = tuple(record(row) for row in solution.audit)
    texts = {name: printable(name, getattr(solution, name)) for name in _TEXTS}
    problem = Names("problem", {**texts, **shared, "slug": entry.slug})
    return Context(
        {
            **shared,
            "problem": problem,
            "answers": tuple(
                record(c) for c in solution.claims if c.name in answered or not answered
            ),
            "slug": entry.slug,
            "view": view.value,
            "marks": config.marks,
        }
    )


def figure_path(entry: Entry, figure: DrawnFigure) -> str:
    """Return the path of a figure relative to the `.tex` that shows it."""
    return f"{entry.set_slug}-figures/{entry.slug}-{figure.plan.name}{figure.file.suffix}"


def record(item: object) -> Names:
    """Return a dataclass of the model as a strict record of printable fields."""
    assert is_dataclass(item)
    values = {
        field.name: printable(field.name, getattr(item, field.name)) for field in fields(item)
    }
    if isinstance(item, MutantScore):
        values["judged"] = item.generated - item.ill_typed - item.equivalent
    if isinstance(item, CheckedClaim):
        measured = {name: Tex(latex) for name, latex in item.values}
        values["values"] = Names(f"values of {item.name}", measured)
        values["table"] = tuple((Prose(label), *map(Tex, cells)) for label, *cells in item.table)
    if isinstance(item, Verdict):
        values["error"] = _power_of_ten(item.worst_error)
    return Names(f"{type(item).__name__} {values.get('name', '')}".strip(), values)


def printable(name: str, value: object) -> object:
    """Return the value of the field `name` as a template prints it or goes through it."""
    if is_dataclass(value):
        return record(value)
    if isinstance(value, tuple):
        pairs = name in {"values", "macros"}
        return tuple(
            tuple(Tex(part) for part in item) if pairs else printable(name, item) for item in value
        )
    if name in _FORMULAS and isinstance(value, str):
        return Tex(value)
    if name in _SENTENCES and isinstance(value, str):
        return Prose(value)
    return value


def _figure(entry: Entry, figure: DrawnFigure) -> Names:
    parts = {"plan": record(figure.plan), "path": Tex(figure_path(entry, figure))}
    return Names(f"figure {figure.plan.name}", parts)


def _power_of_ten(error: float) -> Tex:
    """Return an error as LaTeX for math mode, rounded up to a power of ten."""
    rounded = round_up(error)
    return Tex(rf"10^{{{Decimal(repr(rounded)).adjusted()}}}" if rounded else "0")
