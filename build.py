"""Build the solution sets: a shim over `solutionset.cli`, as a script is recompiled each run."""

import os
import sys

from solutionset.cli import main

sys.exit(main(sys.argv[1:], os.path.dirname(os.path.abspath(__file__))))
