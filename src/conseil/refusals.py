"""What pydantic refuses in a record, in the words and with the hint that a person can act on."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import MISSING, Field, fields
from typing import TYPE_CHECKING, Any, Literal, get_args, get_origin, get_type_hints

from conseil.errors import Fault, Faults, Location, folded, named, nearest
from conseil.fields import default_of

if TYPE_CHECKING:
    from _typeshed import DataclassInstance
    from pydantic import ValidationError

__all__ = ["in_french"]


def in_french(error: ValidationError, record: type[DataclassInstance]) -> Iterator[Fault]:
    """Say each fault of a value that was read as a record, with its place."""
    for detail in error.errors(include_url=False):
        way = detail["loc"]
        found = detail.get("ctx", {}).get("error")
        if isinstance(found, Faults):
            yield from (fault.under(*way) for fault in found.faults)
        elif not (detail["type"] == "too_short" and detail["input"]):  # it only lost the entries that have faults
            yield _fault(detail, record)


_PLAIN = {  # what pydantic calls a fault, and what is expected there
    "string_type": ("texte attendu", "écrivez un texte simple, sans crochets ni accolades"),
    "tuple_type": ("liste attendue", "écrivez `[…, …]`, ou un tiret par ligne"),
    "list_type": ("liste attendue", "écrivez `[…, …]`, ou un tiret par ligne"),
    "dict_type": ("bloc `clé: valeur` attendu", "écrivez chaque `clé: valeur` sur sa ligne, en retrait"),
    "dataclass_type": ("bloc `clé: valeur` attendu", "écrivez chaque `clé: valeur` sur sa ligne, en retrait"),
}


def _fault(detail: Any, record: type[DataclassInstance]) -> Fault:  # noqa: ANN401 - pydantic's ErrorDetails
    way, raw, kind = detail["loc"], detail["input"], detail["type"]
    if kind == "missing" and isinstance(way[-1], int):
        return Fault(way[:-1], "liste trop courte", "complétez-la")
    if kind == "missing":
        expected = _literals(record, way)
        hint = nearest("", expected) if expected else f"ajoutez `{way[-1]}: …`"
        return Fault(way[:-1], f"clé `{way[-1]}` manquante", hint)
    if kind == "unexpected_keyword_argument":
        return Fault(way, f"clé `{way[-1]}` inconnue", nearest(str(way[-1]), _declared(record)), on_key=True)
    if raw is None:
        declared = _declared(record).get(str(way[0])) if len(way) == 1 else None
        required = declared is not None and default_of(declared) is MISSING
        return Fault(way, "valeur manquante", "complétez la ligne" if required else "complétez la ligne, ou retirez-la")
    if kind == "literal_error" and not isinstance(raw, str):
        kind = "string_type"
    if kind in _PLAIN:
        message, hint = _PLAIN[kind]
        return Fault(way, f"{message}, et non {named(raw)}", hint)
    return _fault_of_value(detail, record)


def _fault_of_value(detail: Any, record: type[DataclassInstance]) -> Fault:  # noqa: ANN401 - pydantic's ErrorDetails
    """Explain a value that is of the right kind, and still not right."""
    way, raw = detail["loc"], detail["input"]
    match detail["type"]:
        case "literal_error":
            return Fault(way, f"valeur {named(raw)} inconnue pour `{way[-1]}`", nearest(raw, _literals(record, way)))
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


def _literals(record: type[DataclassInstance], way: Location) -> list[str]:
    """Return the words that a field of literals accepts."""
    kind = get_type_hints(record).get(str(way[0])) if way else None
    return list(_words(kind))


def _words(annotation: object) -> Iterator[str]:
    for part in get_args(annotation):
        if get_origin(annotation) is Literal:
            yield str(part)
        else:
            yield from _words(part)


def _declared(record: type[DataclassInstance]) -> dict[str, Field[Any]]:
    return {declared.name: declared for declared in fields(record)}
