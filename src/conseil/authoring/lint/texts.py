"""Every text that the authors of a rulebook wrote: what a reader of a plan or of a questionnaire sees in their words.

The quotations of the guide are none of them: they stay as they were printed.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields
from typing import NamedTuple

from conseil.authority import Source
from conseil.errors import Location
from conseil.records import Record
from conseil.rulebook import Entry, Rule, Rulebook

__all__ = ["Passage", "passages"]

_SENTENCES = frozenset({"because", "help", "how", "rationale", "text"})
_QUESTIONS = frozenset({"ask"})
_NAMES = frozenset({"ask_whom", "label", "name", "partners", "publisher", "reference", "resources", "title", "unit"})
_PROSE = _SENTENCES | _QUESTIONS | _NAMES

_IDS = ("id", "action", "scenario", "stage", "value")
"""The keys that tell one record of a list from the others."""


class Passage(NamedTuple):
    """A text, and where it stands.

    Attributes:
        entry: the entry of a file that it belongs to.
        location: the way to it inside the entry.
        about: how a finding on it is called: the entry, then the way, each record of a list by its id.
        text: the text itself.
        beside: the other texts of the same record, by key.
    """

    entry: Entry
    location: Location
    about: str
    text: str
    beside: dict[str, str]

    @property
    def key(self) -> str:
        """The key under which it is written: for instance `because` or `title`."""
        return next(part for part in reversed(self.location) if isinstance(part, str))

    @property
    def is_sentence(self) -> bool:
        """Whether it is made of whole sentences, each with its full stop; a title or a label is not."""
        return self.key in _SENTENCES

    @property
    def is_question(self) -> bool:
        """Whether it is put to the agent."""
        return self.key in _QUESTIONS


def passages(rulebook: Rulebook) -> Iterator[Passage]:
    """Walk every text of a rulebook, entry by entry.

    >>> from conseil import load_rulebook
    >>> found = {passage.about: passage.text for passage in passages(load_rulebook())}
    >>> found["foncier/label"], found["foncier/choices/bati/label"]
    ('Foncier disponible', 'un bâtiment (friche comprise)')
    """
    for entry, record in _entries(rulebook):
        # a fact that is deduced has two entries, its question and its deduction
        about = f"{entry.id}/deduction" if entry.kind == "deduction" else entry.id
        yield from _passages(record, entry, (), about)


def _entries(rulebook: Rulebook) -> Iterator[tuple[Entry, Record]]:
    laid = {theme.id for overlay in rulebook.overlays for theme in overlay.themes}
    themes = tuple(theme for theme in rulebook.guide.themes if theme.id not in laid)  # the others stand in overlays
    yield Entry("guide", rulebook.guide.id), rulebook.guide.model_copy(update={"themes": themes})
    for overlay in rulebook.overlays:
        yield Entry("overlay", overlay.id), overlay
    for question in rulebook.questions:
        yield Entry("question", question.id), question
    for deduction in rulebook.deductions:
        yield Entry("deduction", deduction.fact), deduction
    for action in rulebook.actions:
        yield Entry("action", action.id), action
        for rule in action.rules:
            yield Entry("rule", rule.id), rule
    for example in rulebook.examples:
        yield Entry("example", example.id), example


def _passages(record: Record, entry: Entry, way: Location, about: str) -> Iterator[Passage]:
    values = {field.name: getattr(record, field.name) for field in fields(record)}
    texts = {key: value for key, value in values.items() if key in _PROSE and isinstance(value, str)}
    for key, text in texts.items():
        beside = {other: value for other, value in texts.items() if other != key}
        yield Passage(entry, (*way, key), f"{about}/{key}", text, beside)
    for key, value in values.items():
        if isinstance(value, Record) and not isinstance(value, Source):
            yield from _passages(value, entry, (*way, key), f"{about}/{key}")
        elif isinstance(value, tuple):
            names = _names(value)
            for index, part in enumerate(value):
                place = (*way, key, index)
                if isinstance(part, str) and key in _PROSE:
                    yield Passage(entry, place, f"{about}/{key}/{names[index]}", part, {})
                elif isinstance(part, Record) and not isinstance(part, Rule):  # a rule is an entry of its own
                    yield from _passages(part, entry, place, f"{about}/{key}/{names[index]}")


def _names(parts: tuple[object, ...]) -> list[str]:
    """Name each part of a list: by its id where no other has it, else by its place, from 1."""
    ids = [next((str(value) for key in _IDS if (value := getattr(part, key, None))), "") for part in parts]
    return [name if name and ids.count(name) == 1 else str(place) for place, name in enumerate(ids, 1)]
