"""YAML text to values that remember where they stand.

A document is made of text, nothing, lists and mappings only: each scalar is the text that its author wrote, so that
`no`, `01001` and `12:30` mean what they say, and it is the place where a value stands that decides whether it is a
number, a yes or a choice. Aliases, tags and merge keys are refused: a file says what it says, and cannot blow up.
"""

from __future__ import annotations

import stat
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NoReturn

import yaml

from conseil.errors import Fault, InvalidDocument, Location, Problem

__all__ = ["MAX_BYTES", "Document", "Value", "parse", "read"]

Value = str | None | list["Value"] | dict[str, "Value"]
"""What a document is made of."""

MAX_BYTES = 4 * 1024 * 1024
"""The largest file that is read, in bytes: a hundred times the largest file of the shipped rulebook."""

MAX_DEPTH = 40
"""How deep lists and mappings may be nested; a condition that a person can read stays far below."""

_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # the same events, in C where PyYAML was built with it

_SYNTAX = {  # what PyYAML and libyaml say, and what a person can do about it
    "mapping values are not allowed": (
        "deux-points inattendu",
        "un texte qui contient « : » se met entre guillemets ; vérifiez aussi le retrait de la ligne",
    ),
    "found character that cannot start any token": (
        "caractère qui ne peut pas commencer une valeur",
        "retirez les tabulations, et mettez entre guillemets un texte qui commence par @, %, ` ou un guillemet",
    ),
    "found character '\\t'": (
        "tabulation dans le retrait",
        "le retrait se fait avec des espaces",
    ),
    "found unexpected end of stream": ("guillemet ou crochet qui n’est pas refermé", None),
    "while scanning a quoted scalar": ("guillemet qui n’est pas refermé", None),
    "did not find expected ',' or ']'": ("liste entre crochets qui n’est pas refermée", "ajoutez `]` ou une virgule"),
    "did not find expected ',' or '}'": ("accolade qui n’est pas refermée", "ajoutez `}` ou une virgule"),
    "did not find expected key": (
        "retrait qui ne suit pas celui des lignes voisines",
        "alignez les clés d’un même bloc sur la même colonne",
    ),
    "did not find expected '-' indicator": (
        "retrait qui ne suit pas celui de la liste",
        "alignez les tirets d’une même liste sur la même colonne",
    ),
    "could not find expected ':'": ("clé sans deux-points", "écrivez `clé: valeur`"),
    "block sequence entries are not allowed": (
        "tiret inattendu",
        "mettez un « - » qui est une valeur entre guillemets, ou vérifiez le retrait",
    ),
    "control characters are not allowed": ("caractère de contrôle dans le fichier", "retirez-le"),
    "special characters are not allowed": ("caractère de contrôle dans le fichier", "retirez-le"),
}


@dataclass(frozen=True, slots=True)
class Document:
    """A parsed file: its value, and the line and column of everything in it.

    >>> document = parse("answers:\\n  foncier: no\\n", "profil.yaml")
    >>> document.value
    {'answers': {'foncier': 'no'}}
    >>> print(document.problem(Fault(("answers", "foncier"), "choix `no` inconnu")))
    profil.yaml:2:12: choix `no` inconnu
    """

    path: str
    value: Value
    positions: dict[Location, tuple[int, int]] = field(repr=False)
    key_positions: dict[Location, tuple[int, int]] = field(repr=False)

    def problem(self, fault: Fault) -> Problem:
        """Turn a way inside this document into a line and a column; a missing value stands where its parent does."""
        way = fault.location
        if fault.on_key and way in self.key_positions:
            return Problem(self.path, *self.key_positions[way], fault.message, fault.hint)
        while way and way not in self.positions:
            way = way[:-1]
        line, column = self.positions.get(way, (1, 1))
        return Problem(self.path, line, column, fault.message, fault.hint)


def read(path: Path | str) -> Document:
    """Read one YAML file.

    Raises:
        InvalidDocument: the file is missing, a folder, not readable, too large, not UTF-8, empty or not plain YAML.
            All that could be found in one pass is reported.
    """
    name = str(path)
    try:
        status = Path(path).stat()
        if stat.S_ISDIR(status.st_mode):
            _refuse(name, "c’est un dossier, et un fichier était attendu")
        if not stat.S_ISREG(status.st_mode):
            _refuse(name, "ce n’est pas un fichier ordinaire")
        if status.st_size > MAX_BYTES:
            size = status.st_size / 1024 / 1024
            _refuse(name, f"fichier trop grand ({size:.0f} Mo)", f"au plus {MAX_BYTES // 1024 // 1024} Mo")
        data = Path(path).read_bytes()
    except FileNotFoundError:
        _refuse(name, "fichier introuvable", "vérifiez le chemin")
    except OSError as error:
        _refuse(name, "fichier illisible", error.strerror)
    except ValueError:  # a path that no file can have, such as one with a null character
        _refuse(name.replace("\0", "?"), "chemin de fichier impossible")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        before = data[: error.start]
        line, column = before.count(b"\n") + 1, error.start - (before.rfind(b"\n") + 1) + 1
        problem = Problem(
            name, line, column, "le fichier n’est pas en UTF-8", "enregistrez-le avec l’encodage « UTF-8 »"
        )
        raise InvalidDocument([problem]) from error
    return parse(text, name)


