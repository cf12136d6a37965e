"""The command line. A build with nothing to do ends here, before anything else is imported."""

import os
import sys

from solutionset.building.stamp import nothing_to_do


def main(arguments: list[str], root: str) -> int:
    """Do what the arguments ask for and return the exit code; `root` is the default of --root."""
    if not arguments:
        pdfs = nothing_to_do(root, os.path.join(root, "output"))
        if pdfs:
            sys.stdout.write("".join(f"{shown(pdf)}\n" for pdf in pdfs))
            return 0
    if arguments == ["--version"]:
        from solutionset import __version__

        print(f"solutionset {__version__}")
        return 0
    try:
        from solutionset.commands.run import run

        return run(arguments, root)
    except KeyboardInterrupt:  # before there was anything to keep
        sys.stderr.write("interrupted\n")
        return 130


def shown(text: str) -> str:
    """Return a path, or a message with paths, as seen from the current folder."""
    return text.replace(f"{os.getcwd()}{os.sep}", "")
