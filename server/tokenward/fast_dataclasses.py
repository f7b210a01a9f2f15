"""Frozen data classes that load fast.

The standard ones compile six functions for each class at each start, 0.7 ms of CPU; of these, one compiles its
`__init__` for the first instance, and the others are the same code for all.
"""

from __future__ import annotations

import operator
import sys
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any


class _Later:
    """Stands for `inspect`, which `dataclasses` imports in 7 ms and hardly ever uses."""

    __spec__ = None

    def __getattr__(self, name: str) -> Any:
        import inspect  # noqa: PLC0415 - see above

        return getattr(inspect, name)


if "inspect" in sys.modules:
    import dataclasses
else:
    sys.modules["inspect"] = _Later()  # type: ignore[assignment]
    try:
        import dataclasses
    finally:
        del sys.modules["inspect"]

_not_compiled = dict[type, None]()
_COMPARISONS = {"__lt__": operator.lt, "__le__": operator.le, "__gt__": operator.gt, "__ge__": operator.ge}

if TYPE_CHECKING:
    from dataclasses import dataclass as dataclass  # noqa: PLC0414 - for modules that import it from here
else:

    def dataclass(kind: type | None = None, /, *, order: bool = False, **options: bool) -> Any:
        """Return a decorator like the standard one; it is quick for `frozen=True, slots=True`."""
        if options == {"frozen": True, "slots": True}:
            return partial(_record, order=order)
        return dataclasses.dataclass(kind, order=order, **options)


def _record(kind: type, *, order: bool) -> type:
    # Without a text, the standard one inspects the signature of `__init__` for it.
    kind.__doc__ = kind.__doc__ or kind.__name__
    made: type = dataclasses.dataclass(init=False, repr=False, eq=False, slots=True)(kind)
    fields = dataclasses.fields(made)
    compared = [field.name for field in fields if field.compare]
    key = operator.attrgetter(*compared) if compared else lambda _: ()
    shown = [field.name for field in fields if field.repr]

    def first_init(self: Any, *values: Any, **named: Any) -> None:
        _compile(made)
        made.__init__(self, *values, **named)  # type: ignore[misc]

    def show(self: Any) -> str:
        return (
            f"{self.__class__.__qualname__}({', '.join(f'{name}={getattr(self, name)!r}' for name in shown)})"
        )

    def equals(self: Any, other: object) -> bool:
        return bool(key(self) == key(other)) if other.__class__ is self.__class__ else NotImplemented

    def hashed(self: Any) -> int:
        return hash(key(self))

    methods = {"__init__": first_init, "__repr__": show, "__eq__": equals, "__hash__": hashed}
    methods |= {
        "__setattr__": _refuse,
        "__delattr__": _refuse,
        "__getstate__": _state,
        "__setstate__": _set_state,
    }
    if order:
        methods |= {name: _comparison(key, compare) for name, compare in _COMPARISONS.items()}
    defined = vars(made)
    for name, method in methods.items():
        if defined.get(name) is None:
            setattr(made, name, method)
    if defined["__init__"] is first_init:
        _not_compiled[made] = None
    return made


def compile_all() -> None:
    """Compile each `__init__` that nothing has called yet, once for all forks of this process."""
    for made in [*_not_compiled]:
        _compile(made)


def _compile(made: type) -> None:
    _not_compiled.pop(made, None)
    made.__init__ = _initializer(made)  # type: ignore[misc]


def _refuse(_: object, name: str, *__: object) -> None:
    raise dataclasses.FrozenInstanceError(f"cannot assign to field {name!r}")


def _state(self: Any) -> list[Any]:
    return [getattr(self, field.name) for field in dataclasses.fields(self)]


def _set_state(self: Any, state: list[Any]) -> None:
    for field, value in zip(dataclasses.fields(self), state, strict=True):
        object.__setattr__(self, field.name, value)


def _comparison(
    key: Callable[[Any], Any], compare: Callable[[Any, Any], bool]
) -> Callable[[Any, object], bool]:
    def compared(self: Any, other: object) -> bool:
        return compare(key(self), key(other)) if other.__class__ is self.__class__ else NotImplemented

    return compared


def _initializer(made: type) -> Callable[..., None]:
    """Compile the `__init__` of a class; the names of fields are the only text in it."""
    parameters, lines = ["self"], []
    given: dict[str, Any] = {"MISSING": dataclasses.MISSING}
    for field in dataclasses.fields(made):
        name, value = field.name, field.name
        given[f"set_{name}"] = getattr(made, name).__set__
        if field.default_factory is not dataclasses.MISSING:
            given[f"new_{name}"] = field.default_factory
            value = f"new_{name}() if {name} is MISSING else {name}"
            parameters.append(f"{name}=MISSING")
        elif field.default is not dataclasses.MISSING:
            given[f"default_{name}"] = field.default
            parameters.append(f"{name}=default_{name}")
        else:
            parameters.append(name)
        lines.append(f"    set_{name}(self, {value})\n")
    if hasattr(made, "__post_init__"):
        lines.append("    self.__post_init__()\n")
    exec(f"def __init__({', '.join(parameters)}):\n{''.join(lines) or '    pass'}", given)  # noqa: S102 - see above
    init: Callable[..., None] = given["__init__"]
    init.__qualname__ = f"{made.__qualname__}.__init__"
    return init
