"""A rulebook that was found right, remembered: its files are read and hashed at each start, and validated once.

What is remembered depends on the bytes of every file of the rules, and on all that turns them into a rulebook: Python,
the libraries, and the source of the modules that do it. Where any of these is another, the key is another.

It is a pickle, which loads several times faster than anything that is validated again. A pickle can name any function,
so this one is read by a reader that knows the records of a rulebook, and nothing else.
"""

from __future__ import annotations

import copyreg
import hashlib
import io
import pickle
import sys
from collections.abc import Mapping
from importlib.util import find_spec
from itertools import chain
from pathlib import Path
from typing import get_args

import yaml

from conseil import authority, cache, conditions, vocabulary
from conseil.conditions import Condition
from conseil.rulebook import model
from conseil.rulebook.model import Rulebook

__all__ = ["key_of", "recall", "remember"]

_KIND = "rulebooks"

_PACKAGE = Path(__file__).parents[1]
_SOURCES = (
    "authority",
    "cache",
    "conditions",
    "documents",
    "errors",
    "fields",
    "records",
    "refusals",
    "vocabulary",
    "rulebook/*",
)
"""The modules that turn files into a rulebook."""

_FOUND = find_spec("pydantic")
_PYDANTIC = Path(_FOUND.origin).with_name("version.py") if _FOUND and _FOUND.origin else Path("version.py")
"""The version of pydantic, and so that of all it rests on: it is read, since pydantic itself is much to load."""

_PARTS = {
    (part.__module__, part.__qualname__): part
    for module in (authority, conditions, vocabulary, model)
    for part in vars(module).values()
    if isinstance(part, type) and part.__module__ == module.__name__
}
"""What a rulebook is made of, beside texts, numbers, tuples and mappings: the classes that these modules define."""


def _identity() -> bytes | None:
    """Return a hash of what turns files into a rulebook; nothing where the sources are not there to be read."""
    digest = hashlib.sha256()
    for version in (sys.version, yaml.__version__):
        digest.update(f"{version}\0".encode())
    sources = [sorted(_PACKAGE.glob(f"{pattern}.py")) for pattern in _SOURCES]
    if not all(sources):
        return None
    for path in [_PYDANTIC, *chain.from_iterable(sources)]:
        try:
            data = path.read_bytes()
        except OSError:
            return None
        digest.update(f"{path.name} {len(data)}\0".encode())
        digest.update(data)
    return digest.digest()


# Taken when this is imported, with the modules that it speaks of: a checkout may change later, and what runs does not.
_IDENTITY = _identity()


def key_of(files: Mapping[str, bytes]) -> bytes | None:
    """Return the key of a rulebook, from what each of its files holds; nothing where none may be remembered."""
    if _IDENTITY is None:
        return None
    digest = hashlib.sha256(_IDENTITY)
    for name, data in sorted(files.items()):
        digest.update(f"{len(name)} {len(data)} {name}\0".encode(errors="surrogatepass"))
        digest.update(data)
    return digest.digest()


def recall(key: bytes) -> Rulebook | None:
    """Return the rulebook that was remembered under a key, or nothing."""
    kept = cache.remembered(_KIND, key)
    if kept is None:
        return None
    try:
        found = _Reader(io.BytesIO(kept)).load()
    except Exception:  # noqa: BLE001 - whatever is wrong with it, the files are there to be read
        return None
    return found if isinstance(found, Rulebook) else None


def remember(key: bytes, rulebook: Rulebook) -> None:
    """Remember a rulebook that has no fault, with its hash."""
    _ = rulebook.sha256  # worked out now, it is remembered too
    kept = io.BytesIO()
    _Writer(kept, protocol=5).dump(rulebook)
    cache.remember(_KIND, key, kept.getvalue())


def _as_call(condition: Condition) -> tuple[type[Condition], tuple[object, ...]]:
    return type(condition), tuple(getattr(condition, name) for name in condition.__match_args__)


class _Writer(pickle.Pickler):
    """Writes a condition as a call of its class: it is read twice as fast as one that is made, then filled."""

    dispatch_table = copyreg.dispatch_table | dict.fromkeys(get_args(Condition), _as_call)


class _Reader(pickle.Unpickler):
    """Makes the parts of a rulebook, and calls nothing else."""

    def find_class(self, module: str, name: str) -> type:
        """Return a part of a rulebook.

        Raises:
            UnpicklingError: it is something else.
        """
        try:
            return _PARTS[module, name]
        except KeyError as error:
            raise pickle.UnpicklingError(f"{module}.{name} is no part of a rulebook") from error
