"""What values look like to an editor, which reads YAML 1.2: there `12` is a number and `true` a yes.

To conseil every scalar is the text that its author wrote, so a schema accepts a number wherever a text may stand.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

__all__ = ["FLAG", "INTEGER", "NOTHING", "TEXT", "Schema", "block", "list_of", "number", "one_of", "seen", "text"]

Schema = dict[str, Any]
"""A JSON Schema, or a part of one."""

# Said by what it is not, so that no editor proposes `null` where it is only allowed.
NOTHING: Schema = {"not": {"type": ["string", "number", "boolean", "object", "array"]}}


def text(pattern: str = r"\S", expected: str = "un texte est attendu ici", longest: int | None = None) -> Schema:
    """Return the schema of a text that follows a pattern."""
    written: Schema = {
        "type": ["string", "number"],
        "errorMessage": expected,
        "pattern": pattern,
        "patternErrorMessage": expected,
    }
    if longest is not None:
        written["maxLength"] = longest
    return {"if": {"type": "boolean"}, "else": written}  # allowed, but no editor proposes `true` and `false`


TEXT = text()


def number(low: int | None = None, high: int | None = None) -> Schema:
    """Return the schema of a whole number in digits, within bounds."""
    bounds = {key: bound for key, bound in (("minimum", low), ("maximum", high)) if bound is not None}
    expected = "un nombre entier est attendu ici, en chiffres"
    return {
        "anyOf": [
            {"type": "integer", **bounds, "errorMessage": expected},
            {"type": "string", "pattern": r"^-?[0-9]{1,18}$", "patternErrorMessage": expected},
        ]
    }


INTEGER = number()

_YES_OR_NO = "^([Oo][Uu][Ii]|[Yy][Ee][Ss]|[Tt][Rr][Uu][Ee]|[Nn][Oo][Nn]?|[Ff][Aa][Ll][Ss][Ee])$"
_EXPECTED_FLAG = "oui ou non est attendu ici"
FLAG: Schema = {
    "if": {"type": "boolean"},
    "else": {
        "anyOf": [
            {"type": "string", "enum": ["oui", "non"], "errorMessage": _EXPECTED_FLAG},
            {"type": "string", "pattern": _YES_OR_NO, "errorMessage": _EXPECTED_FLAG},
        ]
    },
}


def seen(word: str) -> str | int | float | bool:
    """Return what an editor sees where somebody writes this word without quotation marks.

    >>> seen("foncier"), seen("2026"), seen("1e3"), seen("true")
    ('foncier', 2026, 1000.0, True)
    """
    if re.fullmatch(r"true|True|TRUE|false|False|FALSE", word):
        return word.lower() == "true"
    if re.fullmatch(r"[-+]?[0-9]+", word):
        return int(word)
    if re.fullmatch(r"0o[0-7]+|0x[0-9a-fA-F]+", word):
        return int(word, 0)
    if re.fullmatch(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?", word):
        return float(word)
    return word


def one_of(words: Mapping[str, str] | Iterable[str]) -> Schema:
    """Return the schema of one of these words; a mapping says what each means.

    >>> one_of({"bati": "bâtiment"})
    {'type': 'string', 'enum': ['bati'], 'enumDescriptions': ['bâtiment']}
    """
    meanings = list(words.values()) if isinstance(words, Mapping) else []
    written = list(words)
    unlike = [value for value in map(seen, written) if not isinstance(value, str)]
    schema: Schema = {"enum": written + unlike} if unlike else {"type": "string", "enum": written}
    return schema | ({"enumDescriptions": meanings} if meanings else {})


def list_of(items: Schema, *, at_least: int = 0) -> Schema:
    """Return the schema of a list in which nothing stands twice."""
    schema: Schema = {"type": "array", "items": items, "uniqueItems": True}
    return schema | ({"minItems": at_least} if at_least else {})


def block(properties: Mapping[str, Schema], **more: Any) -> Schema:  # noqa: ANN401 - keywords of JSON Schema
    """Return the schema of a block that has no other keys than these."""
    return {"type": "object", "properties": dict(properties), "additionalProperties": False, **more}
