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

import difflib
from collections.abc import Iterable, Sequence
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
    "nearest",
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

    def __str__(self) -> str:
        """Show the place, the message, and the hint below it."""
        place = ":".join(str(part) for part in (self.path, self.line, self.column) if part is not None)
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


def nearest(word: str, known: Iterable[str]) -> str | None:
    """Return the hint "vouliez-vous dire …", or the whole list where it is short, or nothing.

    >>> nearest("fonciers", ["foncier", "besoins"])
    'vouliez-vous dire `foncier` ?'
    >>> nearest("x", ["oui", "non"])
    'valeurs possibles : `oui`, `non`'
    """
    words = list(known)
    close = difflib.get_close_matches(word.lower(), words, n=1, cutoff=0.6)
    if close:
        return f"vouliez-vous dire `{close[0]}` ?"
    shown = 12
    if words and len(words) <= shown:
        return "valeurs possibles : " + ", ".join(f"`{known_word}`" for known_word in words)
    return None
