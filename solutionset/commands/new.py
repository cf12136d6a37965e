"""`new`: the module, the template and the test of a new problem."""

from solutionset.building.scaffold import scaffold
from solutionset.cli import shown
from solutionset.commands.options import Options
from solutionset.errors import SolutionSetError


def run(options: Options) -> tuple[SolutionSetError, ...]:
    """Write the files and print their paths; raises UsageError if one of them is there already."""
    (target,) = options.targets
    for path in scaffold(target, options.root):
        print(shown(str(path)))
    return ()
