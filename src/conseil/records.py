"""What crosses the border: records that are frozen, refuse unknown keys, and say their faults in French.

A record is a dataclass whose values pydantic reads and writes. It is made, read, written and copied as a model of
pydantic is, by methods of the same names, and may be a field of one; but pydantic is loaded when something is first
validated or written, since that takes longer than a command takes for all the rest, and most commands find their
rulebook remembered.

pydantic finds the faults; a record adds its own from the raw value, so that one run reports them all, and `refusals`
gives each the words and the hint that a person can act on.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping
from dataclasses import MISSING, Field, FrozenInstanceError, dataclass, fields
from typing import (
    TYPE_CHECKING,
    Annotated,
    Any,
    ClassVar,
    Literal,
    NoReturn,
    Self,
    TypeVar,
    dataclass_transform,
    get_type_hints,
)

from conseil.errors import Fault, Faults
from conseil.fields import default_of, described, field
from conseil.refusals import in_french

if TYPE_CHECKING:
    from pydantic import GetCoreSchemaHandler, TypeAdapter
    from pydantic_core import CoreSchema

__all__ = ["Record", "validated"]


@dataclass_transform(kw_only_default=True, frozen_default=True, field_specifiers=(field,))
class Record:
    """A record that crosses the border; its fields are its annotated attributes.

    It is defined in a module, and has no field of its own class. `model_dump` writes it: `dataclasses.asdict` would
    show what conditions are made of.

    >>> class Bale(Record):
    ...     weight: int = field(description="en kilos")
    ...     colour: str = field(default="brune", description="de la laine")
    >>> Bale(weight="40")
    Bale(weight=40, colour='brune')
    """

    __dataclass_fields__: ClassVar[dict[str, Field[Any]]]

    def __init_subclass__(cls, **options: Any) -> None:  # noqa: ANN401 - of other bases
        """Make a dataclass of it: what that would generate is below, once for all records."""
        super().__init_subclass__(**options)
        dataclass(init=False, repr=False, eq=False, kw_only=True)(cls)

    def __init__(self, **values: Any) -> None:  # noqa: ANN401 - of whatever types the fields are
        """Make a record from raw values.

        Raises:
            pydantic.ValidationError: they are not right.
        """
        _adapter(type(self)).validator.validate_python(values, self_instance=self)

    @classmethod
    def model_construct(cls, **values: Any) -> Self:  # noqa: ANN401 - the same
        """Make a record from values that are known to be right: only their names are looked at.

        Raises:
            TypeError: one is not that of a field, or one is missing.
        """
        made = cls.__new__(cls)
        for declared in fields(cls):
            name = declared.name
            found = values.pop(name) if name in values else default_of(declared)
            if found is MISSING:
                raise TypeError(f"{cls.__name__} needs {name}")
            made.__dict__[name] = found
        if values:
            raise TypeError(f"{cls.__name__} has no {', '.join(values)}")
        return made

    @classmethod
    def model_validate(cls, raw: object, *, context: object = None) -> Self:
        """Read a raw value.

        Args:
            raw: a mapping, or a record, which is returned as it is.
            context: what the functions that read its fields are given.

        Raises:
            pydantic.ValidationError: it is not right.
        """
        return _adapter(cls).validate_python(raw, context=context)

    @classmethod
    def model_validate_json(cls, raw: str | bytes, *, context: object = None) -> Self:
        """Read JSON, as `model_validate` reads a value."""
        return _adapter(cls).validate_json(raw, context=context)

    @classmethod
    def model_json_schema(cls, **how: Any) -> dict[str, Any]:  # noqa: ANN401 - pydantic's
        """Return the JSON Schema of the record; `mode`… are those of pydantic."""
        return _adapter(cls).json_schema(**how)

    def model_dump(
        self,
        *,
        mode: Literal["json", "python"] = "python",
        exclude: set[str] | None = None,
        exclude_defaults: bool = False,
        exclude_none: bool = False,
    ) -> dict[str, Any]:
        """Return the record as plain data; the options are those of pydantic."""
        data: dict[str, Any] = _adapter(type(self)).dump_python(
            self, mode=mode, exclude=exclude, exclude_defaults=exclude_defaults, exclude_none=exclude_none
        )
        return data

    def model_dump_json(
        self, *, indent: int | None = None, exclude_defaults: bool = False, exclude_none: bool = False
    ) -> str:
        """Return the record as JSON; the options are those of pydantic."""
        written = _adapter(type(self)).dump_json(
            self, indent=indent, exclude_defaults=exclude_defaults, exclude_none=exclude_none
        )
        return written.decode()

    def model_copy(self, *, update: Mapping[str, Any] | None = None) -> Self:
        """Return a copy with other values, which are known to be right.

        What had been worked out from the old ones (a hash, an index) does not come along.
        """
        kept = {declared.name: self.__dict__[declared.name] for declared in fields(self)}
        return self.model_construct(**kept | dict(update or {}))

    def __setattr__(self, name: str, value: object) -> NoReturn:
        """Refuse: a record is frozen."""
        raise FrozenInstanceError(f"cannot assign to field {name!r}")

    def __delattr__(self, name: str) -> NoReturn:
        """Refuse: a record is frozen."""
        raise FrozenInstanceError(f"cannot delete field {name!r}")

    def _values(self) -> tuple[Any, ...]:
        return tuple([self.__dict__[declared.name] for declared in fields(self)])

    def __eq__(self, other: object) -> bool:
        """Say whether it is a record of the same kind with the same values."""
        if type(other) is not type(self):
            return NotImplemented
        return self._values() == other._values()

    def __hash__(self) -> int:
        """Hash the values."""
        return hash((type(self), self._values()))

    def __repr__(self) -> str:
        """Show the values as a call."""
        values = (f"{declared.name}={self.__dict__[declared.name]!r}" for declared in fields(self))
        return f"{type(self).__name__}({', '.join(values)})"

    @classmethod
    def _faults(cls, raw: Mapping[str, Any]) -> Iterator[Fault]:  # noqa: ARG003 - for records to override
        """Say what is wrong with a raw value beyond its fields; called whether or not the fields are right."""
        yield from ()

    @classmethod
    def _collect_faults(cls, raw: object, read: Any) -> Any:  # noqa: ANN401 - pydantic's
        from pydantic import ValidationError  # noqa: PLC0415 - loaded when it is needed: see the module

        own = list(cls._faults(raw)) if isinstance(raw, Mapping) else []
        try:
            values = read(raw)
        except ValidationError as error:
            raise Faults([*in_french(error, cls), *own]) from error
        if own:
            raise Faults(own)
        return values

    @classmethod
    def __get_pydantic_core_schema__(cls, source: object, handler: GetCoreSchemaHandler) -> CoreSchema:
        """Tell pydantic how a record is read and written: as a dataclass, so that it may be a field of any model."""
        import pydantic  # noqa: PLC0415 - loaded when it is needed: see the module
        from pydantic_core import core_schema  # noqa: PLC0415 - the same

        types, read = get_type_hints(cls, include_extras=True), []
        for declared in fields(cls):
            kind, about = types[declared.name], declared.metadata
            if about.get("min_length"):
                kind = Annotated[kind, pydantic.Field(min_length=about["min_length"])]
            if about.get("description"):
                kind = Annotated[kind, described(about["description"])]
            schema = handler.generate_schema(kind)
            default = default_of(declared)
            if default is not MISSING:
                schema = core_schema.with_default_schema(schema, default=default)
            read.append(core_schema.dataclass_field(declared.name, schema, kw_only=True))
        values = core_schema.dataclass_args_schema(cls.__name__, read)
        return core_schema.dataclass_schema(
            cls,
            core_schema.no_info_wrap_validator_function(cls._collect_faults, values),
            [declared.name for declared in fields(cls)],
            config=core_schema.CoreConfig(title=cls.__name__, extra_fields_behavior="forbid"),
            frozen=True,
            ref=f"{cls.__module__}.{cls.__qualname__}:{id(cls)}",
        )


_R = TypeVar("_R", bound=Record)

_adapters: dict[type[Record], TypeAdapter[Any]] = {}
_making = threading.RLock()


def _adapter(record: type[_R]) -> TypeAdapter[_R]:
    """Return what reads and writes records of a class; it is made once, when it is first needed."""
    found = _adapters.get(record)
    if found is None:
        from pydantic import TypeAdapter  # noqa: PLC0415 - loaded when it is needed: see the module

        with _making:
            found = _adapters.get(record) or TypeAdapter(record)
            _adapters[record] = found
    return found


def validated(record: type[_R], raw: object, context: object = None) -> _R:
    """Read a raw value as a record.

    Raises:
        Faults: everything that is wrong with it, each with its place.
    """
    from pydantic import ValidationError  # noqa: PLC0415 - loaded when it is needed: see the module

    try:
        return record.model_validate(raw, context=context)
    except ValidationError as error:
        raise Faults(list(in_french(error, record))) from error
