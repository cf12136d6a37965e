"""Worked instances: exact numbers through every formula, redone exactly by the author's `forward`.

Data are integers, rationals or arguments such as log 3 at which the functions are rational. Each
line 'symbols = numbers = value' is computed from the formula as it was printed and read back, and
compared with the derivative of `forward` by dual numbers: no rounding, tolerance zero.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from inspect import signature
from typing import Protocol

import numpy as np
import sympy as sp

from solutionset.calculus.matrix import Sym
from solutionset.calculus.tensors import (
    ARGUMENT,
    CalculusError,
    Dim,
    Elementwise,
    Gradient,
    Jacobian,
    Leaf,
    Tensor,
)
from solutionset.errors import AuthorError, ClaimError, Place, SolutionSetError, here
from solutionset.model import CheckedInstance, CheckedLine
from solutionset.notation.coefficients import bracketed
from solutionset.notation.matrix_reader import read_matrix
from solutionset.verification.bench import Bench
from solutionset.verification.claims import Derived
from solutionset.verification.computation import Computation, Parameter
from solutionset.verification.dual import Dual, apply_exact, lift
from solutionset.verification.evaluate import Values, ValuesSoFar, index_value, matrix_value
from solutionset.verification.exact_printer import NumberPrinter, array_latex
from solutionset.verification.oracles import Array
from solutionset.verification.points import broken_forward


class Function(Protocol):
    """An elementwise function as an author holds it."""

    function: Elementwise


_EXACTLY = (
    "an instance runs forward on exact numbers, which know @, +, *, **, np.exp, np.log, np.sqrt "
    "and np.tanh, and no np.linalg"
)

Nested = object
"""Exact numbers, or lists of lists of them, as deep as the tensor has axes."""
_BESIDE = sp.Rational(1, 10**9)


@dataclass(frozen=True)
class Instance:
    """Exact data for one computation, and the claims whose formulas are worked out on them.

    `values` gives every given tensor, `upstream` the gradient of the loss in the root (none for a
    loss), `functions` a body in `argument` for every abstract function, `parameters` a number for
    every parameter or its name.
    """

    name: str
    computation: Computation
    values: Mapping[Sym, Nested]
    claims: tuple[str, ...]
    upstream: Nested | None = None
    functions: Mapping[Function, sp.Expr] = field(default_factory=dict)
    parameters: Mapping[Parameter | str, int | sp.Expr] = field(default_factory=dict)
    place: Place = field(default_factory=here, kw_only=True, compare=False)


class ExactPoint:
    """One point with exact values; gives formulas their numbers without rounding."""

    def __init__(self, instance: Instance, place: Place) -> None:
        self.instance = instance
        self.computation = instance.computation
        self.sizes: dict[Dim, int] = {}
        self.given: dict[Tensor, Array] = {}
        named = {sym.leaf: value for sym, value in instance.values.items()}
        for tensor in self.computation.definitions.given:
            if tensor not in named:
                raise _broken(place, f"instance {instance.name} gives no value for {tensor.name}")
            self.given[tensor] = self._admitted(tensor, _exact_array(named[tensor]), place)
        self.bodies = {f.function.name: body for f, body in instance.functions.items()}
        for function in self.computation.functions:
            if function.body is None and function.name not in self.bodies:
                raise _broken(place, f"instance {instance.name} gives no body for {function.name}")
        self.tensors = self.evaluated({})
        self.upstream = self._upstream(place)

    def _admitted(self, tensor: Tensor, array: Array, place: Place) -> Array:
        if array.ndim != tensor.rank:
            raise _broken(
                place,
                f"instance {self.instance.name}: {tensor.name} has {tensor.rank} axes",
                got=f"{array.ndim} axes",
            )
        for dim, size in zip(tensor.dims, array.shape, strict=True):
            if self.sizes.setdefault(dim, size) != size:
                raise _broken(
                    place,
                    f"instance {self.instance.name}: {dim.name} has two sizes",
                    got=f"{size} in {tensor.name}",
                    wanted=str(self.sizes[dim]),
                )
        return array

    def _upstream(self, place: Place) -> Array:
        root = self.computation.root
        shape = self.tensors[root].shape
        if self.computation.loss:
            return _exact_array(1)
        if self.instance.upstream is None:
            # A Jacobian needs no upstream gradient; one that asks for it meets an empty array.
            return np.zeros((0,), dtype=object)
        array = _exact_array(self.instance.upstream)
        if array.shape != shape:
            raise _broken(
                place,
                f"instance {self.instance.name}: wrong shape of the upstream gradient",
                got=str(array.shape),
                wanted=str(shape),
            )
        return array

    # ------------------------------------------------------------------ the Values protocol

    def leaf(self, leaf: Leaf) -> Array:
        """The exact value of a tensor, gradient or Jacobian."""
        match leaf:
            case Tensor():
                return self.tensors[leaf]
            case Gradient():
                if leaf.of == self.computation.root:
                    return self.upstream
                jacobian = self.jacobian(self.computation.root, leaf.of)
                return _pulled(self.upstream, jacobian)
            case Jacobian():
                return self.jacobian(leaf.of, leaf.wrt)
            case _:
                raise TypeError(f"{leaf.name} has no value of its own")

    def moved(self, tensor: Leaf, value: Array) -> Values:
        """The same point with a given tensor replaced."""
        if not isinstance(tensor, Tensor):
            raise TypeError(f"{tensor.name} is not given")
        shift = np.reshape(value, self.given[tensor].shape) - self.given[tensor]
        return ValuesSoFar(self, self.evaluated({tensor: shift}))

    def size(self, dim: Dim) -> int:
        """The size of a dimension."""
        return self.sizes[dim]

    def number(self, value: sp.Expr) -> sp.Expr:
        """A coefficient, exactly."""
        known = {dim.name: sp.Integer(size) for dim, size in self.sizes.items()}
        by_symbol = {p.symbol.name: p for p in self.computation.parameters}
        names = {symbol.name for symbol in value.free_symbols} & set(by_symbol)
        known |= {name: self._parameter(by_symbol[name]) for name in names}
        return value.subs({s: known[s.name] for s in value.free_symbols})

    def _parameter(self, parameter: Parameter) -> sp.Expr:
        """The number of a parameter; only one that a formula contains needs one."""
        for key, number in self.instance.parameters.items():
            if key in (parameter, parameter.name):
                return _exact_array(number)[()]
        raise _broken(
            self.instance.place,
            f"instance {self.instance.name} gives no number for {parameter.name}",
        )

    def function(self, function: Elementwise) -> Callable[[Array], Array]:
        """An elementwise function on arrays of exact or dual numbers."""
        body = function.body if function.body is not None else self.bodies[function.name]
        expression = sp.diff(body, ARGUMENT, function.order)
        slope = sp.diff(expression, ARGUMENT)
        kinked = body.has(sp.Piecewise, sp.Max, sp.Min, sp.Abs, sp.Heaviside)

        def exact(at: Dual | sp.Expr) -> Dual | sp.Expr:
            if kinked:
                self._refuse_kink(function, slope, at.value if isinstance(at, Dual) else at)
            return apply_exact(expression, slope, ARGUMENT, at)

        apply = np.frompyfunc(exact, 1, 1)
        return lambda array: np.asarray(apply(array), dtype=object)

    def _refuse_kink(self, function: Elementwise, slope: sp.Expr, at: sp.Expr) -> None:
        """An instance at a kink would show a slope that nobody defined."""
        # Limits of SymPy are slow here; a jump of the slope shows at numbers just beside.
        beside = (at - _BESIDE, at + _BESIDE)
        below, above = (float(slope.subs(ARGUMENT, number)) for number in beside)
        if abs(above - below) > 1e-3 * (1 + abs(above)):
            raise AuthorError(
                f"instance {self.instance.name} evaluates {function.name} at its kink",
                code="instance",
                place=self.computation.place,
                got=f"the argument {at}",
                advice="choose numbers away from the kink",
            )

    # ----------------------------------------------------------------------------- values

    def evaluated(self, shifts: Mapping[Tensor, Array]) -> dict[Tensor, Array]:
        """All tensors through the definitions, after adding a shift to some."""
        # An array of objects without axes comes out of a sum as the object itself.
        moved = {t: np.asarray(a + shifts.get(t, 0), dtype=object) for t, a in self.given.items()}
        stage = ValuesSoFar(self, moved)
        for definition in self.computation.definitions.ordered:
            value = index_value(definition.body, definition.indices, stage)
            value = np.asarray(value, dtype=object) + shifts.get(definition.tensor, 0)
            stage.values[definition.tensor] = np.asarray(value, dtype=object)
        return stage.values

    def jacobian(self, of: Tensor, wrt: Tensor) -> Array:
        """d(of)/d(wrt) through the definitions, by dual numbers."""
        zero = np.asarray(self.tensors[wrt] * 0, dtype=object)  # of a scalar it is no array
        return _dual_jacobian(lambda shift: self.evaluated({wrt: shift})[of], zero)

    def oracle(self, leaf: Leaf) -> Array:
        """The value of a gradient or Jacobian by the author's `forward`, exactly.

        A quantity that `forward` does not take, an intermediate one, goes through the definitions.
        """
        root = self.computation.root
        of, wrt = (root, leaf.of) if isinstance(leaf, Gradient) else (leaf.of, leaf.wrt)  # type: ignore[union-attr]
        if wrt not in self.given or of.name not in self.forward({}):
            return self.leaf(leaf)
        jacobian = _dual_jacobian(
            lambda array: self.forward({wrt: array})[of.name], self.given[wrt]
        )
        return _pulled(self.upstream, jacobian) if isinstance(leaf, Gradient) else jacobian

    def forward(self, changed: Mapping[Tensor, Array]) -> dict[str, Array]:
        """The author's code on dual numbers, of slope zero where nothing is changed."""
        taken = signature(self.computation.forward).parameters
        arguments: dict[str, object] = {"np": np} if "np" in taken else {}
        for name, thing in self.computation.inputs.items():
            if name not in taken:
                continue
            match thing:
                case Tensor():
                    # NumPy asks the entries of an object array for exp and log; dual numbers know.
                    arguments[name] = _lifted(changed.get(thing, self.given[thing]))
                case Elementwise():
                    arguments[name] = self.function(thing)
                case Parameter():
                    arguments[name] = self._parameter(thing)
        try:
            value = self.computation.forward(**arguments)
        except SolutionSetError:
            raise
        except Exception as error:
            raise broken_forward(self.computation, error, _EXACTLY) from error
        named = value if isinstance(value, dict) else {self.computation.root.name: value}
        return {name: np.asarray(array, dtype=object) for name, array in named.items()}


