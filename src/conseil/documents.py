"""YAML text to values that remember where they stand.

A document is made of text, nothing, lists and mappings only: each scalar is the text that its author wrote, so that
`no`, `01001` and `12:30` mean what they say, and it is the place where a value stands that decides whether it is a
number, a yes or a choice. Aliases, tags and merge keys are refused: a file says what it says, and cannot blow up.
"""

from __future__ import annotations

import re
import stat
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NoReturn

import yaml

from conseil.errors import Fault, InvalidDocument, Location, Problem, reason_of

__all__ = ["MAX_BYTES", "Document", "Value", "contents", "decode", "parse", "read"]

Value = str | None | list["Value"] | dict[str, "Value"]
"""What a document is made of."""

MAX_BYTES = 1024 * 1024
"""The largest file that is read, in bytes: many times the largest file of the shipped rulebook."""

MAX_DEPTH = 40
"""How deep lists and mappings may be nested; a condition that a person can read stays far below."""

_TOO_DEEP, _DEPTH = "listes ou blocs imbriqués trop profondément", f"au plus {MAX_DEPTH} niveaux"

_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # the same events, in C where PyYAML was built with it

_WANTED = (
    ("\t", "\n"),
    ("\r", "\r"),
    (" ", "~"),
    ("\u00a0", "\u2027"),
    ("\u202f", "\u2065"),
    ("\u206a", "\ud7ff"),
    ("\ue000", "\ufefe"),
    ("\uff00", "\ufffd"),
    ("\U00010000", "\U0010ffff"),
)
"""All but control characters, invisible line ends, and what turns the direction of a text: never meant, never seen."""


