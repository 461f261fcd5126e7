"""Names that a package offers, and imports only when somebody asks for one: a command loads what it needs, no more."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from importlib import import_module
from typing import Any

__all__ = ["imported_on_demand"]


def imported_on_demand(package: str, names: Mapping[str, Sequence[str]]) -> Callable[[str], Any]:
    """Return the `__getattr__` of a package: Python calls it for a name that the package does not have yet.

    The names are also imported for the type checker, under `TYPE_CHECKING`, so that their types are known.

    Args:
        package: the name of the package.
        names: those that each module has to offer.

    >>> imported_on_demand("conseil", {"conseil.errors": ["Problem"]})("Problem").__name__
    'Problem'
    """
    modules = {name: module for module, offered in names.items() for name in offered}

    def find(name: str) -> Any:  # noqa: ANN401 - a name may stand for anything
        if name not in modules:
            raise AttributeError(f"module {package!r} has no attribute {name!r}", name=name)
        return getattr(import_module(modules[name]), name)

    return find