def _exact_array(value: object) -> Array:
    flat = np.array(value, dtype=object)
    for item in flat.flat:
        if isinstance(item, float):
            raise AuthorError(
                f"{item!r} in an instance is a rounded number",
                code="instance",
                wanted="an int or an exact SymPy number",
            )
    return np.asarray(np.frompyfunc(sp.sympify, 1, 1)(flat), dtype=object)


def _dual_jacobian(function: Callable[[Array], Array], at: Array) -> Array:
    columns = []
    for position in np.ndindex(at.shape):
        duals = np.empty(at.shape, dtype=object)
        for other in np.ndindex(at.shape):
            duals[other] = Dual(at[other], sp.Integer(int(other == position)))
        value = np.asarray(function(duals), dtype=object)
        columns.append(np.asarray(np.frompyfunc(_slope, 1, 1)(value), dtype=object))
    stacked = np.stack(columns, axis=-1)
    return stacked.reshape(stacked.shape[:-1] + at.shape)


def _lifted(array: Array) -> Array:
    return np.asarray(np.frompyfunc(lift, 1, 1)(array), dtype=object)


def _values(array: Array) -> Array:
    plain = np.frompyfunc(lambda value: lift(value).value, 1, 1)(array)
    return np.asarray(plain, dtype=object)


