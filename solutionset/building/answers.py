"""Which claims are the answers of a problem: those that its solution marks as verified, and tables.

They are what the key prints. The template says so itself, by the macros it calls; in the key its
solution is not printed, so its tree is read.
"""

from collections.abc import Iterator
from pathlib import Path

from jinja2 import meta, nodes

from solutionset.building.find import template_file
from solutionset.building.lint import parsed
from solutionset.building.templating import read_template

_MARKING = frozenset({"result", "statement", "mark", "count_table", "count_grid"})


def answers(folder: Path, name: str) -> frozenset[str]:
    """The names of the claims that a template, or one that it includes, marks; maybe none."""
    return frozenset(_marked(folder, name))


def _marked(folder: Path, name: str) -> Iterator[str]:
    path = template_file(folder, name)
    tree, _ = parsed(read_template(path), name, path)
    for call in tree.find_all(nodes.Call):
        if isinstance(call.node, nodes.Name) and call.node.name in _MARKING:
            yield from (
                argument.attr
                for argument in call.args
                if isinstance(argument, nodes.Getattr) and _is_claims(argument.node)
            )
    for other in meta.find_referenced_templates(tree):
        if other is not None and "/" in other:
            yield from _marked(folder, other)


def _is_claims(node: nodes.Node) -> bool:
    return isinstance(node, nodes.Name) and node.name == "claims"
