"""The modules of the sets that the project ships, for the tests that pin them."""

from pathlib import Path
from types import ModuleType

from solutionset.building.load import run_module
from solutionset.model import Entry

ROOT = Path(__file__).parent.parent


def module_of(set_slug: str, slug: str) -> ModuleType:
    """Run the module of a problem."""
    module = ROOT / "problems" / set_slug / f"{slug}.py"
    template = ROOT / "templates" / set_slug / f"{slug}.tex"
    return run_module(Entry(set_slug, slug, module, template))