def _slope(value: object) -> sp.Expr:
    return value.slope if isinstance(value, Dual) else sp.Integer(0)


def _pulled(upstream: Array, jacobian: Array) -> Array:
    if upstream.ndim == 0:
        return np.asarray(upstream[()] * jacobian, dtype=object)
    return np.asarray(np.tensordot(upstream, jacobian, axes=upstream.ndim), dtype=object)


def _broken(place: Place, message: str, *, got: str = "", wanted: str = "") -> AuthorError:
    return AuthorError(message, code="instance", place=place, got=got, wanted=wanted)


def check_instance(
    instance: Instance, claims: Mapping[str, Derived], bench: Bench
) -> tuple[CheckedInstance, ExactPoint]:
    """Work an instance out; raises `ClaimError` if any number differs from `forward`, and
    `AuthorError` if one of them cannot be printed."""
    place = instance.place
    try:
        return _worked_out(instance, claims, bench, place)
    except CalculusError as error:
        raise AuthorError(
            f"instance {instance.name}: {error.message}",
            code="instance",
            place=place,
            got=error.got,
            wanted=error.wanted,
            advice=error.advice
            or "choose numbers at which all quantities are fractions, roots or logarithms of them",
        ) from None
    except AuthorError as error:
        raise error.at(place) from None


