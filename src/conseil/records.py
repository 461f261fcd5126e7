"""What crosses the border: models that are frozen, refuse unknown keys, and say their faults in French.

pydantic finds the faults; a record adds its own from the raw value, so that one run reports them all, and gives each
the words and the hint that a person can act on.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Annotated, Any, Literal, Self, TypeVar, get_args, get_origin

from pydantic import (
    BaseModel,
    ConfigDict,
    ModelWrapValidatorHandler,
    StringConstraints,
    ValidationError,
    ValidationInfo,
    model_validator,
)

from conseil.errors import Fault, Faults, Location, folded, named, nearest

__all__ = ["Identifier", "Record", "Text", "context_of", "is_identifier", "validated"]

_IDENTIFIER = r"^[a-z0-9]+(?:[-_][a-z0-9]+)*$"
Identifier = Annotated[str, StringConstraints(pattern=_IDENTIFIER, max_length=80)]
"""ASCII lower-case words joined by `-` or `_`."""

Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]
"""A text that says something."""


class Record(BaseModel):
    """A model that crosses the border."""

    # a command uses few of the models: the validator of each is built when something is first validated
    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)

    def model_copy(self, *, update: Mapping[str, Any] | None = None, deep: bool = False) -> Self:
        """Return a copy with other values, and forget what had been worked out from the old ones (a hash, an index)."""
        copy = super().model_copy(update=update, deep=deep)
        for name in copy.__dict__.keys() - type(self).model_fields:
            del copy.__dict__[name]
        return copy

    @classmethod
    def _faults(cls, raw: Mapping[str, Any]) -> Iterator[Fault]:  # noqa: ARG003 - for records to override
        """Say what is wrong with a raw value beyond its fields; called whether or not the fields are right."""
        yield from ()

    @model_validator(mode="wrap")
    @classmethod
    def _collect_faults(cls, raw: object, handler: ModelWrapValidatorHandler[Any]) -> Any:  # noqa: ANN401 - pydantic
        own = list(cls._faults(raw)) if isinstance(raw, Mapping) else []
        try:
            record = handler(raw)
        except ValidationError as error:
            raise Faults([*_in_french(error, cls), *own]) from error
        if own:
            raise Faults(own)
        return record


_R = TypeVar("_R", bound=Record)


def validated(model: type[_R], raw: object, context: object = None) -> _R:
    """Read a raw value as a record.

    Raises:
        Faults: everything that is wrong with it, each with its place.
    """
    try:
        return model.model_validate(raw, context=context)
    except ValidationError as error:
        raise Faults(list(_in_french(error, model))) from error


def _in_french(error: ValidationError, model: type[Record]) -> Iterator[Fault]:
    for detail in error.errors(include_url=False):
        way = detail["loc"]
        found = detail.get("ctx", {}).get("error")
        if isinstance(found, Faults):
            yield from (fault.under(*way) for fault in found.faults)
        elif not (detail["type"] == "too_short" and detail["input"]):  # it only lost the entries that have faults
            yield _fault(detail, model)


_PLAIN = {  # what pydantic calls a fault, and what is expected there
    "string_type": ("texte attendu", "écrivez un texte simple, sans crochets ni accolades"),
    "tuple_type": ("liste attendue", "écrivez `[…, …]`, ou un tiret par ligne"),
    "list_type": ("liste attendue", "écrivez `[…, …]`, ou un tiret par ligne"),
    "dict_type": ("bloc `clé: valeur` attendu", "écrivez chaque `clé: valeur` sur sa ligne, en retrait"),
    "model_type": ("bloc `clé: valeur` attendu", "écrivez chaque `clé: valeur` sur sa ligne, en retrait"),
}


def _fault(detail: Any, model: type[Record]) -> Fault:  # noqa: ANN401 - pydantic's ErrorDetails
    way, raw, kind = detail["loc"], detail["input"], detail["type"]
    if kind == "missing" and isinstance(way[-1], int):
        return Fault(way[:-1], "liste trop courte", "complétez-la")
    if kind == "missing":
        expected = _literals(model, way)
        hint = nearest("", expected) if expected else f"ajoutez `{way[-1]}: …`"
        return Fault(way[:-1], f"clé `{way[-1]}` manquante", hint)
    if kind == "extra_forbidden":
        return Fault(way, f"clé `{way[-1]}` inconnue", nearest(str(way[-1]), model.model_fields), on_key=True)
    if raw is None:
        field = model.model_fields.get(str(way[0])) if len(way) == 1 else None
        required = field is not None and field.is_required()
        return Fault(way, "valeur manquante", "complétez la ligne" if required else "complétez la ligne, ou retirez-la")
    if kind == "literal_error" and not isinstance(raw, str):
        kind = "string_type"
    if kind in _PLAIN:
        message, hint = _PLAIN[kind]
        return Fault(way, f"{message}, et non {named(raw)}", hint)
    return _fault_of_value(detail, model)


def _fault_of_value(detail: Any, model: type[Record]) -> Fault:  # noqa: ANN401 - pydantic's ErrorDetails
    """Explain a value that is of the right kind, and still not right."""
    way, raw = detail["loc"], detail["input"]
    match detail["type"]:
        case "literal_error":
            return Fault(way, f"valeur {named(raw)} inconnue pour `{way[-1]}`", nearest(raw, _literals(model, way)))
        case "string_pattern_mismatch":
            example = re.sub(r"[^a-z0-9.]+", "-", folded(raw)).strip("-.") or "mon-identifiant"
            hint = f"en minuscules sans accent, chiffres et tirets : par exemple `{example}`"
            return Fault(way, f"identifiant {named(raw)} impossible", hint)
        case "string_too_short":
            return Fault(way, "texte vide", "complétez la ligne")
        case "string_too_long":
            return Fault(way, "texte trop long", f"au plus {detail['ctx']['max_length']} caractères")
        case "too_short":
            return Fault(way, "liste vide", "écrivez au moins une entrée")
        case "too_long":
            return Fault(way, "liste trop longue", f"au plus {detail['ctx']['max_length']} valeurs")
    return Fault(way, f"valeur {named(raw)} refusée", "ce n’est pas ce qui est attendu ici")


def _literals(model: type[Record], way: Location) -> list[str]:
    """Return the words that a field of literals accepts."""
    field = model.model_fields.get(str(way[0])) if way else None
    return list(_words(field.annotation)) if field else []


def _words(annotation: object) -> Iterator[str]:
    for part in get_args(annotation):
        if get_origin(annotation) is Literal:
            yield str(part)
        else:
            yield from _words(part)


def is_identifier(raw: object) -> bool:
    """Say whether a raw value could be an id.

    >>> is_identifier("etude-opportunite"), is_identifier("Étude d’opportunité")
    (True, False)
    """
    return isinstance(raw, str) and re.fullmatch(_IDENTIFIER, raw) is not None


def context_of(info: ValidationInfo, key: str) -> Any:  # noqa: ANN401 - whatever the reader put there
    """Return what the reader of a document passed along, or nothing."""
    return info.context.get(key) if isinstance(info.context, Mapping) else None
