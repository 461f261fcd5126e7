"""What every engine is asked, and what it answers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import compress
from typing import Protocol, TypeVar

from conseil.conditions import FactValue, Verdict
from conseil.profile import Known

__all__ = ["Engine", "Inference", "Verdicts"]

Name = TypeVar("Name")

_DIGITS = bytes.maketrans(b"01", bytes([0, 1]))


class Verdicts(Mapping[Name, Verdict]):
    """The verdicts of many conditions, as two sets of bits: what is true, and what is unknown.

    Reads as a mapping from names to verdicts. With the bits, a question about many verdicts is one operation.

    Attributes:
        places: the bit of each name, in their order, from 0.
        true: the bits of what is true.
        unknown: the bits of what is unknown; the rest is false.

    >>> verdicts = Verdicts({"a": 0, "b": 1, "c": 2}, true=0b001, unknown=0b100)
    >>> dict(verdicts), verdicts.names(verdicts.true)
    ({'a': True, 'b': False, 'c': None}, ['a'])
    """

    __slots__ = ("places", "true", "unknown")

    def __init__(self, places: Mapping[Name, int], true: int, unknown: int) -> None:
        self.places = places
        self.true = true
        self.unknown = unknown

    @classmethod
    def of(cls, verdicts: Mapping[Name, Verdict], places: Mapping[Name, int]) -> Verdicts[Name]:
        """Return the verdicts of these names as bits, whichever way they are held."""
        if isinstance(verdicts, Verdicts) and (verdicts.places is places or verdicts.places == places):
            return verdicts
        true = unknown = 0
        for name, place in places.items():
            verdict = verdicts[name]
            if verdict:
                true |= 1 << place
            elif verdict is None:
                unknown |= 1 << place
        return cls(places, true, unknown)

    def names(self, bits: int) -> list[Name]:
        """Return the names that have these bits, in their order."""
        return list(compress(self.places, _spread(bits)))

    def digits(self) -> bytes:
        """Return a byte for each name, in their order: 0 for what is false, 1 for what is true, 2 for what is unknown.

        >>> list(Verdicts({"a": 0, "b": 1, "c": 2}, true=0b001, unknown=0b100).digits())
        [1, 0, 2]
        """
        found = int.from_bytes(_spread(self.true), "little")
        if self.unknown:
            found |= int.from_bytes(_spread(self.unknown), "little") << 1
        return found.to_bytes(len(self.places), "little")

    def __getitem__(self, name: Name) -> Verdict:
        """Return the verdict of a condition."""
        bit = 1 << self.places[name]
        return True if self.true & bit else None if self.unknown & bit else False

    def __iter__(self) -> Iterator[Name]:
        """Walk the names."""
        return iter(self.places)

    def __len__(self) -> int:
        """Count the names."""
        return len(self.places)


def _spread(bits: int) -> bytes:
    """Return a byte for each bit, the lowest first."""
    return f"{bits:b}"[::-1].encode().translate(_DIGITS)


@dataclass(frozen=True, slots=True)
class Inference:
    """What follows from what is known of a territory.

    Attributes:
        facts: every known fact: answers, progress (`progress.<action>`), deductions, and `not_applicable`.
        deduced: the facts that a deduction gave, with the index of the outcome that did (the last is `otherwise`).
        ignored: answers that do not count, because their question does not apply.
        waiting: answers that do not count yet, because it is not known whether their question applies.
        rules: the verdict of each rule on an action, by its id.
        criteria: the verdict of each criterion of each stage, by scenario, stage and place.
    """

    facts: Mapping[str, FactValue]
    deduced: Mapping[str, int]
    ignored: tuple[str, ...]
    waiting: tuple[str, ...]
    rules: Mapping[str, Verdict]
    criteria: Mapping[tuple[str, str, int], Verdict]


class Engine(Protocol):
    """A compiled rulebook, ready to judge any number of profiles, from several threads at once."""

    name: str

    def infer(self, known: Known) -> Inference:
        """Return what follows from a profile."""
        ...
