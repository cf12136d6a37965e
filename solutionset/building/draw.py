"""Figures to PDF files in the house style; the only place that knows Matplotlib.

Margins are fixed (a layout engine would double the cost and make sizes depend on labels), fonts are
the bundled DejaVu Sans as Type 42, and no date is written, so the same numbers give the same bytes.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any

import matplotlib as mpl
from cycler import cycler
from matplotlib.backends.backend_pdf import FigureCanvasPdf
from matplotlib.figure import Figure as MplFigure

from solutionset.errors import AuthorError, Place, SolutionSetError
from solutionset.model import CheckedSolution, DrawnFigure, FigurePlan, IllustratedSolution
from solutionset.verification.randomness import generator

if TYPE_CHECKING:
    from solutionset.authoring import Figure, Problem

# Okabe and Ito's palette, darkened where a line on white would fall below a contrast of 3.
COLOURS = ("#1F5673", "#C2410C", "#0F766E", "#7E22CE", "#A16207", "#475569")
_STYLE: dict[Any, Any] = {
    "font.family": "DejaVu Sans",
    "font.size": 8.0,
    "axes.labelsize": 8.0,
    "axes.titlesize": 8.5,
    "xtick.labelsize": 7.0,
    "ytick.labelsize": 7.0,
    "legend.fontsize": 7.5,
    "legend.frameon": False,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.linewidth": 0.6,
    "axes.edgecolor": "#475569",
    "axes.grid": True,
    "grid.color": "#E2E8F0",
    "grid.linewidth": 0.5,
    "lines.linewidth": 1.4,
    "lines.markersize": 3.5,
    "pdf.fonttype": 42,
    "axes.prop_cycle": cycler(color=COLOURS),
    "axes.formatter.use_mathtext": True,
    "timezone": "UTC",  # this and the next are no part of what `rcdefaults` sets
    "date.epoch": "1970-01-01T00:00:00",
}
# Margins in inches: room for tick labels and axis labels at the sizes above.
_LEFT, _RIGHT, _BOTTOM, _TOP, _BETWEEN = 0.55, 0.12, 0.42, 0.24, 0.55


def draw(checked: CheckedSolution, problem: "Problem", folder: Path) -> IllustratedSolution:
    """Draw every figure of a checked solution into `folder`, as `<problem>-<name>.pdf`."""
    promised = {plan.name: plan for plan in checked.figures}
    if not promised:
        return IllustratedSolution(checked, ())
    folder.mkdir(parents=True, exist_ok=True)
    drawn = []
    for figure in problem.solve().figures:
        plan = promised[figure.name]
        file = folder / f"{checked.entry.split('/')[1]}-{figure.name}.pdf"
        _draw_one(checked.entry, figure, plan, file)
        drawn.append(DrawnFigure(plan, file))
    return IllustratedSolution(checked, tuple(drawn))


@contextmanager
def _house_style() -> Iterator[None]:
    """Set our style on top of Matplotlib's own, whatever the user's `matplotlibrc` says."""
    with mpl.rc_context():
        mpl.rcdefaults()
        mpl.rcParams.update(_STYLE)
        yield


def warm_up() -> None:
    """Let Matplotlib read its fonts and make its parser of formulas, once for all workers."""
    with _house_style():
        page = MplFigure(figsize=(2, 2))
        FigureCanvasPdf(page)
        axes = page.subplots()
        axes.plot([1, 2], label="$x^2$")
        axes.legend()
        page.savefig(BytesIO())


def _draw_one(entry: str, figure: "Figure", plan: FigurePlan, file: Path) -> None:
    with _house_style():
        page = MplFigure(figsize=(plan.width, plan.height))
        FigureCanvasPdf(page)
        axes = page.subplots(1, figure.panels, squeeze=False)[0]
        page.subplots_adjust(**_margins(plan, figure.panels))
        data = figure.data(generator(entry, figure.data.__name__))
        figure.draw(axes[0] if figure.panels == 1 else tuple(axes), data)
        _inspect(entry, figure, axes)
        page.savefig(file, metadata={"CreationDate": None, "Producer": None, "Creator": None})


def _margins(plan: FigurePlan, panels: int) -> dict[str, float]:
    width = (plan.width - _LEFT - _RIGHT - _BETWEEN * (panels - 1)) / panels
    return {
        "left": _LEFT / plan.width,
        "right": 1 - _RIGHT / plan.width,
        "bottom": _BOTTOM / plan.height,
        "top": 1 - _TOP / plan.height,
        "wspace": _BETWEEN / width,
    }


def _inspect(entry: str, figure: "Figure", axes: object) -> None:
    """Refuse axes without labels and empty ones: a figure must say what it shows."""
    for panel in axes:  # type: ignore[attr-defined]
        if not panel.has_data():
            raise _unfit(entry, figure, "draws nothing on one of its panels")
        if not panel.get_xlabel() or not panel.get_ylabel():
            raise _unfit(entry, figure, "leaves an axis without a label")


def _unfit(entry: str, figure: "Figure", what: str) -> SolutionSetError:
    code = figure.draw.__code__
    return AuthorError(
        f"figure {figure.name} of {entry} {what}",
        code="figure",
        place=Place(Path(code.co_filename), code.co_firstlineno),
        advice="label both axes and plot the data in every panel",
    )
