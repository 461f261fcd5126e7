"""What changed in the entries of a rulebook: which are new, which are gone, and which fields of the others differ."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from conseil.records import Record
from conseil.rulebook import Rulebook

__all__ = ["ORDER", "Change", "ChangeKind", "EntryKind", "Field", "changes"]

ChangeKind = Literal["added", "removed", "changed"]
EntryKind = Literal["guide", "question", "deduction", "action", "rule", "example"]


ORDER = "(ordre)"
"""What the way to a list ends with where its order differs."""

_CONDITIONS = frozenset({"when", "asked_when"})
"""The fields that are compared whole: a test in a condition says nothing by itself."""


@dataclass(frozen=True, slots=True)
class Field:
    """A field that differs, by its way inside the entry; `None` on the side that does not have it."""

    way: tuple[str, ...]
    before: object
    after: object


@dataclass(frozen=True, slots=True)
class Change:
    """An entry that is not what it was.

    Attributes:
        entry: what kind of entry it is.
        id: its id; of a deduction, the fact.
        kind: added, removed or changed.
        fields: what differs, of one that changed.
    """

    entry: EntryKind
    id: str
    kind: ChangeKind
    fields: tuple[Field, ...] = ()


def changes(before: Rulebook, after: Rulebook) -> tuple[Change, ...]:
    """Return what changed, in the order of the guide; what is gone comes last of its kind.

    >>> from conseil import load_rulebook
    >>> changes(load_rulebook(), load_rulebook())
    ()
    """
    return tuple(found for kind in _READERS for found in _changed(kind, before, after))


def _changed(kind: EntryKind, before: Rulebook, after: Rulebook) -> Iterator[Change]:
    old, new = dict(_READERS[kind](before)), dict(_READERS[kind](after))
    for name, entry in new.items():
        if name not in old:
            yield Change(kind, name, "added")
        elif fields := tuple(_fields(old[name], entry)):
            yield Change(kind, name, "changed", fields)
    yield from (Change(kind, name, "removed") for name in old if name not in new)


def _fields(before: object, after: object, way: tuple[str, ...] = ()) -> Iterator[Field]:
    """Walk what differs, as deep as both sides are mappings; lists of entries are read by what names each."""
    key = way[-1] if way else ""
    if key == ORDER and isinstance(before, list) and isinstance(after, list):
        # what is new or gone is said elsewhere
        before, after = [name for name in before if name in after], [name for name in after if name in before]
    if before == after:
        return
    old, new = _by_name(before), _by_name(after)
    if old is None or new is None or key in _CONDITIONS:
        yield Field(way, before, after)
        return
    for name in {**old, **new}:
        yield from _fields(old.get(name), new.get(name), (*way, str(name)))
    if isinstance(after, list):
        yield from _fields(list(old), list(new), (*way, ORDER))


def _by_name(value: object) -> Mapping[Any, Any] | None:
    """Return a mapping, or a list of entries by what names each; nothing of anything else."""
    if isinstance(value, Mapping):
        return value
    entries = value if isinstance(value, list) else []
    for key in ("id", "stage", "scenario", "action", "value", "text"):
        names = [entry.get(key) if isinstance(entry, Mapping) else None for entry in entries]
        if names and None not in names and len(set(names)) == len(names):
            return dict(zip(names, entries, strict=True))
    return None


_Entries = Iterable[tuple[str, Any]]


def _guide(rulebook: Rulebook) -> _Entries:
    data = _dump(rulebook.guide)
    data["actions"] = {ORDER: [action.id for action in rulebook.actions]}
    data["questions"] = {ORDER: [question.id for question in rulebook.questions]}
    return [(rulebook.guide.id, data)]


def _questions(rulebook: Rulebook) -> _Entries:
    return [(one.id, _dump(one) | {"theme": rulebook.themes.get(one.id)}) for one in rulebook.questions]


def _actions(rulebook: Rulebook) -> _Entries:
    for action in rulebook.actions:
        data = _dump(action)
        del data["rules"]
        yield action.id, data | {"rules": {ORDER: [rule.id for rule in action.rules]}}


def _dump(entry: Record) -> dict[str, Any]:
    """Return a record as its file holds it."""
    return entry.model_dump(mode="json", exclude_defaults=True)


_READERS: Mapping[EntryKind, Callable[[Rulebook], _Entries]] = {
    "guide": _guide,
    "question": _questions,
    "deduction": lambda rulebook: [(one.fact, _dump(one)) for one in rulebook.deductions],
    "action": _actions,
    "rule": lambda rulebook: [(rule.id, _dump(rule)) for rule in rulebook.rules.values()],
    "example": lambda rulebook: [(one.id, _dump(one)) for one in rulebook.examples],
}