def parse(text: str, path: str) -> Document:
    """Parse YAML text; `path` is what problems will name.

    Raises:
        InvalidDocument: with every problem that one pass can find.

    >>> parse("a: 1\\na: 2\\n", "x.yaml")
    Traceback (most recent call last):
    conseil.errors.InvalidDocument: x.yaml:2:1: clé `a` écrite deux fois
      aide : la première est ligne 1
    """
    builder = _Builder(path)
    try:
        value = builder.document(text)
    except yaml.MarkedYAMLError as error:
        builder.problems.append(_syntax_problem(path, error))
        raise InvalidDocument(builder.problems) from error
    except yaml.reader.ReaderError as error:
        message, hint = _in_french(str(error.reason))
        builder.problems.append(Problem(path, None, None, message, hint))
        raise InvalidDocument(builder.problems) from error
    if builder.problems:
        raise InvalidDocument(builder.problems)
    return Document(path, value, builder.positions, builder.key_positions)


def _refuse(path: str, message: str, hint: str | None = None) -> NoReturn:
    raise InvalidDocument([Problem(path, None, None, message, hint)])


def _in_french(problem: str) -> tuple[str, str | None]:
    for start, translated in _SYNTAX.items():
        if start in problem:
            return translated
    return "syntaxe YAML incorrecte", "vérifiez le retrait, les deux-points et les guillemets autour de cette ligne"


def _syntax_problem(path: str, error: yaml.MarkedYAMLError) -> Problem:
    message, hint = _in_french(f"{error.context or ''} {error.problem or ''}")
    mark = error.problem_mark or error.context_mark
    line, column = (mark.line + 1, mark.column + 1) if mark else (None, None)
    return Problem(path, line, column, message, hint)


class _Builder:
    """Build values from PyYAML's events, so that no construction rule of YAML 1.1 applies."""

    def __init__(self, path: str) -> None:
        self.path = path
        self.problems: list[Problem] = []
        self.positions: dict[Location, tuple[int, int]] = {}
        self.key_positions: dict[Location, tuple[int, int]] = {}
        self._events: Iterator[Any] = iter(())

    def document(self, text: str) -> Value:
        self._events = iter(yaml.parse(text, Loader=_Loader))
        next(self._events)  # the start of the stream
        if isinstance(next(self._events), yaml.StreamEndEvent):
            self.problems.append(Problem(self.path, 1, 1, "le fichier est vide"))
            return None
        value = self._value(next(self._events), ())
        next(self._events)  # the end of the document
        second = next(self._events)
        if not isinstance(second, yaml.StreamEndEvent):
            self._report(second, "deuxième document dans le même fichier", "un fichier ne contient qu’un document")
        return value

    def _report(self, event: Any, message: str, hint: str | None = None) -> None:  # noqa: ANN401 - events are untyped
        mark = event.start_mark
        self.problems.append(Problem(self.path, mark.line + 1, mark.column + 1, message, hint))

    def _value(self, event: Any, way: Location) -> Value:  # noqa: ANN401 - events are untyped
        self.positions[way] = (event.start_mark.line + 1, event.start_mark.column + 1)
        if isinstance(event, yaml.AliasEvent):
            self._report(event, f"alias `*{event.anchor}` refusé", "recopiez la valeur à cet endroit")
            return None
        if event.anchor is not None:
            self._report(event, f"ancre `&{event.anchor}` refusée", "écrivez la valeur sans ancre ni alias")
        if event.tag is not None and event.tag != "!":
            self._report(event, f"étiquette `{event.tag}` refusée", "écrivez la valeur sans étiquette")
        if isinstance(event, yaml.ScalarEvent):
            return _text(event)
        if len(way) >= MAX_DEPTH:
            self._report(event, "listes ou blocs imbriqués trop profondément", f"au plus {MAX_DEPTH} niveaux")
            raise InvalidDocument(self.problems)
        if isinstance(event, yaml.SequenceStartEvent):
            return list(self._items(way))
        return self._mapping(way)

    def _items(self, way: Location) -> Iterator[Value]:
        for index, event in enumerate(iter(lambda: next(self._events), None)):
            if isinstance(event, yaml.SequenceEndEvent):
                return
            yield self._value(event, (*way, index))

    def _mapping(self, way: Location) -> dict[str, Value]:
        entries: dict[str, Value] = {}
        for event in iter(lambda: next(self._events), None):
            if isinstance(event, yaml.MappingEndEvent):
                break
            if not isinstance(event, yaml.ScalarEvent):
                self._report(event, "une clé doit être un texte simple")
                self._value(event, (*way, "?"))
                self._value(next(self._events), (*way, "?"))
                continue
            key = unicodedata.normalize("NFC", event.value)
            inner = (*way, key)
            if key in entries:
                self._report(
                    event, f"clé `{key}` écrite deux fois", f"la première est ligne {self.key_positions[inner][0]}"
                )
                self._value(next(self._events), (*way, "?"))
                continue
            self.key_positions[inner] = (event.start_mark.line + 1, event.start_mark.column + 1)
            entries[key] = self._value(next(self._events), inner)
        return entries


_NOTHING = frozenset({"", "~", "null", "Null", "NULL"})


def _text(event: Any) -> str | None:  # noqa: ANN401 - events are untyped
    plain = event.implicit[0] and event.style in {None, ""}
    return None if plain and event.value in _NOTHING else unicodedata.normalize("NFC", event.value)
