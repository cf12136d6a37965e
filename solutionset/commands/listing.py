"""`list`: sets, problems, questions and claims."""

import json
import sys
from contextlib import chdir, redirect_stdout
from typing import Any

from solutionset.building.faults import author_place, explain, python_error
from solutionset.building.find import find_set
from solutionset.building.load import load
from solutionset.building.targets import resolve
from solutionset.commands.options import Options
from solutionset.errors import Place, SolutionSetError
from solutionset.model import Entry


def run(options: Options) -> tuple[SolutionSetError, ...]:
    """Print what there is; return what is wrong with the rest."""
    sets: list[dict[str, Any]] = []
    errors: list[SolutionSetError] = []
    for scope in resolve((), options.root):
        try:
            entry = find_set(options.root, scope.set_slug)
        except Exception as error:
            errors += explain(error, options.root)
            continue
        problems = []
        for problem in entry.problems:
            try:
                # as in a build; and what a module prints is no part of the list
                with chdir(options.root), redirect_stdout(sys.stderr):
                    problems.append(_row(problem))
            except Exception as error:
                errors += explain(error, options.root, Place(problem.module))
            except SystemExit as error:
                place = author_place(error, options.root) or Place(problem.module)
                errors.append(python_error(error, place))
        sets.append({"set": entry.slug, "title": entry.config.title, "problems": problems})
    print(json.dumps(sets, indent=1, ensure_ascii=False) if options.as_json else _text(sets))
    return tuple(errors)


def _row(problem: Entry) -> dict[str, object]:
    loaded = load(problem)
    claims = loaded.solve().claims
    return {
        "problem": problem.slug,
        "title": loaded.title,
        "question": loaded.question,
        "claims": [
            {"claim": claim.head.name, "kind": claim.kind, "question": loaded.question}
            for claim in claims
        ],
    }


def _text(sets: list[dict[str, Any]]) -> str:
    lines = []
    for one in sets:
        lines.append(f"{one['set']}  {one['title']}")
        for problem in one["problems"]:
            lines.append(f"  {problem['problem']}  {problem['question']}  {problem['title']}")
            lines += [
                f"    {claim['claim']}  {claim['question']}  {claim['kind']}"
                for claim in problem["claims"]
            ]
    return "\n".join(lines)
