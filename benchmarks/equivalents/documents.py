"""The documents of the peers: one set of ours as a PythonTeX document and as a notebook.

Both hold the preamble and the title of our own document, and for each problem a call of `work`.
"""

import json
from pathlib import Path

_SESSION = r"""
\begin{{pycode}}[{session}]
{added}
from work import fragment
print(fragment({root!r}, {set_slug!r}, {problem!r}, {folder!r}))
\end{{pycode}}
"""
_ADDED = "pytex.add_dependencies({module!r})"
_DISPLAY = """from IPython.display import Latex, display
from work import fragment
display(Latex(fragment({root!r}, {set_slug!r}, {problem!r}, {folder!r})))"""


def pythontex(
    preamble: str, root: Path, set_slug: str, problems: tuple[str, ...], folder: Path, *, one: bool
) -> str:
    """A PythonTeX document; `one` puts all problems into one session, else each has its own."""
    body = "".join(
        _SESSION.format(
            session="all" if one else problem.replace("_", ""),
            added=_ADDED.format(module=str(root / "problems" / set_slug / f"{problem}.py")),
            root=str(root),
            set_slug=set_slug,
            problem=problem,
            folder=str(folder),
        )
        for problem in problems
    )
    head = preamble + "\\usepackage{pythontex}\n\\begin{document}\n"
    return f"{head}{body}\\end{{document}}\n"


def notebook(root: Path, set_slug: str, problems: tuple[str, ...], folder: Path) -> str:
    """A notebook of one cell a problem, whose output is the LaTeX of the problem."""
    cells = [
        {
            "cell_type": "code",
            "execution_count": None,
            "id": f"problem-{number}",
            "metadata": {},
            "outputs": [],
            "source": _DISPLAY.format(
                root=str(root), set_slug=set_slug, problem=problem, folder=str(folder)
            ),
        }
        for number, problem in enumerate(problems)
    ]
    kernel = {"display_name": "Python 3", "language": "python", "name": "python3"}
    metadata = {"kernelspec": kernel, "language_info": {"name": "python"}}
    return json.dumps({"cells": cells, "metadata": metadata, "nbformat": 4, "nbformat_minor": 5})


def notebook_template(preamble: str, cells: str) -> str:
    """What nbconvert turns the notebook into: our preamble, and the output of each cell."""
    raw = "((* raw *))" + preamble + "((* endraw *))"
    return f"{raw}\\begin{{document}}\n{cells}\\end{{document}}\n"
