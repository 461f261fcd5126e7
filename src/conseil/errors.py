"""What can go wrong, and how it is said.

::

    ConseilError
    ├── InvalidInput            what a person wrote cannot be used; carries every `Problem` found
    │   ├── InvalidDocument     a file cannot be read, or is not YAML
    │   ├── InvalidRulebook     a folder of rules
    │   └── InvalidProfile      a territory
    ├── UnknownAction           an id that the rulebook does not have
    └── EngineError             an inference engine
        ├── EngineUnavailable   it cannot run on this machine
        └── RulebookTooLarge    it runs, but cannot take this rulebook

Messages are French, for the people who write profiles and rules: lower case, no full stop, user input in backticks,
and a separate hint that says what to do. A run reports all of its problems together.
"""

from __future__ import annotations

import errno
import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

__all__ = [
    "ConseilError",
    "EngineError",
    "EngineUnavailable",
    "Fault",
    "Faults",
    "InvalidDocument",
    "InvalidInput",
    "InvalidProfile",
    "InvalidRulebook",
    "Location",
    "Problem",
    "RulebookTooLarge",
    "UnknownAction",
    "folded",
    "legible",
    "named",
    "nearest",
    "reason_of",
]

Location = tuple[str | int, ...]
"""The way to a value inside a document: keys and indexes, from the top."""


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing to mend, and where it stands.

    >>> print(Problem("profil.yaml", 3, 5, "question `fonciers` inconnue", "vouliez-vous dire `foncier` ?"))
    profil.yaml:3:5: question `fonciers` inconnue
      aide : vouliez-vous dire `foncier` ?
    """

    path: str
    line: int | None
    column: int | None
    message: str
    hint: str | None = None

    def __post_init__(self) -> None:
        """Make what was quoted legible, whatever the file holds."""
        object.__setattr__(self, "message", legible(self.message))
        object.__setattr__(self, "hint", legible(self.hint) if self.hint else None)

    def __str__(self) -> str:
        """Show the place, the message, and the hint below it."""
        place = ":".join(str(part) for part in (legible(self.path), self.line, self.column) if part is not None)
        text = f"{place}: {self.message}"
        return f"{text}\n  aide : {self.hint}" if self.hint else text

    @property
    def order(self) -> tuple[str, int, int, str]:
        """What problems are sorted by: file, line, column, message."""
        return (self.path, self.line or 0, self.column or 0, self.message)


@dataclass(frozen=True, slots=True)
class Fault:
    """A problem whose place is still a way inside a document (see `documents.Document.problem`)."""

    location: Location
    message: str
    hint: str | None = None
    on_key: bool = False

    def under(self, *prefix: str | int) -> Fault:
        """Return the same fault, seen from further up.

        >>> Fault(("when", "foncier"), "choix inconnu").under("rules", 0).location
        ('rules', 0, 'when', 'foncier')
        """
        return Fault((*prefix, *self.location), self.message, self.hint, self.on_key)


class Faults(ValueError):
    """Several faults found at once while one value was validated."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        """Keep the faults."""
        super().__init__("; ".join(fault.message for fault in faults))
        self.faults = tuple(faults)


class ConseilError(Exception):
    """The root of every error that conseil raises on purpose."""


class InvalidInput(ConseilError):
    """What a person wrote cannot be used; `problems` holds all that was found, in the order of the files."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        """Sort the problems by place, and keep each once."""
        self.problems = tuple(sorted(dict.fromkeys(problems), key=lambda problem: problem.order))
        super().__init__("\n".join(str(problem) for problem in self.problems))

    @property
    def report(self) -> str:
        """Every problem, and how many they are."""
        count = len(self.problems)
        return f"{self}\n{count} problème{'s' if count > 1 else ''}"


class InvalidDocument(InvalidInput):
    """A file cannot be read, or is not YAML that can be trusted."""


class InvalidRulebook(InvalidInput):
    """A rulebook does not hold together."""


class InvalidProfile(InvalidInput):
    """A profile does not fit its rulebook."""


class UnknownAction(ConseilError):
    """An action id that the rulebook does not have."""


class EngineError(ConseilError):
    """An inference engine failed, or would have."""


class EngineUnavailable(EngineError):
    """The engine that was asked for cannot run on this machine; the message says why."""


class RulebookTooLarge(EngineError):
    """The engine cannot take this rulebook; the message names the rule."""


def legible(text: str) -> str:
    """Show text that somebody else wrote on one line, with nothing invisible in it and no endless word.

    >>> legible("choix `a\N{ZERO WIDTH SPACE}b` inconnu")
    'choix `a<U+200B>b` inconnu'
    """
    longest_word, longest = 60, 1000
    seen = "".join(_visible(character) for character in text)
    seen = re.sub(r"`([^`]*)`", lambda word: f"`{_cut(word[1], longest_word)}`", seen)
    return _cut(seen, longest)


def _cut(text: str, longest: int) -> str:
    return text if len(text) <= longest else f"{text[: longest - 1]}…"


def _visible(character: str) -> str:
    if character == "\n":
        return "↵"
    hidden = unicodedata.category(character) in {"Cc", "Cf", "Co", "Cs", "Zl", "Zp"}
    return f"<U+{ord(character):04X}>" if hidden else character


def named(raw: object) -> str:
    """Name a value that was not expected: as it was written, or what kind of thing it is.

    >>> named("12 000"), named(["foncier"]), named(None)
    ('`12 000`', 'une liste', 'rien')
    """
    match raw:
        case None:
            return "rien"
        case list() | tuple():
            return "une liste"
        case Mapping():
            return "un bloc"
        case bool():
            return "`oui`" if raw else "`non`"
    return f"`{raw}`"


_REASONS = {
    errno.ENOENT: "le dossier n’existe pas",
    errno.EEXIST: "un fichier porte déjà ce nom",
    errno.ENOTDIR: "un fichier tient la place d’un dossier dans ce chemin",
    errno.EISDIR: "c’est un dossier ; donnez le nom d’un fichier",
    errno.EEXIST: "autre chose porte déjà ce nom, et ce n’est pas un dossier",
    errno.EACCES: "vous n’en avez pas le droit",
    errno.EPERM: "vous n’en avez pas le droit",
    errno.EROFS: "ce disque est en lecture seule",
    errno.ENOSPC: "le disque est plein",
    errno.ENAMETOOLONG: "le nom est trop long",
    errno.ELOOP: "les liens tournent en rond",
}


def reason_of(error: OSError) -> str:
    """Say why the system refused a file.

    >>> reason_of(PermissionError(13, "Permission denied"))
    'vous n’en avez pas le droit'
    """
    return _REASONS.get(error.errno or 0, f"le système répond : {error.strerror or error}")


def nearest(word: str, known: Iterable[str], otherwise: str = "aucun nom connu ne s’en approche") -> str:
    """Return the hint "vouliez-vous dire …", else the whole list where it is short, else another hint.

    Case, accents and spaces do not count; a letter that only looks right is pointed at. Where no name is spelt nearly
    so, those that hold all the words are named.

    >>> nearest("fonciers", ["foncier", "besoins"])
    'vouliez-vous dire `foncier` ?'
    >>> nearest("scic", ["accompagner-scic", "plan-communication", "capital-scic"])
    'vouliez-vous dire `accompagner-scic` ou `capital-scic` ?'
    >>> nearest("Mise en réseau", ["animation", "mise-en-reseau"])
    'vouliez-vous dire `mise-en-reseau` ?'
    >>> nearest("x", ["oui", "non"])
    'possibilités : `oui`, `non`'
    """
    import difflib  # noqa: PLC0415 - where nothing is wrong, nothing is nearly right

    words = list(known)
    by_fold = {folded(known_word): known_word for known_word in reversed(words)}
    close = difflib.get_close_matches(folded(word[:200]), by_fold, n=1, cutoff=0.7)
    if close:
        strange = [letter for letter in word if letter.isalpha() and "LATIN" not in unicodedata.name(letter, "LATIN")]
        remark = f" la lettre « {strange[0]} » (U+{ord(strange[0]):04X}) n’est pas latine" if strange else ""
        return f"vouliez-vous dire `{by_fold[close[0]]}` ?{remark}"
    holding = [f"`{known_word}`" for known_word in words if _holds(folded(known_word), folded(word))]
    few, shown = 5, 15
    if holding and len(holding) <= few:
        *first, last = holding
        return f"vouliez-vous dire {', '.join(first)}{' ou ' * bool(first)}{last} ?"
    if words and len(words) <= shown:
        return "possibilités : " + ", ".join(f"`{known_word}`" for known_word in words)
    return otherwise


def _holds(known_word: str, word: str) -> bool:
    """Say whether a name holds every part of what was typed, of which one at least tells something.

    >>> [_holds("plan-communication", word) for word in ("plan-com", "n", "plan-x")]
    [True, False, False]
    """
    parts, telling = [part for part in re.split(r"[-_.]", word) if part], 3
    return any(len(part) >= telling for part in parts) and all(part in known_word for part in parts)


def folded(word: str) -> str:
    """Return a word without what people get wrong first: case, accents, and the spaces of a label.

    >>> folded("Étude d’opportunité")
    'etude-d-opportunite'
    """
    bare = "".join(letter for letter in unicodedata.normalize("NFKD", word) if not unicodedata.combining(letter))
    return re.sub(r"[\s’']+", "-", bare.strip()).lower()
