"""Checks of what is counted: lists and tables of whole numbers, each cell by two routes.

A cell comes from an explicit list and from a closed form in named sizes. A table may have a last
row of sums, numbers that a sheet prints, and a package that counts once more where it is installed.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from importlib.util import find_spec

import sympy as sp

from solutionset.errors import AuthorError, ClaimError
from solutionset.model import (
    CheckedCell,
    CheckedClaim,
    CheckedTable,
    MutantScore,
    Standing,
    Verdict,
)
from solutionset.notation.coefficients import coefficient_latex
from solutionset.notation.numbers import Quantity
from solutionset.verification.bench import Bench
from solutionset.verification.checked import checked_claim
from solutionset.verification.claims import (
    Cell,
    Count,
    CountGrid,
    CountRow,
    Quoted,
    Recount,
    TableCell,
    TableRow,
)
from solutionset.verification.closed_forms import closed_form_variants
from solutionset.verification.oracles import Route

_NUMBER = re.compile(r"\$?[-+]?\d(?:[\d.,]|\\[,;: ])*\$?")


def check_count(claim: Count, bench: Bench, question: str) -> CheckedClaim:
    """Every cell from the explicit list and from the closed form; edited cells are refused."""
    name = f"{bench.entry}/{claim.head.name}"
    for row in claim.rows:
        _same_count(claim, name, row.label, row)
    variants = _variants_refused(claim, name, claim.rows)
    edited = [replace(row, listed=wrong) for row in claim.rows for wrong in _wrong(row.listed)]
    table = tuple(
        (row.label, coefficient_latex(row.closed_form), Quantity(row.listed, 1).latex)
        for row in claim.rows
    )
    refused = [_closed(row) != row.listed for row in edited] + variants
    return _counted(claim, question, len(claim.rows), refused, table=table)


def check_grid(claim: CountGrid, bench: Bench, question: str) -> CheckedClaim:
    """Every cell by both routes, every quoted number as far off as claimed, and the sums."""
    name = f"{bench.entry}/{claim.head.name}"
    _same_width(claim, name)
    for row in _rows(claim):
        for at, cell in enumerate(row[1:], start=1):
            _cell_holds(claim, name, f"{row[0]}", cell)
            _has_its_place(claim, name, row, at)
    _sums_hold(claim, name)
    opinions = () if claim.recount is None else _recounted(claim, claim.recount, name)
    cells = [cell for row in _rows(claim) for cell in row if not isinstance(cell, str)]
    refused = [not _holds(wrong) for cell in cells for wrong in _edited(cell)]
    refused += _variants_refused(claim, name, [cell for cell in cells if isinstance(cell, Cell)])
    counted = _counted(claim, question, len(cells), refused, opinions=opinions)
    return replace(counted, grid=_printed(claim))


# ------------------------------------------------------------------------------ one cell


def _closed(cell: Cell | CountRow) -> sp.Expr:
    """The exact number that the closed form gives, at sizes for all its letters."""
    form = sp.sympify(cell.closed_form)
    return form.subs({symbol: cell.sizes[symbol.name] for symbol in form.free_symbols})


def _holds(cell: Cell | CountRow | Quoted) -> bool:
    if isinstance(cell, Quoted):
        return cell.printed - cell.true.listed == cell.off
    return bool(_closed(cell) == cell.listed)


def _wrong(number: int) -> tuple[int, int, int]:
    """Other numbers than this one: off by one, and the slip of one place."""
    return number + 1, number - 1, 10 * number if number else 10


def _edited(cell: Cell | Quoted) -> Iterator[Cell | Quoted]:
    if isinstance(cell, Quoted):
        yield from (replace(cell, printed=wrong) for wrong in _wrong(cell.printed))
    else:
        yield from (replace(cell, listed=wrong) for wrong in _wrong(cell.listed))


def _variants_refused(
    claim: Count | CountGrid, name: str, cells: Sequence[Cell | CountRow]
) -> list[bool]:
    """That each wrong variant of each closed form miscounts some cell which has that form.

    Raises `ClaimError` for one that counts right, as a + b does for a b where both are two.
    """
    alike: dict[sp.Expr, list[Cell | CountRow]] = {}
    for cell in cells:
        alike.setdefault(sp.sympify(cell.closed_form), []).append(cell)
    refused: list[bool] = []
    for form, those in alike.items():
        common = set.intersection(*({*cell.sizes} for cell in those))
        known = {symbol.name: symbol for symbol in form.free_symbols}
        letters = frozenset(known.get(size, sp.Symbol(size)) for size in common)
        for wrong in closed_form_variants(form, letters):
            if all(_holds(replace(cell, closed_form=wrong)) for cell in those):
                raise _undecided(claim, name, form, wrong, those[0])
            refused.append(True)
    return refused


def _undecided(
    claim: Count | CountGrid, name: str, form: sp.Expr, wrong: sp.Expr, cell: Cell | CountRow
) -> ClaimError:
    return ClaimError(
        f"{name}: the list cannot tell {form} from {wrong}",
        code="mutant",
        place=claim.head.place,
        got=f"{cell.listed} by both, at {', '.join(f'{k} = {v}' for k, v in cell.sizes.items())}",
        advice="count at sizes that differ from each other, or at several sizes in several rows",
    )


def _same_count(claim: Count | CountGrid, name: str, label: str, cell: Cell | CountRow) -> None:
    missing = {symbol.name for symbol in sp.sympify(cell.closed_form).free_symbols}.difference(
        cell.sizes
    )
    if missing:
        raise AuthorError(
            f"{name}: the closed form of {label} has letters without a size",
            code="table",
            place=claim.head.place,
            got=", ".join(sorted(missing)),
            wanted="a number in sizes= for each",
        )
    value = _closed(cell)
    if value != cell.listed:
        raise ClaimError(
            f"{name}: {label} counts differently in two ways",
            code="claim",
            place=claim.head.place,
            got=f"{value} by the closed form",
            wanted=f"{cell.listed} by the list",
        )


def _cell_holds(claim: CountGrid, name: str, label: str, cell: TableCell) -> None:
    if isinstance(cell, Cell):
        _same_count(claim, name, label, cell)
    elif isinstance(cell, Quoted) and not _holds(cell):
        raise ClaimError(
            f"{name}: what the sheet prints for {label} is off by another number",
            code="claim",
            place=claim.head.place,
            got=f"off by {cell.off}",
            wanted=f"{cell.printed} - {cell.true.listed} = {cell.printed - cell.true.listed}",
        )


def _has_its_place(claim: CountGrid, name: str, row: TableRow, at: int) -> None:
    """A quoted number is judged by a counted one beside it, and no number stands as words where
    others are counted."""
    cell = row[at]
    if isinstance(cell, Quoted) and cell.true not in row:
        raise AuthorError(
            f"{name}: what the sheet prints for {row[0]} is compared with a cell of no column",
            code="table",
            place=claim.head.place,
            got=f"{cell.true.listed}, which does not stand in this row",
            wanted="one of the counted cells of the row",
        )
    counted = _kind_of_column(claim, at) == "number"
    if counted and isinstance(cell, str) and _NUMBER.fullmatch(cell.strip()):
        raise AuthorError(
            f"{name}: a number of {row[0]} is typed as words, so that nothing checks it",
            code="table",
            place=claim.head.place,
            got=cell,
            wanted="a Cell, or a Quoted",
        )


# ----------------------------------------------------------------------------- the table


def _rows(claim: CountGrid) -> tuple[TableRow, ...]:
    listed = tuple(row for group in claim.groups for row in group)
    return listed if claim.total is None else (*listed, claim.total)


def _same_width(claim: CountGrid, name: str) -> None:
    for row in _rows(claim):
        if len(row) != len(claim.columns):
            raise AuthorError(
                f"{name}: the row {row[0]} has {len(row)} cells",
                code="table",
                place=claim.head.place,
                wanted=f"{len(claim.columns)}, one a column",
            )


def _sums_hold(claim: CountGrid, name: str) -> None:
    """The counted cells of the last row are the sums of those above; quoted ones need not be."""
    if claim.total is None:
        return
    above = _rows(claim)[:-1]
    for at, (heading, cell) in enumerate(zip(claim.columns, claim.total, strict=True)):
        if not isinstance(cell, Cell):
            continue
        column = (row[at] for row in above)
        added = sum(one.listed for one in column if isinstance(one, Cell))
        if added != cell.listed:
            raise ClaimError(
                f"{name}: the column {heading} has another sum",
                code="claim",
                place=claim.head.place,
                got=f"{cell.listed} in the last row",
                wanted=f"{added} by adding the rows",
            )


def _recounted(claim: CountGrid, recount: Recount, name: str) -> tuple[str, ...]:
    """The package, where it is installed and counts the same in the rows that it counts."""
    if find_spec(recount.package) is None:
        return ()
    rows = {row[0]: [c.listed for c in row if isinstance(c, Cell)] for row in _rows(claim)}
    for label, numbers in recount.run().items():
        if rows.get(label, [])[: len(numbers)] != list(numbers):
            raise ClaimError(
                f"{recount.package} does not count {label} as {name} does",
                code="opinion",
                place=claim.head.place,
                got=f"{list(numbers)}",
                wanted=f"{rows.get(label)}",
            )
    return (recount.package,)


def _printed(claim: CountGrid) -> CheckedTable:
    columns = tuple(
        CheckedCell(heading, _kind_of_column(claim, at)) for at, heading in enumerate(claim.columns)
    )
    groups = tuple(tuple(tuple(map(_shown, row)) for row in group) for group in claim.groups)
    total = () if claim.total is None else tuple(map(_shown, claim.total))
    return CheckedTable(columns, groups, total)


def _kind_of_column(claim: CountGrid, at: int) -> str:
    words = all(isinstance(row[at], str) for row in _rows(claim))
    return "words" if words else "number"


def _shown(cell: TableCell) -> CheckedCell:
    match cell:
        case Cell():
            return CheckedCell(f"${Quantity(cell.listed, 1).latex}$", "number")
        case Quoted():
            kind = "wrong" if cell.off else "right"
            return CheckedCell(f"${Quantity(cell.printed, 1).latex}$", kind)
        case str():
            return CheckedCell(cell, "words")


def _counted(
    claim: Count | CountGrid,
    question: str,
    cells: int,
    refused: Sequence[bool],
    *,
    table: tuple[tuple[str, ...], ...] = (),
    opinions: tuple[str, ...] = (),
) -> CheckedClaim:
    """A claim of which every cell was found by both routes; `refused` are its edited cells."""
    made, killed = len(refused), sum(refused)
    score = MutantScore(made, 0, 0, killed, made - killed)
    verdict = Verdict(
        Standing.VERIFIED,
        Route.EXACT.value,
        0.0,
        0.0,
        cells,
        (),
        cells,
        score,
        "equal",
        second_opinions=opinions,
    )
    return checked_claim(claim, question, verdict, table=table)
