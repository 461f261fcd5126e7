"""How the fields of a record are declared: what each accepts, beyond its type, and what it is called to people.

pydantic reads the values of records, and takes longer to load than a command takes for all the rest. So nothing here
names its classes: what is declared is told to pydantic when a record is first validated.
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Callable, Mapping
from dataclasses import MISSING
from importlib import import_module
from typing import TYPE_CHECKING, Annotated, Any

if TYPE_CHECKING:
    from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler, ValidationInfo
    from pydantic_core import CoreSchema

__all__ = [
    "Identifier",
    "Text",
    "after",
    "before",
    "context_of",
    "default_of",
    "described",
    "field",
    "instead",
    "is_identifier",
    "seen_as",
    "spelled",
    "written",
]


def field(*, default: Any = MISSING, description: str | None = None, min_length: int | None = None) -> Any:  # noqa: ANN401 - it stands for the value
    """Declare a field of a record.

    Args:
        default: its value where none is given; without it, one must be.
        description: what it is, in French, to those who write it.
        min_length: how many entries it has at least.
    """
    about = {"description": description, "min_length": min_length}
    if isinstance(default, dict):  # each record has one of its own
        return dataclasses.field(default_factory=default.copy, metadata=about)
    return dataclasses.field(default=default, metadata=about)


def default_of(declared: dataclasses.Field[Any]) -> Any:  # noqa: ANN401 - of whatever type the field is
    """Return the default of a field; `dataclasses.MISSING` where a value must be given."""
    return declared.default if declared.default_factory is MISSING else declared.default_factory()


class _Told:
    """An annotation of a type, by its name in pydantic, which makes it when a record is first validated."""

    def __init__(self, name: str, function: Callable[..., object], **options: object) -> None:
        self._name = name
        self._function = function
        self._options = options

    def __get_pydantic_core_schema__(self, source: object, handler: GetCoreSchemaHandler) -> CoreSchema:
        annotation = getattr(import_module("pydantic"), self._name)(self._function, **self._options)
        found: CoreSchema = annotation.__get_pydantic_core_schema__(source, handler)
        return found


def before(read: Callable[..., object], **options: object) -> object:
    """Annotate a type with a function that reads a raw value before the type does: pydantic's `BeforeValidator`."""
    return _Told("BeforeValidator", read, **options)


def after(read: Callable[..., object]) -> object:
    """Annotate a type with a function that reads a value once the type has: pydantic's `AfterValidator`."""
    return _Told("AfterValidator", read)


def instead(read: Callable[..., object]) -> object:
    """Annotate a type with a function that reads a raw value by itself: pydantic's `PlainValidator`."""
    return _Told("PlainValidator", read)


def written(write: Callable[[Any], object]) -> object:
    """Annotate a type with a function that says how a value is written: pydantic's `PlainSerializer`."""
    return _Told("PlainSerializer", write)


class seen_as:  # noqa: N801 - it reads as the functions beside it
    """Annotate a type with its JSON Schema, as pydantic's `WithJsonSchema` does."""

    def __init__(self, schema: Mapping[str, Any]) -> None:
        """Take the schema."""
        self._schema = schema

    def __get_pydantic_json_schema__(self, core: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        """Return the schema, to pydantic."""
        return dict(self._schema)


class described:  # noqa: N801 - the same
    """Annotate a type with a description, which stands in its JSON Schema."""

    def __init__(self, description: str) -> None:
        """Take the description."""
        self._description = description

    def __get_pydantic_json_schema__(self, core: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        """Return the schema of the type, with the description."""
        return {**handler(core), "description": self._description}


class spelled:  # noqa: N801 - the same
    """Annotate `str` with what a text may be, as pydantic's `StringConstraints` does."""

    def __init__(self, **constraints: Any) -> None:  # noqa: ANN401 - pydantic's
        """Take the constraints."""
        self._constraints = constraints

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:  # noqa: ANN401 - pydantic's
        """Return the constraints, to pydantic."""
        from pydantic_core.core_schema import str_schema  # noqa: PLC0415 - see the module

        return str_schema(**self._constraints)


_IDENTIFIER = r"^[a-z0-9]+(?:[-_][a-z0-9]+)*$"
Identifier = Annotated[str, spelled(pattern=_IDENTIFIER, max_length=80)]
"""ASCII lower-case words joined by `-` or `_`."""

Text = Annotated[str, spelled(strip_whitespace=True, min_length=1)]
"""A text that says something."""


def is_identifier(raw: object) -> bool:
    """Say whether a raw value could be an id.

    >>> is_identifier("etude-opportunite"), is_identifier("Étude d’opportunité")
    (True, False)
    """
    return isinstance(raw, str) and re.fullmatch(_IDENTIFIER, raw) is not None


def context_of(info: ValidationInfo, key: str) -> Any:  # noqa: ANN401 - whatever the reader put there
    """Return what the reader of a document passed along, or nothing."""
    return info.context.get(key) if isinstance(info.context, Mapping) else None
