"""PURE: names of a module that are imported from other modules when they are first asked for."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from importlib import import_module


def lazy_names(module: str, package: str, places: Mapping[str, str]) -> Callable[[str], object]:
    """Make the `__getattr__` of a module.

    Args:
        module: The name of the module.
        package: The package that relative places start from.
        places: The module of each name, such as ".pagination".

    Returns:
        A function that imports a name and keeps it in the module; it raises AttributeError for other names.
    """

    def get(name: str) -> object:
        if name not in places:
            raise AttributeError(f"module {module!r} has no attribute {name!r}")
        found = getattr(import_module(places[name], package), name)
        setattr(sys.modules[module], name, found)
        return found

    return get