@dataclass(frozen=True, slots=True)
class Document:
    r"""A parsed file: its value, and the line and column of everything in it.

    >>> document = parse("answers:\n  foncier: no\n", "profil.yaml")
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
    return decode(contents(path), str(path))


def contents(path: Path | str) -> bytes:
    """Return what a file holds, not read yet.

    Raises:
        InvalidDocument: the file is missing, a folder, not readable or too large.
    """
    name = str(path)
    try:
        return _bytes(Path(path), name)
    except FileNotFoundError:
        _refuse(name, "fichier introuvable", "vérifiez le chemin et l’orthographe du nom")
    except OSError as error:
        _refuse(name, "fichier illisible", reason_of(error))
    except ValueError:  # a path that no file can have, such as one with a null character
        _refuse(name, "chemin de fichier impossible", "retirez le caractère invisible du chemin")


def decode(data: bytes, path: str) -> Document:
    """Parse what a YAML file holds; `path` is what problems will name.

    Raises:
        InvalidDocument: it is not UTF-8, or not plain YAML; with every problem that one pass can find.

    >>> decode("lieu: Guéret".encode(), "x.yaml").value
    {'lieu': 'Guéret'}
    """
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        before = data[: error.start].decode("utf-8-sig")  # what comes before the fault is right
        line, column = before.count("\n") + 1, len(before) - (before.rfind("\n") + 1) + 1
        hint = "enregistrez-le avec l’encodage « UTF-8 »"
        raise InvalidDocument([Problem(path, line, column, "le fichier n’est pas en UTF-8", hint)]) from error
    return parse(text, path)


def _bytes(path: Path, name: str) -> bytes:
    status = path.stat()
    if stat.S_ISDIR(status.st_mode):
        _refuse(name, "c’est un dossier, et un fichier était attendu", "donnez le nom d’un fichier YAML")
    if not stat.S_ISREG(status.st_mode):  # a pipe could make us wait for ever
        _refuse(name, "ce n’est pas un fichier ordinaire", "enregistrez son contenu dans un fichier YAML")
    with path.open("rb") as file:
        data = file.read(MAX_BYTES + 1)
    if len(data) > MAX_BYTES:
        _refuse(name, "fichier trop grand", f"au plus {MAX_BYTES // 1024 // 1024} Mo ; est-ce le bon fichier ?")
    return data


def parse(text: str, path: str) -> Document:
    r"""Parse YAML text; `path` is what problems will name.

    Raises:
        InvalidDocument: with every problem that one pass can find.

    >>> parse("a: 1\na: 2\n", "x.yaml")
    Traceback (most recent call last):
    conseil.errors.InvalidDocument: x.yaml:2:1: clé `a` écrite deux fois
      aide : la première est ligne 1 ; gardez-en une
    """
    unwanted = _unwanted(text)
    if unwanted:
        raise InvalidDocument(
            Problem(path, *_line_and_column(text, text.index(character)), *_forbidden(character))
            for character in unwanted
        )
    builder = _Builder(path)
    try:
        value = builder.document(text)
    except yaml.MarkedYAMLError as error:
        builder.problems.append(_syntax_problem(path, error, text))
        raise InvalidDocument(builder.problems) from error
    except ValueError as error:  # PyYAML without libyaml, on an escape that is no character
        builder.problems.append(Problem(path, None, None, *_BACKSLASH))
        raise InvalidDocument(builder.problems) from error
    if builder.problems:
        raise InvalidDocument(builder.problems)
    return Document(path, value, builder.positions, builder.key_positions)


def _refuse(path: str, message: str, hint: str) -> NoReturn:
    raise InvalidDocument([Problem(path, None, None, message, hint)])


def _line_and_column(text: str, index: int) -> tuple[int, int]:
    before = re.split(r"\r\n|\r|\n", text[:index])
    return len(before), len(before[-1]) + 1


def _unwanted(text: str) -> list[str]:
    """Return the characters that have no place in a text, each once, the first of them first."""
    found = [character for character in set(text) if not any(low <= character <= high for low, high in _WANTED)]
    return sorted(found, key=text.index)


def _forbidden(character: str) -> tuple[str, str]:
    return f"caractère invisible interdit (U+{ord(character):04X})", "effacez-le, puis retapez ce qui l’entoure"


# Syntax: what PyYAML and libyaml say, and what a person can do about it

_BACKSLASH = ("barre oblique inverse mal employée", "doublez-la, ou mettez le texte entre apostrophes")
_EMPTY_KEY = ("clé vide", "écrivez un nom devant le deux-points")
_OPEN_QUOTE = "guillemet qui n’est pas refermé"
_BAD_INDENT = "retrait qui ne suit pas celui des lignes voisines"

_SYNTAX = (  # the first whose pattern is found; {line} and {column} are those of what was opened
    (
        "cannot start any token",
        "un texte ne peut pas commencer par ce caractère",
        "mettez le texte entre guillemets",
    ),
    ("unexpected (end of stream|document)", _OPEN_QUOTE, "refermez-le à la fin du texte"),
    (
        r"expected ',' or '\]'",
        "virgule ou crochet manquant",
        "le crochet est ouvert ligne {line}, colonne {column} ; ajoutez `]` ou une virgule",
    ),
    (
        "expected ',' or '}'",
        "virgule ou accolade manquante",
        "l’accolade est ouverte ligne {line}, colonne {column} ; ajoutez `}}` ou une virgule",
    ),
    ("escape|hexdecimal", *_BACKSLASH),
    (
        "scanning an (alias|anchor)",
        "un texte ne peut pas commencer par `*` ou `&`",
        "mettez le texte entre guillemets",
    ),
    (
        "scanning a block scalar",
        "texte inattendu après `|` ou `>`",
        "le texte commence à la ligne suivante, en retrait",
    ),
    (
        "<document start>",
        "texte après la fin du document",
        "un fichier ne contient qu’un document ; vérifiez cette ligne et la précédente",
    ),
    ("YAML document|directive", "ligne `%` refusée", "retirez la ligne qui commence par `%`"),
    (
        "expected( the)? node content",
        "valeur manquante avant ce signe",
        "complétez-la, ou retirez le signe ; un texte qui commence ainsi se met entre guillemets",
    ),
    (r"\btag\b", "étiquette `!` incomplète", "mettez entre guillemets un texte qui commence par `!`"),
    (
        "sequence entries are not allowed",
        "tiret inattendu",
        "passez à la ligne avant une liste ; un texte qui commence par un tiret se met entre guillemets",
    ),
    (
        "parsing a block collection",
        "retrait qui ne suit pas celui de la liste",
        "alignez les tirets d’une même liste sur la même colonne",
    ),
    ("could not find expected ':'", "clé sans deux-points", "écrivez `clé: valeur`"),
    ("nesting depth", _TOO_DEEP, _DEPTH),  # a limit of the parser's own, which lies beyond ours
)


def _syntax_problem(path: str, error: yaml.MarkedYAMLError, text: str) -> Problem:
    mark = error.problem_mark or error.context_mark
    if mark is None:
        return Problem(path, None, None, "syntaxe YAML incorrecte", "vérifiez le retrait et les deux-points")
    before, character = text[mark.index - mark.column : mark.index], text[mark.index : mark.index + 1]
    message, hint = _explained(f"{error.context or ''} {error.problem or ''}", before, character)
    opened = error.context_mark or mark
    if message == _OPEN_QUOTE:  # seen at the end of the file, or of what looks like it
        mark = opened
    return Problem(
        path, mark.line + 1, mark.column + 1, message, hint.format(line=opened.line + 1, column=opened.column + 1)
    )


def _explained(said: str, before: str, character: str) -> tuple[str, str]:
    """Explain what a parser said, from what stands on the line before the fault, and the character at fault."""
    if character == "\t":
        return "tabulation dans le retrait", "le retrait se fait avec des espaces"
    if "mapping values" in said:
        if re.search(r":\s", before):
            return "deux-points inattendu", "un texte qui contient « : » se met entre guillemets"
        return (
            "deux-points inattendu",
            "vérifiez le retrait, et que la ligne précédente s’écrit `clé: valeur`, espace comprise",
        )
    if "expected key" in said or ("expected <block end>" in said and "block mapping" in said):
        return _explained_key(before, character)
    if not character and "node content" in said:
        return "crochet ou accolade qui n’est pas refermé", "ajoutez `]` ou `}}`"
    for pattern, message, hint in _SYNTAX:
        if re.search(pattern, said):
            return message, hint
    return "syntaxe YAML incorrecte", "vérifiez le retrait, les deux-points et les guillemets autour de cette ligne"


def _explained_key(before: str, character: str) -> tuple[str, str]:
    """Explain why no key could begin here."""
    if character == ":":
        return _EMPTY_KEY
    if not before.strip():
        return _BAD_INDENT, "alignez les clés d’un même bloc sur la même colonne"
    if character in {"]", "}"}:
        return "crochet ou accolade en trop", "retirez ce signe, ou ouvrez-le plus haut"
    if before.rstrip()[-1] in "'\"":
        return (
            "texte après un guillemet fermant",
            "une apostrophe s’écrit « ’ », ou bien tout le texte se met entre guillemets",
        )
    return "texte inattendu", "vérifiez les guillemets et les crochets qui précèdent sur cette ligne"


class _Builder:
    """Build values from PyYAML's events, so that no construction rule of YAML 1.1 applies."""

    def __init__(self, path: str) -> None:
        self.path = path
        self.problems: list[Problem] = []
        self.positions: dict[Location, tuple[int, int]] = {}
        self.key_positions: dict[Location, tuple[int, int]] = {}
        self._events: Iterator[Any] = iter(())
        self._refused: set[str] = set()

    def document(self, text: str) -> Value:
        self._events = iter(yaml.parse(text, Loader=_Loader))
        next(self._events)  # the start of the stream
        empty = isinstance(next(self._events), yaml.StreamEndEvent)
        value = None if empty else self._value(next(self._events), ())
        if value is None and not self.problems:
            self.problems.append(
                Problem(self.path, 1, 1, "le fichier est vide", "vérifiez qu’il a bien été enregistré")
            )
        if empty:
            return None
        next(self._events)  # the end of the document
        second = next(self._events)
        if not isinstance(second, yaml.StreamEndEvent):
            self._report(
                second,
                "deuxième document dans le même fichier",
                "un fichier ne contient qu’un document : retirez `---`",
            )
        return value

    def _report(self, event: Any, message: str, hint: str) -> None:  # noqa: ANN401 - events are untyped
        mark = event.start_mark
        self.problems.append(Problem(self.path, mark.line + 1, mark.column + 1, message, hint))

    def _report_once(self, event: Any, message: str, hint: str) -> None:  # noqa: ANN401 - events are untyped
        """Report the first of many: a thousand aliases are one mistake."""
        if message not in self._refused:
            self._report(event, message, hint)
        self._refused.add(message)

    def _value(self, event: Any, way: Location) -> Value:  # noqa: ANN401 - events are untyped
        self.positions[way] = (event.start_mark.line + 1, event.start_mark.column + 1)
        if isinstance(event, yaml.AliasEvent):
            self._report_once(event, f"alias `*{event.anchor}` refusé", "recopiez la valeur à cet endroit")
            return None
        if event.anchor is not None:
            self._report_once(event, f"ancre `&{event.anchor}` refusée", "écrivez la valeur sans ancre ni alias")
        if event.tag is not None and event.tag != "!":
            tag = event.tag.replace("tag:yaml.org,2002:", "!!")
            self._report_once(event, f"étiquette `{tag}` refusée", "écrivez la valeur sans étiquette")
        if isinstance(event, yaml.ScalarEvent):
            return self._text(event)
        if len(way) >= MAX_DEPTH:
            self._report(event, _TOO_DEEP, _DEPTH)
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
            key = self._key(event, way)
            inner = (*way, key)
            if key in entries:
                first = self.key_positions[inner][0]
                self._report(event, f"clé `{key}` écrite deux fois", f"la première est ligne {first} ; gardez-en une")
            elif key:
                self.key_positions[inner] = (event.start_mark.line + 1, event.start_mark.column + 1)
                entries[key] = self._value(next(self._events), inner)
                continue
            self._value(next(self._events), (*way, ""))  # read, and forgotten
        return entries

    def _key(self, event: Any, way: Location) -> str:  # noqa: ANN401 - events are untyped
        """Return a key, or nothing where it is not one."""
        if not isinstance(event, yaml.ScalarEvent):
            self._report_once(
                event, "une clé est un texte simple", "retirez les crochets, les accolades, ou le point d’interrogation"
            )
            self._value(event, (*way, ""))
            return ""
        if event.value == "<<" and event.implicit[0]:
            self._report_once(event, "clé de fusion `<<` refusée", "recopiez les lignes à cet endroit")
            return ""
        if not event.value.strip():
            self._report(event, *_EMPTY_KEY)
            return ""
        return self._text(event) or event.value

    def _text(self, event: Any) -> str | None:  # noqa: ANN401 - events are untyped
        unwanted = _unwanted(event.value) if event.style == '"' else ()  # written as an escape
        if unwanted:
            self._report(event, *_forbidden(unwanted[0]))
        plain = event.implicit[0] and event.style in {None, ""}
        return None if plain and event.value in _NOTHING else unicodedata.normalize("NFC", event.value)


_NOTHING = frozenset({"", "~", "null", "Null", "NULL"})
