"""What crosses the border: models that are frozen, refuse unknown keys, and say their faults in French.

pydantic finds the faults; a record adds its own from the raw value, so that one run reports them all, and gives each
the words and the hint that a person can act on.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Annotated, Any, Literal, TypeVar, get_args

from pydantic import (
    BaseModel,
    ConfigDict,
    ModelWrapValidatorHandler,
    StringConstraints,
    ValidationError,
    ValidationInfo,
    model_validator,
)

from conseil.errors import Fault, Faults, nearest

__all__ = ["Identifier", "Record", "Text", "context_of", "validated"]

Identifier = Annotated[str, StringConstraints(pattern=r"^[a-z0-9]+(?:[-_][a-z0-9]+)*$", max_length=80)]
"""ASCII lower-case words joined by `-` or `_`."""

Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]
"""A text that says something."""


class Record(BaseModel):
    """A model that crosses the border."""

    model_config = ConfigDict(frozen=True, extra="forbid")

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


def _fault(detail: Any, model: type[Record]) -> Fault:  # noqa: ANN401 - pydantic's ErrorDetails
    way, raw = detail["loc"], detail["input"]
    match detail["type"]:
        case "missing":
            return Fault(way[:-1], f"clé `{way[-1]}` manquante")
        case "extra_forbidden":
            return Fault(way, f"clé `{way[-1]}` inconnue", nearest(str(way[-1]), model.model_fields), on_key=True)
        case "literal_error":
            expected = _literals(model, way) or [detail["ctx"]["expected"]]
            return Fault(way, f"valeur `{raw}` inconnue", nearest(str(raw), expected))
        case "string_pattern_mismatch":
            hint = "des lettres minuscules sans accent et des chiffres, reliés par des tirets"
            return Fault(way, f"identifiant `{raw}` impossible", hint)
        case "string_too_short":
            return Fault(way, "texte vide")
        case "string_too_long":
            return Fault(way, "texte trop long", f"au plus {detail['ctx']['max_length']} caractères")
        case kind if raw is None:
            return Fault(way, "valeur manquante", "complétez la ligne, ou retirez-la" if kind else None)
        case "string_type":
            return Fault(way, "texte attendu")
        case "tuple_type" | "list_type":
            return Fault(way, "liste attendue", "écrivez `[…, …]`, ou un tiret par ligne")
        case "too_short":
            return Fault(way, "liste vide")
        case "dict_type" | "model_type" | "mapping_type" | "model_attributes_type":
            return Fault(way, "bloc `clé: valeur` attendu")
    return Fault(way, f"valeur `{raw}` refusée", str(detail["msg"]))


def _literals(model: type[Record], way: tuple[str | int, ...]) -> list[str]:
    """Return the words that a field of literals accepts."""
    if len(way) != 1 or way[0] not in model.model_fields:
        return []
    annotation = model.model_fields[str(way[0])].annotation
    inner = [annotation, *get_args(annotation)]
    return [str(word) for part in inner if getattr(part, "__origin__", None) is Literal for word in get_args(part)]


def context_of(info: ValidationInfo, key: str) -> Any:  # noqa: ANN401 - whatever the reader put there
    """Return what the reader of a document passed along, or nothing."""
    return info.context.get(key) if isinstance(info.context, Mapping) else None
