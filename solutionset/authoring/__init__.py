"""The only import of a problem module: everything an author states a problem with.

A module defines tensors and a `forward`, and a function `solve` that returns a `Solution`; at the
end stands `problem = Problem(...)`. See docs/authoring.md.
"""

from solutionset.authoring.claims import (
    bound,
    cancel_inverse,
    chain,
    count,
    counterexample,
    exact,
    expectation,
    experiment,
    fold_slope,
    gradient,
    jacobian,
    minimisers,
    optimum,
    order,
    orthonormal,
    relation,
    rewrite,
    sums_to_one,
    sums_to_zero,
    symmetric,
    theorem,
    unit_norm,
)
from solutionset.authoring.computations import (
    Computation,
    define,
    define_entry,
)
from solutionset.authoring.symbols import (
    argument,
    at,
    det,
    diag,
    dim,
    elementwise,
    exp,
    grad,
    identity,
    index,
    inverse,
    jac,
    literal,
    log,
    matrix,
    norm,
    number,
    ones,
    parameter,
    scalar,
    spectral_norm,
    spectral_radius,
    tanh,
    tensor,
    trace,
    vector,
)
from solutionset.calculus.expressions import (
    delta,
    sum_over,
)
from solutionset.model import (
    AuditRow,
    Erratum,
)
from solutionset.notation.numbers import (
    Quantity,
)
from solutionset.verification.claims import (
    CountRow,
)
from solutionset.verification.instances import (
    Instance,
)
from solutionset.verification.problem import (
    Figure,
    Pitfall,
    Problem,
    Solution,
)
from solutionset.verification.randomness import (
    generator,
)
from solutionset.verification.verdicts import (
    Survivor,
)

__all__ = [
    "AuditRow",
    "Computation",
    "CountRow",
    "Erratum",
    "Figure",
    "Instance",
    "Pitfall",
    "Problem",
    "Quantity",
    "Solution",
    "Survivor",
    "argument",
    "at",
    "bound",
    "cancel_inverse",
    "chain",
    "count",
    "counterexample",
    "define",
    "define_entry",
    "delta",
    "det",
    "diag",
    "dim",
    "elementwise",
    "exact",
    "exp",
    "expectation",
    "experiment",
    "fold_slope",
    "generator",
    "grad",
    "gradient",
    "identity",
    "index",
    "inverse",
    "jac",
    "jacobian",
    "literal",
    "log",
    "matrix",
    "minimisers",
    "norm",
    "number",
    "ones",
    "optimum",
    "order",
    "orthonormal",
    "parameter",
    "relation",
    "rewrite",
    "scalar",
    "spectral_norm",
    "spectral_radius",
    "sum_over",
    "sums_to_one",
    "sums_to_zero",
    "symmetric",
    "tanh",
    "tensor",
    "theorem",
    "trace",
    "unit_norm",
    "vector",
]