def _worked_out(
    instance: Instance, claims: Mapping[str, Derived], bench: Bench, place: Place
) -> tuple[CheckedInstance, ExactPoint]:
    point = ExactPoint(instance, place)
    _agree_with_forward(instance, point, bench, place)
    values = [(bench.naming.whole(t), array_latex(point.tensors[t])) for t in point.tensors]
    root = Sym(Gradient(point.computation.root))
    if point.upstream.size and not point.computation.loss:
        values.append((bench.printer.matrix(root), array_latex(point.upstream)))
    lines: list[tuple[str, CheckedLine]] = []
    for name in instance.claims:
        if name not in claims:
            raise _broken(
                place,
                f"instance {instance.name} names an unknown claim {name}",
                wanted=", ".join(claims),
            )
        lines += [(name, line) for line in _claim_lines(claims[name], point, bench)]
    return CheckedInstance(instance.name, tuple(values), tuple(lines)), point


def _agree_with_forward(instance: Instance, point: ExactPoint, bench: Bench, place: Place) -> None:
    for name, duals in point.forward({}).items():
        array = _values(duals)
        ours = next(a for t, a in point.tensors.items() if t.name == name)
        if not equal_exactly(ours, array):
            raise ClaimError(
                f"{bench.entry}: instance {instance.name} gives {name} two values",
                code="instance",
                place=place,
                got=array_latex(ours),
                wanted=array_latex(array),
                advice="a root of a size is a float, which is no exact number: choose a size whose "
                "root is whole"
                if any(map(_stored, array.flat))
                else "",
            )


def _stored(value: sp.Expr) -> bool:
    """Whether it is a fraction as only a float has one."""
    return any(r.q > 10**12 or abs(r.p) > 10**12 for r in sp.sympify(value).atoms(sp.Rational))


def _claim_lines(claim: Derived, point: ExactPoint, bench: Bench) -> tuple[CheckedLine, ...]:
    if claim.form is None:
        raise _broken(claim.head.place, f"{claim.head.name} has no matrix form to work out")
    leaf: Leaf = Gradient(claim.wrt) if claim.of is None else Jacobian(claim.of, claim.wrt)
    wanted = as_printed(point.oracle(leaf), leaf)
    numbers = NumberPrinter(bench.printer, point).matrix(claim.form)
    read = matrix_value(read_matrix(numbers, bench.vocabulary), point)
    if not equal_exactly(np.reshape(read, wanted.shape), wanted):
        raise ClaimError(
            f"{bench.entry}/{claim.head.name}: the numbers of instance {point.instance.name} are "
            "not what forward gives",
            code="instance",
            place=claim.head.place,
            got=array_latex(read),
            wanted=array_latex(wanted),
            details=(f"formula    {numbers}",),
        )
    left = bench.printer.matrix(Sym(leaf))
    result = array_latex(wanted)
    alone = numbers in (result, bracketed(result))
    worked = result if alone else f"{numbers} = {result}"
    formula = CheckedLine(left, "=", bench.printer.matrix(claim.form), "")
    return (formula, CheckedLine("", "=", worked, ""))


def as_printed(array: Array, leaf: Leaf) -> Array:
    """The values of a gradient or Jacobian in the shape of its formula, which may be a row."""
    return array.reshape(1, -1) if isinstance(leaf, Jacobian) and leaf.is_row else array


def equal_exactly(left: Array, right: Array) -> bool:
    """Whether two arrays of exact numbers are equal."""
    if left.shape != right.shape:
        return False
    return all(sp.simplify(a - b) == 0 for a, b in zip(left.flat, right.flat, strict=True))
