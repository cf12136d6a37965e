"""Moving what a good run of TeX made to where readers find it."""

import os
from pathlib import Path

from solutionset.model import Document


def release(document: Document, job: Path, output: Path) -> None:
    """Write everything beside its place first, then move it there: the PDF last.

    Raises `OSError` where a file cannot be written.
    """
    names = [name for name, _ in document.figures]
    names += [f"{document.name}.tex", f"{document.name}.pdf"]
    targets = [output / name for name in names]
    view = document.view  # all views of a set have the same figures
    staged = [target.with_name(f".{target.name}.{view}.part") for target in targets]
    try:
        for name, temporary in zip(names, staged, strict=True):
            _stage(job / name, temporary)
        for temporary, target in zip(staged, targets, strict=True):
            os.replace(temporary, target)
    finally:
        for temporary in staged:
            temporary.unlink(missing_ok=True)


def _stage(source: Path, temporary: Path) -> None:
    """Copy a file so that it is safely on the disk before it takes its name."""
    temporary.parent.mkdir(parents=True, exist_ok=True)
    with temporary.open("wb") as file:
        file.write(source.read_bytes())
        file.flush()
        os.fsync(file.fileno())


def drop_stale_figures(document: Document, output: Path) -> None:
    """Remove the figures of the set that no `.tex` of it names, whichever view that is."""
    texts = [path.read_text("utf-8") for path in sorted(output.glob(f"{document.set_slug}*.tex"))]
    folder = output / f"{document.set_slug}-figures"
    for figure in sorted(folder.glob("*.*")):
        if not any(f"{folder.name}/{figure.stem}" in text for text in texts):
            figure.unlink()
