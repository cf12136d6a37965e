"""Removes what no build will ask for again."""

import os
import re
import shutil
from collections.abc import Iterable
from pathlib import Path

from solutionset.building.contents import CACHE
from solutionset.building.find import set_slugs
from solutionset.building.freshness import RENDERED, TYPESET, read_record, subfolders
from solutionset.model import View

# What a process that was killed left beside the file that it was about to replace.
_UNFINISHED = re.compile(r".+\.\d+\.new")
_UNPUBLISHED = re.compile(rf".+\.json\.\d+\.new|\..+\.(?:pdf|tex)\.(?:{'|'.join(View)})\.part")


def remove_leftovers(output: Path) -> None:
    """Remove the unfinished files of builds that were killed; the caller holds the lock.

    Beside the cache the folder may hold anything, as whoever says `--output ~` knows too late.
    """
    for folder, folders, files in os.walk(output / CACHE):
        folders[:] = [name for name in folders if name != "tex" or Path(folder).name != CACHE]
        for name in filter(_UNFINISHED.fullmatch, files):
            Path(folder, name).unlink(missing_ok=True)
    for file in (*output.glob("*"), *output.glob("*-figures/.*.part")):
        if _UNPUBLISHED.fullmatch(file.name):
            file.unlink(missing_ok=True)


def remove_deleted_sets(root: Path, output: Path) -> None:
    """Remove what earlier builds made of sets that are there no longer."""
    cache = output / CACHE
    sets = set_slugs(root)
    for slug in subfolders(str(cache / "documents")):
        if slug not in sets:
            for stage in (RENDERED, TYPESET):
                for file in (cache / "documents" / slug).glob(f"*.{stage}.record"):
                    record = read_record(str(file))
                    for name in record.outputs if record is not None else ():
                        (output / name).unlink(missing_ok=True)
            figures = output / f"{slug}-figures"
            if figures.is_dir() and not any(figures.iterdir()):
                figures.rmdir()
            for suffix in ("", "-questions", "-key"):
                shutil.rmtree(cache / "tex" / f"{slug}{suffix}", ignore_errors=True)
    remove_all_but(cache / "documents", sets)
    remove_all_but(cache / "problems", sets)


def remove_all_but(folder: Path, kept: Iterable[str]) -> None:
    """Remove the folders in `folder` with names other than those kept."""
    for name in set(subfolders(str(folder))) - set(kept):
        # the worker of another set may be removing the same at this moment
        shutil.rmtree(folder / name, ignore_errors=True)
